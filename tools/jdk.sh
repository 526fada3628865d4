# Sourced by resa, setup-tornado.sh and .ci/run: finds JDK 25. Runs on bash 3.2. RESA_SYSTEM_ROOT is files.sh's.
# shellcheck shell=bash

# Sets JDK_VERSION to the version that the release file of the JDK in $1 names; fails where there is none.
jdk_version() {
  local line
  JDK_VERSION=
  [ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 1
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      JAVA_VERSION=*)
        line=${line#JAVA_VERSION=}
        JDK_VERSION=${line//\"/}
        return 0
        ;;
    esac
  done <"$1/release"
  return 1
}

jdk_is_25() {
  jdk_version "$1" || return 1
  case $JDK_VERSION in
    25 | 25.* | 25-* | 25+*) return 0 ;;
    *) return 1 ;;
  esac
}

# Follows symbolic links by hand: macOS before 12.3 has no `readlink -f`.
resolve_links() {
  local path=$1 target
  while [ -L "$path" ]; do
    target=$(readlink "$path")
    case $target in
      /*) path=$target ;;
      *) path=${path%/*}/$target ;;
    esac
  done
  printf '%s\n' "$path"
}

# Sets JDK_HOME and JDK_VERSION to the first JDK 25 on the machine, in the order of `resa --launcher-help`.
# Returns 1 where there is none, and 2 where RESA_JAVA_HOME names something else.
jdk_find() {
  local candidate java root=${RESA_SYSTEM_ROOT:-}
  if [ -n "${RESA_JAVA_HOME:-}" ]; then
    JDK_HOME=$RESA_JAVA_HOME
    jdk_is_25 "$JDK_HOME" && return 0
    return 2
  fi
  JDK_HOME=${JAVA_HOME:-}
  [ -n "$JDK_HOME" ] && jdk_is_25 "$JDK_HOME" && return 0
  java=$(command -v java || true)
  if [ -n "$java" ]; then
    java=$(resolve_links "$java")
    JDK_HOME=${java%/bin/java}
    jdk_is_25 "$JDK_HOME" && return 0
  fi
  if [ -x "$root/usr/libexec/java_home" ]; then
    JDK_HOME=$("$root/usr/libexec/java_home" -F -v 25 2>/dev/null || true)
    [ -n "$JDK_HOME" ] && jdk_is_25 "$JDK_HOME" && return 0
  fi
  for candidate in "$root"/usr/lib/jvm/*25* "${HOME:-}"/.sdkman/candidates/java/25* "${HOME:-}"/.jdks/*25* \
    "${HOME:-}"/.jdks/*25*/Contents/Home "${HOME:-}"/.m2/jdks/*25*; do
    JDK_HOME=$candidate
    jdk_is_25 "$JDK_HOME" && return 0
  done
  JDK_HOME=
  return 1
}

# One line that says why jdk_find failed; $1 is what it returned.
jdk_advice() {
  if [ "$1" = 2 ]; then
    printf 'RESA_JAVA_HOME is %s, which is %s; set it to a JDK 25 or unset it\n' \
      "$RESA_JAVA_HOME" "${JDK_VERSION:+Java }${JDK_VERSION:-no JDK}"
  else
    printf '%s %s\n' "no JDK 25 found; install one (sdk install java 25-tem, apt-get install openjdk-25-jdk," \
      "brew install openjdk@25, ...) or set RESA_JAVA_HOME to one"
  fi
}
