# Sourced by resa and setup-tornado.sh: a lock between processes, for systems with and without flock(1). A lock is a
# symbolic link whose target names its owner: made in one step, it is never without. Runs on bash 3.2.
# shellcheck shell=bash

# Sets OWNER to a name for process $1 that no later one has: its number and its start. Fails where there is no such
# process, or only what is left of one until its parent looks.
process_name() {
  local start fields
  OWNER=
  if [ -r /proc/self/stat ]; then
    { read -r start <"/proc/$1/stat"; } 2>/dev/null || return 1
    # The fields after the command, which may hold anything: the state, and 19 on the start.
    read -r -a fields <<<"${start##*) }"
    case ${fields[0]} in Z | X) return 1 ;; esac
    OWNER="$1 ${fields[19]}"
  else
    start=$(LC_ALL=C TZ=UTC0 ps -o lstart= -p "$1" 2>/dev/null) || return 1
    OWNER="$1 $start"
  fi
}

# Succeeds while the owner of lock $1 lives. Sets HOLDER to its name, to nothing where the lock is free.
lock_held() {
  local OWNER
  HOLDER=$(readlink "$1" 2>/dev/null) || HOLDER=
  [ -n "$HOLDER" ] && process_name "${HOLDER%% *}" && [ "$OWNER" = "$HOLDER" ]
}

# Takes away lock $1 of the dead process $2, as process $3. Of many waiters one may, or it would be the next owner's.
lock_break() {
  if ln -s "$3" "$1.break" 2>/dev/null; then
    [ "$(readlink "$1")" != "$2" ] || rm -f "$1"
    rm -f "$1.break"
  elif lock_held "$1.break"; then
    sleep 0.05
  else
    rm -f "$1.break"
  fi
}

# Takes lock $1 for process $2, and waits while a live process holds it; says $3 once if it waits. Returns 1 where
# the link cannot be made. Release with lock_release, also on signals.
lock_take() {
  local OWNER HOLDER told='' tries=20
  process_name "$2" || return 1
  # A folder in its place is the lock of an earlier version, or half of one.
  [ ! -d "$1" ] || rm -rf "$1"
  until [ ! -d "$1" ] && ln -s "$OWNER" "$1" 2>/dev/null; do
    if lock_held "$1"; then
      [ -n "$told" ] || echo "$3 (process ${HOLDER%% *})" >&2
      told=yes tries=20
      sleep 0.2
    else
      tries=$((tries - 1))
      [ "$tries" -gt 0 ] || return 1
      [ -z "$HOLDER" ] || lock_break "$1" "$HOLDER" "$OWNER"
    fi
  done
}

lock_release() { rm -f "$1"; }
