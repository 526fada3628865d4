# Sourced by resa, setup-tornado.sh and .ci/run: finds the TornadoVM SDK, expands its JVM flags, and installs the jar
# that Maven compiles against. Needs files.sh and
# jvm-flags.sh, and RESA_ROOT to be the project's folder. Runs on bash 3.2.
# shellcheck shell=bash

# Where a machine's administrator puts an SDK for everyone.
RESA_SYSTEM_SDK=${RESA_SYSTEM_SDK:-$RESA_SYSTEM_ROOT/opt/tornadovm}

# Sets PROJECT_VERSION and TORNADO_VERSION from pom.xml. Read by the shell itself: the launcher has no time for Maven.
read_versions() {
  local line
  PROJECT_VERSION='' TORNADO_VERSION=''
  while IFS= read -r line; do
    case $line in
      *'<version>'*'</version>'*)
        if [ -z "$PROJECT_VERSION" ]; then
          PROJECT_VERSION=${line#*<version>}
          PROJECT_VERSION=${PROJECT_VERSION%%</version>*}
        fi
        ;;
      *'<tornadovm.version>'*)
        TORNADO_VERSION=${line#*<tornadovm.version>}
        TORNADO_VERSION=${TORNADO_VERSION%%</tornadovm.version>*}
        return 0
        ;;
    esac
  done <"$RESA_ROOT/pom.xml"
  echo "no <tornadovm.version> in $RESA_ROOT/pom.xml" >&2
  return 1
}

# Succeeds if folder $1 is a whole SDK of TORNADO_VERSION; otherwise SDK_FAULT says what is wrong with it.
sdk_check() {
  local part line
  SDK_FAULT=
  case $1 in
    *[\"\\:]*) SDK_FAULT='its path has one of " \ : in it, which no java argument file can hold' ;;
    *) [ -d "$1" ] || SDK_FAULT='no such folder' ;;
  esac
  [ -z "$SDK_FAULT" ] || return 1
  for part in bin lib share/java/tornado share/java/graalJars etc/tornado.release tornado-argfile.template; do
    if [ ! -e "$1/$part" ]; then
      SDK_FAULT="$part is missing"
      return 1
    fi
  done
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      version=*) break ;;
    esac
  done <"$1/etc/tornado.release"
  if [ "${line#version=}" != "$TORNADO_VERSION" ]; then
    SDK_FAULT="it is version ${line#version=}, and $TORNADO_VERSION is needed"
    return 1
  fi
  if [ ! -f "$1/share/java/tornado/tornado-api-$TORNADO_VERSION.jar" ]; then
    SDK_FAULT="share/java/tornado/tornado-api-$TORNADO_VERSION.jar is missing"
    return 1
  fi
}

# Sets SDK_BACKENDS to the SDK's back ends, such as "opencl,ptx".
sdk_backends() {
  local line
  SDK_BACKENDS=
  [ -r "$1/etc/tornado.backend" ] || return 0
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      tornado.backends=*) SDK_BACKENDS=${line#tornado.backends=} ;;
    esac
  done <"$1/etc/tornado.backend"
  SDK_BACKENDS=${SDK_BACKENDS//-backend/}
}

# Succeeds if the SDK in $1 has back end $2; "full" is all that the releases have, and "" any.
sdk_has_backend() {
  sdk_backends "$1"
  case $2 in
    '') return 0 ;;
    full) sdk_has_backend "$1" opencl && sdk_has_backend "$1" cuda && sdk_has_backend "$1" ptx ;;
    *) case ",$SDK_BACKENDS," in *",$2,"*) return 0 ;; *) return 1 ;; esac ;;
  esac
}

# Sets SDK_HOME to the SDK to use, one that has back end $1 if that is given. What setup-tornado.sh installed goes
# before what the machine has, and its newest first. Returns 1 where there is none, and 2, with SDK_FAULT, where
# TORNADOVM_HOME names something unusable: what a user asked for by name is never replaced silently.
sdk_find() {
  local candidate
  if [ -n "${TORNADOVM_HOME:-}" ]; then
    SDK_HOME=$TORNADOVM_HOME
    sdk_check "$SDK_HOME" || return 2
    SDK_HOME=$(cd "$SDK_HOME" && pwd)
    sdk_has_backend "$SDK_HOME" "${1:-}" && return 0
  fi
  SDK_HOME=
  for candidate in "$RESA_HOME/tornadovm-$TORNADO_VERSION"-*; do
    if sdk_check "$candidate" && sdk_has_backend "$candidate" "${1:-}"; then
      if [ -z "$SDK_HOME" ] || [ "$candidate" -nt "$SDK_HOME" ]; then
        SDK_HOME=$candidate
      fi
    fi
  done
  [ -n "$SDK_HOME" ] && return 0
  for candidate in "$RESA_SYSTEM_SDK" "${HOME:-}/.sdkman/candidates/tornadovm/current" \
    "${HOME:-}/.sdkman/candidates/tornadovm/$TORNADO_VERSION"*; do
    SDK_HOME=$candidate
    sdk_check "$candidate" && sdk_has_backend "$candidate" "${1:-}" && return 0
  done
  SDK_HOME=
  return 1
}

