#!/usr/bin/env bash
# Builds the applications in examples/ from a Maven repository that has this project's artefacts and nothing of its
# checkout, and runs them: on the JVM engine, with the devices' module but without TornadoVM's flags, and, where there
# is an SDK, on each of its devices. jbang runs the scripts in jbang/ from that repository. Says what it leaves out.
# With the word spring it has the one in examples/spring ask a server, and nothing else: that fetches 90 MB of Spring.
set -euo pipefail

RESA_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
for part in files jdk jvm-flags tornado-sdk serve; do
  # shellcheck disable=SC1090
  . "$RESA_ROOT/tools/$part.sh"
done
TEMP=$(mktemp -d "${TMPDIR:-/tmp}/resa-examples.XXXXXX")
JBANG_VERSION=0.132.1
server=

finish() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  [ -z "$server" ] || wait "$server" 2>/dev/null || true
  rm -rf "$TEMP"
}
trap finish EXIT
trap 'exit 130' INT TERM

fail() {
  echo "test-examples: $*" >&2
  exit 1
}

case ${1:-} in
  '' | spring) ;;
  *) fail "usage: test-examples.sh [spring]" ;;
esac
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

model=$RESA_ROOT/models/clerk

# right FILE: succeeds if it has the answer to the example that ships, whatever the white space.
right() { diff -b <(tr -s ' \n' '\n' <"$1") <(tr -s ' \n' '\n' <"$model/example-answer.txt") >/dev/null; }

# --- Spring -----------------------------------------------------------------------------------------------------------

# Starts a server of the model that ships, and sets URL. It has no chat template; here its prompt is the message.
start_server() {
  mkdir "$TEMP/clerk"
  cp "$model"/*.json "$model/model.safetensors" "$TEMP/clerk"
  echo '{{ messages[0].content }}' >"$TEMP/clerk/chat_template.jinja"
  echo examples-test >"$TEMP/key"
  server_start -m "$TEMP/clerk" --api-key-file "$TEMP/key"
}

# ask CODE URL KEY QUESTION: runs the application and wants that exit code.
ask() {
  local code=0
  RESA_URL=$2 RESA_API_KEY=$3 "$JDK_HOME/bin/java" -jar examples/spring/target/resa-spring-1.0.jar \
    --spring.ai.openai.chat.temperature=0 "$4" >"$TEMP/out" 2>"$TEMP/err" || code=$?
  [ "$code" = "$1" ] || fail "spring ended with $code instead of $1: $(cat "$TEMP/err")"
}

# says LINES TEXT: the error that the application tells, and nothing of its stack.
says() {
  { [ "$(wc -l <"$TEMP/err")" -eq "$1" ] && grep -q -e "$2" "$TEMP/err"; } ||
    fail "spring says something else than $2: $(cat "$TEMP/err")"
}

check_spring() {
  local question
  command -v curl >/dev/null || fail "spring needs curl, to compare with"
  echo "building the application with Spring ..."
  ./mvnw -q -B -f examples/spring clean package
  start_server
  question=$(tr -s '\n' ' ' <"$model/example-prompt.txt")
  curl -sS --max-time 120 -H 'Authorization: Bearer examples-test' -H 'Content-Type: application/json' \
    -d "{\"messages\": [{\"role\": \"user\", \"content\": \"$question\"}], \"temperature\": 0}" \
    "$URL/chat/completions" >"$TEMP/body"
  sed -n 's/.*"content":"\([^"]*\)".*/\1/p' "$TEMP/body" >"$TEMP/answer"
  right "$TEMP/answer" || fail "the server did not write the example's answer: $(cut -c 1-500 "$TEMP/body")"
  ask 0 "$URL" examples-test "$question"
  diff -b "$TEMP/answer" "$TEMP/out" >/dev/null || fail "spring has another answer than curl: $(cut -c 1-500 "$TEMP/out")"
  [ ! -s "$TEMP/err" ] || fail "spring says beside its answer: $(cat "$TEMP/err")"
  ask 1 "$URL" another-key Hello
  says 1 '^ask: 401: '
  # Where nothing listens.
  ask 1 http://127.0.0.1:1/v1 examples-test Hello
  says 2 'is a server at http://127.0.0.1:1/v1?'
}

if [ "${1:-}" = spring ]; then
  check_spring
  echo "examples: spring is right: the answer that curl has, $(wc -w <"$TEMP/answer" | tr -d ' ') words; left out: all others"
  exit 0
fi

# --- Applications that embed it ---------------------------------------------------------------------------------------

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

check_stream() {
  java_in stream "$@" -cp 'target/resa-stream-1.0.jar:target/lib/*' Stream "$model" "$model/example-prompt.txt" >"$TEMP/out"
  right "$TEMP/out" || fail "stream did not write the example's answer"
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

# --- Scripts of jbang -------------------------------------------------------------------------------------------------

# jbang ALIAS ARGUMENT...: as jbang's own script does it, which runs what the program prints. With a home of its own, and
# in a folder that has nothing of the checkout: a file named as an alias would go before it.
jbang() {
  (
    export JBANG_DIR=$TEMP/jbang JBANG_REPO=$TEMP/local JBANG_NO_VERSION_CHECK=1 JBANG_RUNTIME_SHELL=bash
    mkdir -p "$TEMP/jbang"
    cd "$TEMP/jbang"
    status=0
    command=$("$JDK_HOME/bin/java" -cp "$TEMP/jbang-cli-$JBANG_VERSION-all.jar" dev.jbang.Main run \
      --repos "central,resa=file://$TEMP/repository" --catalog "$RESA_ROOT/jbang-catalog.json" "$@" 2>"$TEMP/err") ||
      status=$?
    [ $status = 255 ] || fail "jbang cannot start $1: $(cat "$TEMP/err")"
    eval "$command" >"$TEMP/out" 2>"$TEMP/err" || fail "jbang $1: $(cat "$TEMP/err")"
  ) || exit
}

check_jbang() {
  jbang resa --version
  [ "$(cat "$TEMP/out")" = "resa $PROJECT_VERSION" ] || fail "jbang runs $(cat "$TEMP/out")"
  jbang resa serve --help
  grep -q '^Usage: resa serve' "$TEMP/out" || fail "jbang has no server: $(cat "$TEMP/out")"
  jbang resa run -m "$model" -f "$model/example-prompt.txt"
  right "$TEMP/out" || fail "jbang's resa did not write the example's answer: $(cut -c 1-500 "$TEMP/out")"
  # By the flags, which the script has to have: vectors, and no word of the JVM.
  { grep -q 'vector kernels' "$TEMP/err" && ! grep -q WARNING "$TEMP/err"; } || fail "jbang's resa says: $(cat "$TEMP/err")"
  jbang story "$model" "$(cat "$model/example-prompt.txt")"
  right "$TEMP/out" || fail "jbang's story is not the example's answer: $(cut -c 1-500 "$TEMP/out")"
}

left="spring (tools/test-examples.sh spring)"
echo "by jbang ..."
if ./mvnw -q -B -N dependency:copy -Dartifact="dev.jbang:jbang-cli:$JBANG_VERSION:jar:all" -DoutputDirectory="$TEMP" \
  >"$TEMP/log" 2>&1; then
  check_jbang
else
  left="$left, jbang (Maven cannot fetch it)"
fi

# --- Devices ----------------------------------------------------------------------------------------------------------

if [ -z "$SDK_HOME" ]; then
  echo "examples: right; left out: $left, devices (no TornadoVM SDK)"
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
[ -n "$devices" ] || left="$left, devices (none here)"
echo "examples: right; left out: $left"
