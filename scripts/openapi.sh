#!/usr/bin/env bash
# Writes the document that the service serves to docs/openapi.json. With --check, it only checks whether the file is up to date.
set -euo pipefail
cd "$(dirname "$0")/.."

dotnet build src/Orion.Api --nologo -v quiet -clp:NoSummary >&2

folder=$(mktemp -d)
# The server's shell may create it only after it is read for the first time.
touch "$folder/log"
server=
trap '[[ -z $server ]] || { kill "$server" && wait "$server" || true; } 2>/dev/null; rm -rf "$folder"' EXIT
# An empty environment, so that no setting of this shell affects the document.
env -i PATH="$PATH" HOME="$HOME" DOTNET_ENVIRONMENT=Development ORION_ENV_FILE=none ORION_DATA_DIR="$folder/data" \
  dotnet src/Orion.Api/bin/Debug/net10.0/Orion.Api.dll --urls http://127.0.0.1:0 >"$folder/log" 2>&1 &
server=$!

for _ in $(seq 300); do
  url=$(sed -n 's/.*Orion listens on \(http:[^ ]*\).*/\1/p' "$folder/log")
  [[ -z $url ]] || break
  kill -0 "$server" 2>/dev/null || break
  sleep 0.2
done
[[ -n ${url:-} ]] || { cat "$folder/log" >&2; exit 1; }

curl -fsS "$url/openapi/v1.json" >"$folder/openapi.json"
echo >>"$folder/openapi.json"
if [[ ${1:-} == --check ]]; then
  diff -u docs/openapi.json "$folder/openapi.json" >&2 || { echo "docs/openapi.json is out of date: run scripts/openapi.sh and commit it." >&2; exit 1; }
else
  cp "$folder/openapi.json" docs/openapi.json
fi