# Prints all of the JVM's flags for an SDK in folder $1: the template with its placeholder filled in, in the quotes that
# a java argument file wants, and without "." on the module path, since a user's working directory is not to be scanned
# for modules; then ours. The launcher sets the device's memory again at every start, after these.
argfile_print() {
  # shellcheck disable=SC2016
  local line key value filled placeholder='${TORNADOVM_HOME}'
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      '#'*) ;;
      # All of the system's modules are the incubating ones too, of which the JVM would warn.
      '--add-modules ALL-SYSTEM'*) line="--add-modules ALL-DEFAULT${line#*ALL-SYSTEM}" ;;
      *"$placeholder"*)
        case $line in
          --*' '*) key="${line%% *} " value=${line#* } ;;
          *) key="${line%%=*}=" value=${line#*=} ;;
        esac
        value=${value#.:}
        value=${value%:.}
        filled=
        # Not by ${value//...}: what it does with & and quotes depends on the version of bash.
        while [ "$value" != "${value#*"$placeholder"}" ]; do
          filled=$filled${value%%"$placeholder"*}$1
          value=${value#*"$placeholder"}
        done
        line="$key\"$filled$value\""
        ;;
    esac
    printf '%s\n' "$line"
  done <"$1/tornado-argfile.template"
  device_memory
  printf '%s\n' "${DEVICE_FLAGS[@]}" "${JVM_FLAGS[@]}" "-Dtornado.device.memory=$DEVICE_MEMORY"
}

# Sets ARGFILE to where the expanded flags of the SDK in $1 are kept: with the user, since an SDK may be read-only,
# and one file for each SDK, so that launchers of two SDKs do not overwrite each other's.
argfile_path() {
  local sum
  sum=$(printf '%s' "$1" | cksum)
  ARGFILE=$RESA_HOME/tornado-argfile-${sum%% *}
}

# Sets ARGFILE, and writes that file where it is missing, older than the SDK's template, or has other flags of ours than
# these, which its first line names. An application takes the same file, as its user's IDE does.
argfile_ensure() {
  local words head title="# JVM flags of TornadoVM in $1, and of ReSA4J: ${DEVICE_FLAGS[*]} ${JVM_FLAGS[*]}"
  argfile_path "$1"
  if [ ! "$1/tornado-argfile.template" -nt "$ARGFILE" ] && { read -r head <"$ARGFILE"; } 2>/dev/null &&
    [ "$head" = "$title" ]; then
    return 0
  fi
  # The temporary name keeps a launcher that runs at the same time from reading half a file.
  words=$({
    mkdir -p "$RESA_HOME" && { echo "$title" && argfile_print "$1"; } >"$ARGFILE.$$" && mv -f "$ARGFILE.$$" "$ARGFILE"
  } 2>&1) || {
    rm -f "$ARGFILE.$$" 2>/dev/null || true
    echo "cannot write $ARGFILE: $(reason "$words"); set RESA_HOME to a folder that can be written" >&2
    return 1
  }
}

# Sets MAVEN_REPOSITORY to the local repository that Maven uses, unless its settings.xml moves it.
maven_repository() {
  local word home
  # Java takes the user's home from the system's user data base, and from HOME where that has none or just /.
  home=$(getent passwd "$(id -u)" 2>/dev/null | cut -d: -f6) || home=
  [ ${#home} -gt 2 ] || home=$HOME
  MAVEN_REPOSITORY=$home/.m2/repository
  for word in ${MAVEN_OPTS:-} ${MAVEN_ARGS:-}; do
    case $word in
      -Duser.home=*) MAVEN_REPOSITORY=${word#-Duser.home=}/.m2/repository ;;
      -Dmaven.repo.local=*) MAVEN_REPOSITORY=${word#-Dmaven.repo.local=} ;;
    esac
  done
}

maven_has_api() {
  maven_repository
  [ -f "$MAVEN_REPOSITORY/io/github/beehive-lab/tornado-api/$TORNADO_VERSION/tornado-api-$TORNADO_VERSION.jar" ]
}

# Prints how a sentence goes on that says Maven failed: because it could not write, or for the reasons that it gave.
maven_fault() {
  local folder fault
  maven_repository
  for folder in "$RESA_ROOT/target" "$MAVEN_REPOSITORY" "${MAVEN_USER_HOME:-$HOME/.m2}" "${TMPDIR:-/tmp}"; do
    if fault=$(write_fault "$folder"); then
      echo ": nothing can be written to $folder: $fault"
      return
    fi
  done
  echo "; its messages are above"
}

# Puts tornado-api of the SDK in $1 into the local Maven repository, where it is missing: it is all that Maven
# compiles against, and the public repositories lag behind TornadoVM's releases. JDK_HOME runs Maven. The pom is a
# generated one: the one in the jar has a parent that nobody could resolve.
maven_install_api() {
  local work status=0
  maven_has_api && return 0
  work=$(mktemp -d "${TMPDIR:-/tmp}/resa-maven.XXXXXX" 2>&1) || {
    echo "cannot write to ${TMPDIR:-/tmp}: $(reason "$work"); set TMPDIR to a folder that can be written" >&2
    return 1
  }
  cat >"$work/pom.xml" <<POM || status=1
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>io.github.beehive-lab</groupId>
  <artifactId>tornado-api</artifactId>
  <version>$TORNADO_VERSION</version>
</project>
POM
  # shellcheck disable=SC2153 # jdk_find sets JDK_HOME
  # Without TORNADOVM_HOME, Maven reads the project without the module that needs the jar.
  [ "$status" != 0 ] || (cd "$RESA_ROOT" && unset TORNADOVM_HOME &&
    JAVA_HOME=$JDK_HOME ./mvnw -q -B -N install:install-file \
      "-Dfile=$1/share/java/tornado/tornado-api-$TORNADO_VERSION.jar" "-DpomFile=$work/pom.xml") \
    >"$work/log" 2>&1 </dev/null || status=1
  if [ "$status" != 0 ]; then
    cat "$work/log" >&2 || true
    echo "Maven could not install tornado-api $TORNADO_VERSION$(maven_fault)" >&2
  fi
  rm -rf "$work"
  return "$status"
}
