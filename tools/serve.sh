# Sourced by tests of the server: starts one and waits for it. Needs RESA_ROOT, a folder TEMP and a function fail.
# shellcheck shell=bash
# shellcheck disable=SC2034 # used where this is sourced

# Starts `resa serve` on the JVM engine and a free port, with these arguments; sets server, its process, and URL.
server_start() {
  local tries=1200
  # Builds what is stale, so that the wait is for the start alone.
  "$RESA_ROOT/resa" serve --help >/dev/null
  "$RESA_ROOT/resa" serve --engine jvm --port 0 --grace 1 "$@" >"$TEMP/server.log" 2>&1 &
  server=$!
  while ! grep -q '^resa: serving' "$TEMP/server.log"; do
    kill -0 "$server" 2>/dev/null || fail "the server did not start: $(cat "$TEMP/server.log")"
    [ $tries -gt 0 ] || fail "the server has not started: $(cat "$TEMP/server.log")"
    tries=$((tries - 1))
    sleep 0.1
  done
  URL=$(sed -n 's/^resa: serving .* on \(http[^,]*\),.*/\1/p' "$TEMP/server.log")
}
