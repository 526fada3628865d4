#!/usr/bin/env bash
# Prints what CHANGELOG.md says of version $1, for a release; fails where the poms have another version, or the changes
# stand under no heading of that version. Runs on bash 3.2.
set -euo pipefail

RESA_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
version=${1:?usage: release-notes.sh VERSION}

die() {
  echo "release-notes: $*" >&2
  exit 1
}

found=$(sed -n 's:^  <version>\(.*\)</version>$:\1:p' "$RESA_ROOT/pom.xml" | head -n 1)
[ "$found" = "$version" ] || die "the poms have version $found, not $version"
notes=$(awk -v version="$version" '
  /^## / { inside = ($2 == version || $2 == "[" version "]"); next }
  inside
' "$RESA_ROOT/CHANGELOG.md")
case $notes in
  *[![:space:]]*) printf '%s\n' "$notes" ;;
  *) die "CHANGELOG.md has no changes under '## $version'" ;;
esac
