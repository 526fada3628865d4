# Sourced by resa, also in an unpacked archive, and by setup-tornado.sh: where they keep their files, and what to say
# where nothing can be written. Runs on bash 3.2.
# shellcheck shell=bash

# A process without HOME has the home of its user; one without a user's name has /.
if [ -z "${HOME:-}" ]; then
  unset HOME
  export HOME=~
fi
export RESA_HOME=${RESA_HOME:-${HOME%/}/.resa4j}

# What stands before every path at which a machine keeps drivers, toolkits, SDKs and JDKs: nothing, but for tests, which
# set up a machine of their own in a folder.
RESA_SYSTEM_ROOT=${RESA_SYSTEM_ROOT:-}

# Prints the reason in the first line of a command's words in $1, such as "No space left on device".
reason() {
  local line=${1%%$'\n'*}
  printf '%s\n' "${line##*: }"
}

# Prints why nothing can be written to folder $1, which is made if need be; fails where it can.
write_fault() {
  local words status=0
  words=$({ mkdir -p "$1" && printf '%1048576s' '' >"$1/.resa.$$"; } 2>&1) || status=$?
  rm -f "$1/.resa.$$"
  [ "$status" != 0 ] && reason "$words"
}
