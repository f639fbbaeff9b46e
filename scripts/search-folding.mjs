// Writes src/Orion.Application/Search/folding.txt: how search folds characters. Each line is a character and its folded form, which is
// empty for characters that search ignores. Characters without a line are folded to themselves.
//
//   node scripts/search-folding.mjs
//
// Node's version of ICU determines the version of Unicode. Orion runs without ICU, and .NET does not normalize texts without it.
import { writeFileSync } from 'node:fs';

// Letters without a decomposition that readers take for a variant of others.
const letters = new Map(Object.entries({
  'ß': 'ss', 'ẞ': 'ss', 'ı': 'i', 'æ': 'ae', 'œ': 'oe', 'ø': 'o', 'đ': 'd', 'ð': 'd', 'ħ': 'h', 'ł': 'l', 'ŧ': 't', 'þ': 'th', 'ς': 'σ',
  // Alef wasla.
  '\u0671': '\u0627',
}));

// Accents, and the points of Arabic, Hebrew and Syriac. Not the vowel signs of other scripts, without which their words are not readable,
// and not the voiced sound marks of Japanese, which make other letters.
const accent = /^[\p{Script=Inherited}\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}]$/u;
const voicedSoundMarks = /^[\u3099\u309a]$/u;
const nuktas = /^[\u093c\u09bc\u0a3c\u0abc\u0b3c\u0c3c\u0cbc]$/u;
const skinTones = /^[\u{1f3fb}-\u{1f3ff}]$/u;
const ignored = /^[\p{Default_Ignorable_Code_Point}\p{Cf}\u0640]$/u;

function isIgnored(c) {
  if (ignored.test(c) || nuktas.test(c) || skinTones.test(c)) return true;
  return /^[\p{Mn}\p{Me}]$/u.test(c) && accent.test(c) && !voicedSoundMarks.test(c);
}

// Zero of each set of decimal digits: the sets are contiguous.
function digit(c) {
  if (!/^\p{Nd}$/u.test(c)) return c;
  let start = c.codePointAt(0);
  while (/^\p{Nd}$/u.test(String.fromCodePoint(start - 1))) start--;
  return String((c.codePointAt(0) - start) % 10);
}

function fold(c) {
  // A syllable of Hangul is one character. The analyzer composes syllables that are written in parts.
  if (c >= '\uac00' && c <= '\ud7a3') return c;
  const once = [...c.normalize('NFKD').toLowerCase().normalize('NFKD')]
    .filter((part) => !isIgnored(part)).map((part) => digit(letters.get(part) ?? part)).join('');
  return once === c ? c : [...once].map((part) => (part === c ? part : fold(part))).join('');
}

const lines = [];
for (let point = 0x80; point <= 0x10ffff; point++) {
  if (point >= 0xd800 && point <= 0xdfff) continue;
  // The tags and variation selectors of plane 14 are one range, which the analyzer knows.
  if (point >= 0xe0000 && point <= 0xe0fff) continue;
  const c = String.fromCodePoint(point);
  if (/^\p{C}$/u.test(c) && !/^\p{Cf}$/u.test(c)) continue;
  const folded = fold(c);
  if (folded !== c) lines.push(c + folded);
}

writeFileSync(new URL('../src/Orion.Application/Search/folding.txt', import.meta.url), lines.join('\n') + '\n');
console.log(`${lines.length} characters`);
