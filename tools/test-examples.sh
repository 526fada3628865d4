#!/usr/bin/env bash
# Builds the applications in examples/ from a Maven repository that has this project's artefacts and nothing of its
# checkout, and runs them: on the JVM engine, with the devices' module but without TornadoVM's flags, and, where there
# is an SDK, on each of its devices. Says what it leaves out.
set -euo pipefail

RESA_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
for part in files jdk jvm-flags tornado-sdk; do
  # shellcheck disable=SC1090
  . "$RESA_ROOT/tools/$part.sh"
done
TEMP=$(mktemp -d "${TMPDIR:-/tmp}/resa-examples.XXXXXX")
trap 'rm -rf "$TEMP"' EXIT

fail() {
  echo "test-examples: $*" >&2
  exit 1
}

status=0
jdk_find || status=$?
[ "$status" = 0 ] || fail "$(jdk_advice "$status")"
# shellcheck disable=SC2153 # jdk_find sets JDK_HOME
export JAVA_HOME=$JDK_HOME
cd "$RESA_ROOT"
read_versions
SDK_HOME=
case ${RESA_NO_TORNADO:-0} in 0) sdk_find '' || true ;; *) unset TORNADOVM_HOME ;; esac
if [ -n "$SDK_HOME" ]; then
  export TORNADOVM_HOME=$SDK_HOME
  maven_install_api "$SDK_HOME"
  argfile_ensure "$SDK_HOME"
fi

# Global settings: a user's own, with mirrors and proxies, stay in force.
cat >"$TEMP/settings.xml" <<SETTINGS
<settings>
  <profiles>
    <profile>
      <id>resa</id>
      <repositories>
        <repository>
          <id>resa</id>
          <url>file://$TEMP/repository</url>
        </repository>
      </repositories>
    </profile>
  </profiles>
  <activeProfiles>
    <activeProfile>resa</activeProfile>
  </activeProfiles>
</settings>
SETTINGS

# The local repository serves other projects' artefacts; this project's come from the new one alone.
application() {
  ./mvnw -q -B -gs "$TEMP/settings.xml" -Dmaven.repo.local="$TEMP/local" \
    -Dmaven.repo.local.tail="$HOME/.m2/repository" -Dmaven.repo.local.tail.ignoreAvailability=true "$@"
}

# java_in FOLDER ARGUMENT...
java_in() {
  local folder=$1
  shift
  (cd "examples/$folder" && "$JDK_HOME/bin/java" "$@" 2>"$TEMP/err") || {
    cat "$TEMP/err" >&2
    fail "$folder ended with an error"
  }
}

echo "publishing into a repository of its own ..."
./mvnw -q -B -DskipTests -Dexec.skip deploy -DaltDeploymentRepository="resa::file://$TEMP/repository" \
  >"$TEMP/log" 2>&1 || {
  cat "$TEMP/log" >&2
  fail "the artefacts cannot be published"
}
for module in core runtime langchain4j; do
  for kind in "" -sources -javadoc; do
    ls "$TEMP/repository/org/resa4j/resa4j-$module"/*/*"$kind.jar" >/dev/null 2>&1 || fail "no $module$kind.jar"
  done
done

flags=(--add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED)
model=$RESA_ROOT/models/clerk

check_stream() {
  java_in stream "$@" -cp 'target/resa-stream-1.0.jar:target/lib/*' Stream "$model" "$model/example-prompt.txt" >"$TEMP/out"
  diff -b <(tr -s ' \n' '\n' <"$TEMP/out") <(tr -s ' \n' '\n' <"$model/example-answer.txt") >/dev/null ||
    fail "stream did not write the example's answer"
}

check_concurrent() {
  java_in concurrent "$@" -cp 'target/resa-concurrent-1.0.jar:target/lib/*' Concurrent "$model" \
    "$(cat "$model/example-prompt.txt")" "$(cat "$model/example-prompt.txt")" >"$TEMP/out"
  [ "$(grep -c '^CANCELLED after' "$TEMP/out")" -ge 1 ] || fail "concurrent cancelled nothing: $(cut -c 1-200 "$TEMP/out")"
}

echo "on the JVM engine ..."
for example in stream concurrent attention; do
  application -f "examples/$example" clean package
done
[ "$(ls examples/attention/target/lib)" = "resa4j-core-$PROJECT_VERSION.jar" ] ||
  fail "attention alone takes more than one jar: $(ls examples/attention/target/lib)"
check_stream "${flags[@]}"
check_concurrent "${flags[@]}"
java_in attention --add-modules jdk.incubator.vector --module-path target/resa-attention-1.0.jar:target/lib \
  -m com.example.attention/com.example.attention.Attention

if [ -z "$SDK_HOME" ]; then
  echo "examples: right; left out: devices (no TornadoVM SDK)"
  exit 0
fi
echo "with the devices' module ..."
for example in stream attention; do
  application -f "examples/$example" -Pdevices clean package
done
# Without TornadoVM's flags there are no devices, and nothing fails.
check_stream "${flags[@]}"
devices=$(RESA_JVM_FLAGS='' ./resa devices --json | tr '{' '\n' | sed -n 's/.*"id":"\([a-z]*:[0-9]*\)".*/\1/p')
for device in $devices; do
  java_in attention "@$ARGFILE" -cp 'target/resa-attention-1.0.jar:target/lib/*' com.example.attention.Attention "$device"
done
left=nothing
[ -n "$devices" ] || left="devices (none here)"
echo "examples: right; left out: $left"
