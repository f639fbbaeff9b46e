#!/usr/bin/env bash
# Prints the section of a version in CHANGELOG.md. Fails if the section is missing or empty, or if Directory.Build.props has a different
# version.
# usage: scripts/release-notes.sh VERSION
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
  echo "release-notes.sh: $1" >&2
  exit 1
}

[[ $# -eq 1 ]] || fail "usage: scripts/release-notes.sh VERSION"
version=$1
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || fail "'$version' is not a version such as 1.2.3 or 1.2.3-rc.1."

project=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
[[ $project == "$version" ]] || fail "Directory.Build.props has version $project, not $version."

# From its heading, "## [1.2.3] - 2026-01-02", to the next one.
notes=$(awk -v heading="## [$version]" '
  /^## \[/ { inside = index($0, heading " - ") == 1; next }
  /^\[[^]]*\]: / { inside = 0 }
  inside { print }
' CHANGELOG.md)
[[ $notes == *[![:space:]]* ]] || fail "CHANGELOG.md has no section '## [$version] - YYYY-MM-DD', or the section is empty."
sed '/./,$!d' <<<"$notes"
