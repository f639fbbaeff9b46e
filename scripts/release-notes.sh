#!/usr/bin/env bash
# Prints what CHANGELOG.md says of a version. Refuses where it says nothing, or where Directory.Build.props has another version: then a
# tag of that version is no release.
# usage: scripts/release-notes.sh VERSION
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

refuse() {
  echo "release-notes.sh: $1" >&2
  exit 1
}

[[ $# -eq 1 ]] || refuse "usage: scripts/release-notes.sh VERSION"
version=$1
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || refuse "'$version' is no version such as 1.2.3 or 1.2.3-rc.1."

project=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
[[ $project == "$version" ]] || refuse "Directory.Build.props says $project, not $version."

# From its heading, "## [1.2.3] - 2026-01-02", to the next one.
notes=$(awk -v heading="## [$version]" '
  /^## \[/ { inside = index($0, heading " - ") == 1; next }
  /^\[[^]]*\]: / { inside = 0 }
  inside { print }
' CHANGELOG.md)
[[ $notes == *[![:space:]]* ]] || refuse "CHANGELOG.md has no section '## [$version] - YYYY-MM-DD', or nothing in it."
sed '/./,$!d' <<<"$notes"
