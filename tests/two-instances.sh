#!/usr/bin/env bash
# Tests two instances of Orion behind HAProxy (deploy/haproxy/haproxy.cfg), with PostgreSQL and Redis, in less than two minutes on an idle
# machine: a rolling restart under load, and what the instances share. Needs a build of src/Orion.Api; installs Debian's packages if it runs
# as root. Prints TAP; the last line is "N passed, N failed, N skipped".
# A trap calls end, which shellcheck does not follow.
# shellcheck disable=SC2317
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1

# shellcheck source=tests/tap.sh
source tests/tap.sh
# shellcheck source=scripts/programs.sh
source scripts/programs.sh

missing=()
for program in haproxy redis-server openssl; do
  command -v "$program" >/dev/null || [[ -x /usr/sbin/$program ]] || missing+=("$program")
done
command -v node >/dev/null || missing+=(nodejs)
postgres_programs >/dev/null || missing+=(postgresql)
if [[ ${#missing[@]} -gt 0 ]] && ! install_packages "${missing[@]}"; then
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
fi

folder=$(mktemp -d /tmp/orion-instances.XXXXXX)
tests=
end() {
  # The process group: the tests and all servers that they have started.
  [[ -z $tests ]] || kill -KILL -- "-$tests" 2>/dev/null
  rm -rf "$folder"
}
trap end EXIT
trap 'exit 1' INT TERM

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
  -keyout "$folder/key.pem" -out "$folder/ca.pem" 2>/dev/null && cat "$folder/ca.pem" "$folder/key.pem" >"$folder/orion.pem"

: >"$folder/tap"
set -m
FOLDER=$folder POSTGRES=$(postgres_programs) PATH=$PATH:/usr/sbin NODE_EXTRA_CA_CERTS=$folder/ca.pem \
  node --test --test-reporter=tap --test-concurrency=1 tests/two-instances/*.test.mjs >"$folder/tap" &
tests=$!
set +m
tail -f --pid="$tests" "$folder/tap" &
wait "$tests"
status=$?
wait
passed=$(count_tap pass "$folder/tap") failed=$(count_tap 'fail cancelled' "$folder/tap")
[[ $passed -gt 0 && $failed -eq 0 && $status -eq 0 ]] || status=1
echo "$passed passed, $failed failed, $(count_tap 'skipped todo' "$folder/tap") skipped"
exit "$status"
