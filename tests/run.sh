#!/usr/bin/env bash
# Runs all tests, from any folder. Finds or installs the PostgreSQL, Node, Chromium and Prometheus that they need. The last line is
# "N passed, N failed, N skipped" for all tests. The exit code is not 0 if a test failed or none ran.
#
#   tests/run.sh                     all tests: about 15 minutes on 2 cores
#   tests/run.sh Orion.UnitTests     the tests of one project
#   tests/run.sh CreatingSessions    the .NET tests whose full name contains this: a namespace, a class or a method
#   tests/run.sh --filter-class …    arguments of dotnet test, for all .NET tests
#   tests/run.sh --two-instances     the tests of the HTTP routes on PostgreSQL, with two instances that get the requests in turn
#
# The tests look for PostgreSQL in this order (tests/Orion.IntegrationTests/Fixtures/PostgresServers.cs):
#   ORION_TEST_POSTGRES         the connection string of a superuser (in Npgsql's format, or a postgresql:// address)
#   Docker                      with the image ORION_TEST_POSTGRES_IMAGE, by default the official image
#   initdb, pg_ctl, postgres    on this machine: a private cluster in a temporary folder, never as root
# If none of these is available, the script installs Debian's package if it runs as root; otherwise it prints what to install.
# A trap and beside call some functions, which shellcheck does not follow.
# shellcheck disable=SC2317
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# Shells start background jobs with SIGINT ignored, which processes inherit. Some tests send this signal.
if [[ $(trap -p INT) == "trap -- ''"* ]] && env --default-signal=INT true 2>/dev/null; then exec env --default-signal=INT bash tests/run.sh "$@"; fi

projects=(tests/*/*.csproj)
arguments=("$@")
integration=tests/Orion.IntegrationTests/Orion.IntegrationTests.csproj
two_instances=(--filter-trait Instances=several --filter-not-trait 'OneInstance=*')
if [[ $# -eq 1 && $1 == --two-instances ]]; then
  projects=()
elif [[ $# -eq 1 && -f tests/$1/$1.csproj ]]; then
  projects=("tests/$1/$1.csproj") arguments=()
elif [[ $# -eq 1 && $1 != -* ]]; then
  # Exit code 8: a project has no such test.
  arguments=(--filter-display-name "*$1*" --ignore-exit-code 8)
elif [[ $# -eq 0 ]]; then
  echo "Running all tests, which takes about 15 minutes on 2 cores. Each line is a class, or a failed test."
fi

docker_socket() {
  local host=${DOCKER_HOST:-unix:///var/run/docker.sock}
  [[ $host != unix://* || -S ${host#unix://} ]]
}

# shellcheck source=tests/tap.sh
source tests/tap.sh
# shellcheck source=scripts/programs.sh
source scripts/programs.sh

# The tests also need the local programs if the server is elsewhere: to stop a server, and for pg_dump.
if ! postgres_programs >/dev/null && ! install_packages postgresql && [[ -z ${ORION_TEST_POSTGRES:-} ]] && ! docker_socket; then
  echo "Or set ORION_TEST_POSTGRES, or start Docker." >&2
  echo "0 passed, 0 failed, 0 skipped"
  exit 1
fi

# Some tests need PgBouncer and Redis, but not their services.
missing=()
command -v pgbouncer >/dev/null || [[ -x /usr/sbin/pgbouncer ]] || missing+=(pgbouncer)
command -v redis-server >/dev/null || missing+=(redis-server)
[[ ${#missing[@]} -eq 0 ]] || install_packages "${missing[@]}" || true

passed=0 failed=0 skipped=0 broken=0
# Reads a number from the summary of dotnet test.
count() { sed -n "s/^ *$1: *\([0-9]\{1,\}\)$/\1/p" "$2" | tail -n 1; }

work=$(mktemp -d)
others=
end() {
  [[ -z $others ]] || kill -- "-$others" 2>/dev/null || true
  rm -rf "$work"
}
trap end EXIT

# Runs a command in the background, in its own process group, so that end can stop all of its processes.
beside() {
  set -m
  "$@" &
  others=$!
  set +m
}

if [[ $# -eq 0 ]]; then beside bash tests/web/prepare.sh; fi
built=0 prepared=0
dotnet build Orion.sln --nologo -v quiet -clp:NoSummary || built=1
if [[ $# -eq 0 ]]; then wait "$others" || prepared=1; fi
others=
if [[ $built -ne 0 || $prepared -ne 0 ]]; then
  echo "0 passed, 0 failed, 0 skipped"
  exit 1
fi

# These scripts print TAP. They spend most of their time waiting, as the integration tests do, so they run at the same time as those.
scripts=(tests/web/run.sh tests/monitoring.sh tests/deploy/check.sh tests/kubernetes/run.sh)
run_scripts() {
  local script
  for script in "${scripts[@]}"; do bash "$script" >"$work/${script//\//-}" 2>&1 || touch "$work/broken"; done
}
if [[ $# -eq 0 ]]; then beside run_scripts; fi

# Prints one line for each class when its last test has passed, instead of one for each test. Reads the list of all tests first.
by_class() {
  awk '
    function class(line) { sub(/\(.*/, "", line); sub(/ *\([^(]*$/, "", line); sub(/\.[^.]*$/, "", line); return line }
    NR == FNR { if ($1 ~ /^Orion\./) tests[class($1)]++; next }
    $1 ~ /^(passed|failed|skipped)$/ && $2 ~ /^Orion\./ {
      name = class($2)
      if ($1 != "passed") { print; others[name]++ }
      isPassed = $1 == "passed"
      if (++ended[name] == tests[name] && !others[name]) { print "passed " name " (" tests[name] ")"; fflush() }
      next
    }
    isPassed && /^  from / { next }
    { isPassed = 0; print; fflush() }' "$1" -
}

