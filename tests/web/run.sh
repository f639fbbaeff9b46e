#!/usr/bin/env bash
# Tests the client against a fake server and against the running service, and the sample's page in Chromium. Prints TAP.
# Needs prepare.sh, and src/Orion.Api built.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
status=0

cd "$root/clients/typescript" || exit 1
node --test --test-reporter=tap build-test/test/client.test.js build-test/test/tokens.test.js || status=1
cd "$root/tests/web" || exit 1
# One after the other: each starts Orion.
node --test --test-reporter=tap --test-concurrency=1 client.test.js browser.test.js || status=1
exit "$status"
