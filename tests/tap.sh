# Sourced by the tests that are shell scripts: checks that print TAP, with sums such as node prints (tests/run.sh reads them).
# shellcheck shell=bash
number=0 passed=0 failed=0

# check NAME COMMAND…: one test, with what the command said where it fails.
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

# Prints the sums; well where something was tested and nothing failed.
finish() {
  printf '1..%s\n# tests %s\n# pass %s\n# fail %s\n' "$number" "$number" "$passed" "$failed"
  [[ $failed -eq 0 && $passed -gt 0 ]]
}
