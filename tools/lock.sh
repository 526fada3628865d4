# Sourced by resa and setup-tornado.sh: a lock between processes, for systems with and without flock(1). Runs on bash 3.2.
# shellcheck shell=bash

process_alive() { [ -d "/proc/$1" ] || ps -p "$1" >/dev/null 2>&1; }

# Takes lock $1, a folder that must not exist yet, and waits while a live process holds it; says $2 once if it waits.
# Returns 1 where the folder cannot be made. Release with lock_release, also on signals.
lock_take() {
  local owner told=
  until mkdir "$1" 2>/dev/null; do
    if [ ! -d "$1" ]; then
      # Released just now, or never to be made.
      mkdir "$1" 2>/dev/null && break
      [ -d "$1" ] || return 1
    fi
    owner=$(cat "$1/pid" 2>/dev/null || true)
    if [ -n "$owner" ] && ! process_alive "$owner"; then
      # Its owner was killed. The rename lets one waiter break the lock; if a new owner came in between, it goes back.
      if mv "$1" "$1.$$" 2>/dev/null; then
        if [ "$(cat "$1.$$/pid" 2>/dev/null || true)" = "$owner" ]; then
          rm -rf "$1.$$"
        else
          mv "$1.$$" "$1"
        fi
      fi
      continue
    fi
    [ -n "$told" ] || echo "$2" >&2
    told=yes
    sleep 0.2
  done
  echo $$ 2>/dev/null >"$1/pid" || {
    rm -rf "$1"
    return 1
  }
}

lock_release() { rm -rf "$1"; }
