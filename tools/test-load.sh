#!/usr/bin/env bash
# Load on a server of the model that ships, on the JVM engine: connections that ask, stream and leave, then requests
# that are wrong in every way, and heads that never end. Says what came back and what the server still holds of its
# heap. Not part of .ci/run: it takes minutes. Needs Node 20. Arguments: seconds (30), connections (200).
set -euo pipefail

RESA_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
TEMP=$(mktemp -d "${TMPDIR:-/tmp}/resa-load.XXXXXX")
server=''

clean_up() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  wait
  rm -rf "$TEMP"
}
trap clean_up EXIT

fail() {
  echo "test-load: $*" >&2
  exit 1
}

for part in files jdk serve; do
  # shellcheck disable=SC1090
  . "$RESA_ROOT/tools/$part.sh"
done
status=0
jdk_find || status=$?
[ "$status" = 0 ] || fail "$(jdk_advice "$status")"

echo load-test >"$TEMP/key"
export RESA_NO_TORNADO=1
server_start --parallel 8 -c 4096 --sparse-from 0 --api-key-file "$TEMP/key"

# After a collection, without what fills its gaps.
held() {
  # shellcheck disable=SC2153 # jdk_find sets JDK_HOME
  "$JDK_HOME/bin/jcmd" "$server" GC.class_histogram | awk '$1 ~ /^[0-9]+:$/ && $4 !~ /FillerElement/ { sum += $3 }
    END { printf "%.1f MB, ", sum / 1e6 }'
  "$JDK_HOME/bin/jcmd" "$server" Thread.print | grep -c '^"' | sed 's/$/ threads/'
}

client() { node "$RESA_ROOT/tools/clients/load.mjs" "$URL" load-test "$@" || fail "$1 went wrong: $(tail -n 20 "$TEMP/server.log")"; }

seconds=${1:-30} connections=${2:-200}
client load 10 "$connections"
echo "held after 10 s: $(held)"
client load "$seconds" "$connections"
echo "held after $seconds s more: $(held)"
client hostile 10000
echo "held after wrong requests: $(held)"
