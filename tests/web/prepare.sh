#!/usr/bin/env bash
# Finds or installs the requirements of the client and page tests, checks the client's generated types, and builds the client.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=scripts/programs.sh
source "$root/scripts/programs.sh"

have_node() { node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' 2>/dev/null; }
have_chromium() {
  local program
  for program in "${ORION_TEST_CHROMIUM:-}" /usr/bin/chromium /usr/bin/chromium-browser /usr/bin/google-chrome; do
    [[ -n $program && -x $program ]] && return 0
  done
  return 1
}

missing=()
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
have_chromium || missing+=(chromium)
[[ ${#missing[@]} -eq 0 ]] || install_packages "${missing[@]}"

if ! have_node; then
  echo "The client and page tests need Node 20 or newer; installed: $(node --version 2>&1 || true). See https://nodejs.org." >&2
  exit 1
fi

install() {
  [[ $1/node_modules/.package-lock.json -nt $1/package-lock.json ]] && return
  npm ci --prefix "$1" --no-audit --no-fund --loglevel=error && return
  echo "npm could not install the packages in $1/package-lock.json. It needs access to a registry." >&2
  exit 1
}

# The check takes seconds, so it comes before everything else.
install "$root/clients/typescript"
if ! npm run --silent --prefix "$root/clients/typescript" check >/dev/null; then
  echo "The client's types differ from docs/openapi.json: run npm run generate in clients/typescript and commit src/schema.ts." >&2
  exit 1
fi

for folder in "$root/samples/next" "$root/samples/web" "$root/tests/web"; do install "$folder"; done

# The tests use the package as an application does: from its archive. npm pack builds it first.
modules=$root/tests/web/node_modules
rm -rf "$modules/orion-client"
mkdir "$modules/orion-client"
archive=$(cd "$root/clients/typescript" && npm pack --silent --pack-destination "$modules" | tail -n 1)
tar -xzf "$modules/$archive" -C "$modules/orion-client" --strip-components=1
npm run --silent --prefix "$root/clients/typescript" pretest
node "$root/samples/next/prepare.mjs"
