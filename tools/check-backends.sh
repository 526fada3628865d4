#!/usr/bin/env bash
# For a machine with a GPU: runs a text and a benchmark that check themselves on every device that TornadoVM sees, with
# each of its back ends as the first, and in an unpacked archive with each back end alone. Says what failed, with its
# output, and ends with 1 then.
#
#     tools/check-backends.sh [FOLDER]      an unpacked archive, or a checkout (default: this one)
set -uo pipefail

FOLDER=$(cd "${1:-$(dirname "${BASH_SOURCE[0]}")/..}" && pwd) || exit 1
TEMP=$(mktemp -d "${TMPDIR:-/tmp}/resa-backends.XXXXXX") || exit 1
trap 'rm -rf "$TEMP"' EXIT
failed=0

# check WHAT WORDS...: runs resa with WORDS, in $root and with $flags, and prints a line for it.
check() {
  local what=$1
  shift
  if RESA_JVM_FLAGS="$flags" "$root/resa" "$@" >"$TEMP/out" 2>&1 </dev/null; then
    echo "ok      $case: $what"
  else
    failed=$((failed + 1))
    echo "FAILED  $case: $what"
    sed 's/^/        /' "$TEMP/out"
  fi
}

check_devices() {
  local device devices
  # The line after the first says why a device was taken, where there is a choice.
  check "run without --device" run
  grep -m 2 -e ' on [a-z]*:[0-9]' -e '--device takes another' "$TEMP/out" | sed 's/^/        /'
  devices=$(RESA_JVM_FLAGS="$flags" "$root/resa" devices | awk '$1 ~ /:[0-9]+$/ { print $1 }')
  [ -n "$devices" ] || {
    failed=$((failed + 1))
    echo "FAILED  $case: no device but the JVM's"
  }
  for device in $devices; do
    check "run on $device" run --device "$device"
    check "bench on $device" bench attention --quick --shape clerk --context 4K --batch 2 --device "$device"
  done
}

root=$FOLDER
for first in cuda ptx opencl; do
  case="$first first"
  # The higher goes first; TornadoVM's own are 10 for OpenCL and 0 for the others.
  flags="-Dtornado.$first.priority=100"
  check_devices
done

flags=
if [ -d "$FOLDER/sdk/backends" ]; then
  for folder in "$FOLDER"/sdk/backends/*; do
    backend=${folder##*/}
    case="$backend alone"
    root=$TEMP/$backend
    cp -R "$FOLDER" "$root" || exit 1
    for other in "$root"/sdk/backends/*; do
      [ "${other##*/}" = "$backend" ] || rm -rf "$other"
    done
    check_devices
    rm -rf "$root"
  done
else
  echo "left out: each back end alone, which needs an unpacked archive"
fi
[ "$failed" = 0 ] || echo "$failed failed"
[ "$failed" = 0 ]
