#!/usr/bin/env bash
# Tests deploy/kubernetes without a cluster: renders the chart with helm, and checks the manifests. Prints TAP. Needs Node and npm's registry.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
[[ node_modules/.package-lock.json -nt package-lock.json ]] || npm ci --no-audit --no-fund --loglevel=error
node --test --test-reporter=tap ./*.test.js
