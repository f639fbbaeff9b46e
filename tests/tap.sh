# Functions for tests that are shell scripts. They print TAP, with a summary like node's, which tests/run.sh reads.
# shellcheck shell=bash
number=0 passed=0 failed=0

# check NAME COMMAND…: runs one test, and prints the output of the command if it fails.
check() {
  local name=$1 said
  shift
  number=$((number + 1))
  if said=$("$@" 2>&1); then
    passed=$((passed + 1))
    echo "ok $number - $name"
  else
    failed=$((failed + 1))
    echo "not ok $number - $name"
    tail -n 30 <<<"$said" | sed 's/^/# /'
  fi
}

# Prints the summary. Succeeds if at least one test passed and none failed.
finish() {
  printf '1..%s\n# tests %s\n# pass %s\n# fail %s\n' "$number" "$number" "$passed" "$failed"
  [[ $failed -eq 0 && $passed -gt 0 ]]
}

# until_true SECONDS COMMAND…: waits until the command succeeds.
until_true() {
  local seconds=$1 start=$SECONDS
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS - start < seconds)) || { echo "Not within $seconds s: $*"; "$@"; return 1; }
    sleep 0.2
  done
}

# count_tap NAMES FILE: adds up the numbers in TAP summaries; node prints one summary for each run.
count_tap() { awk -v names=" $1 " '$1 == "#" && NF == 3 && index(names, " " $2 " ") { sum += $3 } END { print sum + 0 }' "$2"; }
