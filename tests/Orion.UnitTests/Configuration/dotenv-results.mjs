// Makes dotenv-results.json, the table that EnvFileTests compares EnvFile with: what Node's dotenv answers for nasty files.
// Made with dotenv 17.4.2 on Node 20, in a folder outside the repository:
//
//   npm i dotenv@17 && cp .../dotenv-results.mjs . && node dotenv-results.mjs > .../dotenv-results.json
//
// The random part is seeded, so a second run gives the same table.
import { createRequire } from 'node:module'

const { parse } = createRequire(import.meta.url)('dotenv')

const written = [
  '', '\n', '\r\n', ' ', '#', '# a comment', 'A', 'A=', 'A= ', 'A=1', 'A=1\n', 'A=1\r\n', 'A=1\r', 'A=1\rB=2', 'A=1\r\nB=2\r\n',
  '\ufeffA=1', '\ufeff\ufeffA=1', '\ufeff# c\nA=1', 'A=\ufeff1\ufeff', 'A=\u00a01\u00a0', 'A=\u00851\u0085', '\u0085A=1', 'A\u0085=1',
  'A=\u180e1\u180e', 'A=\u20281', 'A=1\u2028B=2', 'A=1\u2029B=2', 'A=1 # c\u2028B=2', 'A="1"\u2028B=2', "A='1'\u2029B='2'", 'A=1\u2028#x\nB=2',
  'A="x\u2028y"', "A='x\u2028'y'", 'A=1\vB=2', 'A=1\fB=2', '\vA=1', 'A=\t1\t',
  'PASSWORD=p@$$w0rd', 'PASSWORD="p@$$w0rd"', "PASSWORD='p@$$w0rd'", 'PASSWORD=`p@$$w0rd`', 'A=$B', 'B=1\nA=${B}', "A='$1$2$&'", 'A="$1"',
  'A=p#w', 'A=p #w', 'A="p#w"', "A='p#w'", 'A=`p#w`', 'A="p#w" # c', "A='p#w'#c", 'A=#w', 'A= #w', 'A="p"w#x', 'A=p"#"w', "A=p'#'w",
  'A="x', "A='x", 'A=`x', 'A=x"', "A=x'", 'A=x`', 'A="x\nB=2', "A='x\nB='2'", 'A="x\nB="2"', 'A="x\nB=2\nC=3"', 'A=`x\nB=2`\nC=3',
  'A=""', "A=''", 'A=``', 'A=" "', "A=' x '", 'A="  x  "', 'A=""x""', "A=''x''", 'A="x"y"', "A='x'y'", 'A="x" "y"', "A='x' 'y'",
  'A="x\'y"', "A='x\"y'", 'A=`x"\'y`', 'A="x`y"', 'A="x\\"y"', "A='x\\'y'", 'A=`x\\`y`', 'A="x\\"', "A='x\\'", 'A="x\\\\"', 'A="\\""',
  'A="x\\ny"', "A='x\\ny'", 'A=`x\\ny`', 'A=x\\ny', 'A="x\\r\\ny"', 'A="x\\ty"', 'A="x\\\\ny"', 'A="x\\n', 'A="x\\ny" # z', 'A= "x\\ny"',
  'A="1\n2\n3"', "A='1\n2\n3'", 'A=`1\n2\n3`', 'A="1\r\n2\r\n3"', 'A="1\r2"', 'A="1\n\n\n2"\nB=3', "A='\n1\n'", 'A="\n#\n"', 'A="\'1\'\n\'2\'"',
  'A="1\n"2"\n3"', 'A="x"\n"y"', "A='x'\n'y'", "A=\n'x'", 'A=\n"x"', 'A=\n\n\n`x`', 'A=\nB=2', 'A=\n\nB=2', 'A= \n B=2', 'A=\n# c\nB=2', 'A=\n"x"\nB=2',
  'export A=1', 'export  A=1', ' export A=1', 'export\tA=1', 'exportA=1', 'export=1', 'export =1', 'export A', 'export\nA=1', 'EXPORT A=1', 'export export A=1',
  'export A: 1', 'A:1', 'A: 1', 'A:  1', 'A:\t1', 'A :1', 'A : 1', 'A:\n1', 'A:\n\n"1"', 'A: "1"', 'A:"1"', "A: '1' # c", 'A: #c', 'A: ', 'A:', 'KEY: value',
  'A =1', 'A = 1', 'A= 1', 'A  =  1', ' A=1', '\tA=1', '\n\n A=1', 'A=1 ', 'A==1', 'A===', 'A=1=2', 'A=B=C', 'A:=1', 'A=:1', 'A = "1"', 'A\n=1', 'A\n=\n1',
  'A.B=1', 'A-B=1', '.=1', '-=1', 'A_B=1', '1=1', '1A=2', 'Ä=1', 'ÄB=1', 'A+B=1', 'A B=1', 'A\u0661=1', 'K\u212a=1', '\u0131=1', 'A$=1', 'A/B=1', '?A=1', '=1', '"A"=1',
  'A=1\nA=2', 'A=1\nA=', 'A=\nA=2', 'a=1\nA=2', 'A="1"\nA=\'2\'', 'A=1\nB\nC=3', 'garbage\nA=1', 'A=1 B=2', 'A=1;B=2', 'A=1,B=2', '#A=1\nB=2', ' # A=1\nB=2', '#\nA=1',
  'A="1" B=2', "A='1'B=2", 'A="1"x', "A='1'x", 'A="1"  x  ', 'A=x "1"', 'A=x "1" # c', 'A=x#"1"', 'A="#"#"#"', "A='#'#'#'", 'A="a" #"b"', "A=\"a'b\" # it's", "A='a' # it's\nB='b'",
  "A=it's # c\nB='x'", 'A=5" # c\nB="x"', "A='x # c\nB=y'", 'A="x # c\nB=y"', 'A="x # c', "A='x # c\nB=2", 'A=`x # c\nB=`2`', "A=don't", "A=don't # can't", "A='don't'", "A='don't' # c",
  'DATABASE_URL=postgresql://u:p%40w@db.example.com:5432/n?sslmode=require', 'DATABASE_URL="postgresql://u:p#w@db.example.com/n"', 'DATABASE_URL=postgresql://u:p#w@db.example.com/n',
  'ALLOWED_ORIGINS=https://a.example.com, https://b.example.com', 'ALLOWED_ORIGINS=', 'ALLOWED_ORIGINS=""', 'JSON={"a": "b"}', "JSON='{\"a\": \"#b\"}'", 'JSON={"a": "#b"}',
  'KEY="-----BEGIN X-----\nab+/==\n-----END X-----\n"', 'KEY=-----BEGIN X-----\nab==\ncd+/==\n-----END X-----', 'A=\\', 'A="\\"', "A='\\'", 'A=\\#x', 'A="\\#x"', 'A=\\"x\\"',
  'A=😀', 'A="😀#"', 'A=\u0000x', 'A=x\u0000', 'A="x\u0000y"', 'A=é # è', 'A=日本語', "A='日本語' # c", 'A=\u200b1', 'A=\u30001\u3000', 'A=\u2003"1"\u2003', 'A\u2003=1',
  '`A`=1', "A=`'\"`", "A='`\"'", 'A="`\'"', 'A=`x`y`', 'A="x`', "A=`x'", 'A=\'x"', 'A=""""', "A=''''", 'A=```', 'A="""x"""', "A='''x'''\nB=1", 'A="\nB="\nC="', "A='\nB='\nC='\n",
  'A="1\\\n2"', 'A=1\\\n2', 'A=1 \\\nB=2', 'A=true\nB=false\nC=null', 'A=  "x" ', 'A=  "x" y', 'A=\'x\'  #', 'A="x"#', 'A=x#', 'A=#', 'A=##', 'A="##"##', '##A=1', 'A=1##\nB=2',
]

let state = 20260101
const next = (n) => { state = (Math.imul(state, 1103515245) + 12345) >>> 0; return (state >>> 8) % n }
const shards = ['A', 'B', 'KEY', 'x', 'y z', '1', '=', '=', '=', ': ', ':', '"', '"', "'", "'", '`', '\\"', "\\'", '\\n', '\\', '#', ' #', ' ', '\t', '\n', '\n', '\n', '\r\n', '\r',
  'export ', '$', '$1', '\u2028', '\ufeff', '\u00a0', '\u0085', 'A=1\n', 'B="', "C='", 'D=`', '"\n', "'\n", '`\n']
const random = Array.from({ length: 600 }, () => Array.from({ length: 2 + next(14) }, () => shards[next(shards.length)]).join(''))

const table = [...new Set([...written, ...random])].map((file) => ({ file, values: parse(file) }))
console.log('[\n' + table.map((row) => JSON.stringify(row)).join(',\n') + '\n]')
