#!/usr/bin/env bash
# Tests the client with a fake server and with the service, the AI SDK with the service, and the sample's page in Chromium. Prints TAP.
# Run prepare.sh and build src/Orion.Api first.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
status=0

cd "$root/clients/typescript" || exit 1
node --test --test-reporter=tap build-test/test/*.test.js || status=1
cd "$root/tests/web" || exit 1
# Sequentially, because each test file starts Orion.
node --test --test-reporter=tap --test-concurrency=1 client.test.js ai-sdk.test.js browser.test.js || status=1
exit "$status"
