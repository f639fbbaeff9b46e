#!/usr/bin/env bash
# Tests the client with a fake server and with the service; with the service also the AI SDK, the frontend of Phase 1, and the samples' pages in
# Chromium, one of them as a production build. Prints TAP. Run prepare.sh, and build src/Orion.Api and src/Orion.Cli, first.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
status=0

cd "$root/clients/typescript" || exit 1
node --test --test-reporter=tap build-test/test/*.test.js || status=1
cd "$root/tests/web" || exit 1
# Sequentially, because each test file starts Orion.
node --test --test-reporter=tap --test-concurrency=1 ./*.test.js || status=1
exit "$status"