# run_tests TITLE PROJECT ARGUMENT…: runs the tests of a project with these arguments of dotnet test.
run_tests() {
  local title=$1 project=$2 log=$work/log ran
  shift 2
  echo "== $title"
  dotnet test --project "$project" --no-build --no-ansi --list-tests "$@" >"$work/tests" || true
  dotnet test --project "$project" --no-build --no-ansi --progress off --output Detailed "$@" 2>&1 | by_class "$work/tests" | tee "$log" || broken=1
  ran=$(count succeeded "$log")
  if [[ -z $ran ]]; then
    echo "$title did not run." >&2
    broken=1
    return
  fi
  passed=$((passed + ran)) failed=$((failed + $(count failed "$log"))) skipped=$((skipped + $(count skipped "$log")))
}

for project in "${projects[@]}"; do run_tests "$(basename "$project" .csproj)" "$project" "${arguments[@]}"; done
if [[ $# -eq 0 || $1 == --two-instances ]]; then
  ORION_TEST_INSTANCES=2 run_tests 'Orion.IntegrationTests with two instances' "$integration" "${two_instances[@]}"
fi

if [[ $# -eq 0 ]]; then
  wait "$others" || broken=1
  others=
  [[ ! -e $work/broken ]] || broken=1
  for script in "${scripts[@]}"; do
    log=$work/${script//\//-}
    echo "== $script"
    cat "$log"
    [[ $(count_tap pass "$log") -gt 0 ]] || broken=1
    passed=$((passed + $(count_tap pass "$log"))) failed=$((failed + $(count_tap "fail cancelled" "$log")))
    skipped=$((skipped + $(count_tap "skipped todo" "$log")))
  done
fi

[[ $((passed + failed)) -gt 0 && $failed -eq 0 && $broken -eq 0 ]] && status=0 || status=1
echo "$passed passed, $failed failed, $skipped skipped"
exit "$status"
