#!/usr/bin/env bash
# Tests of resa, setup-tornado.sh and the archive, on a copy of them in a temporary folder, with stand-ins for Maven,
# the JDK and the SDK. Needs no network, no JDK and no SDK; says what it skips. Run: tools/test-scripts.sh [PATTERN]
# shellcheck disable=SC2016,SC2030,SC2031
set -uo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
VERSION=$(sed -n 's/.*<tornadovm.version>\(.*\)<.*/\1/p' "$ROOT/pom.xml")
TEMP=$(mktemp -d "${TMPDIR:-/tmp}/resa-test.XXXXXX")
SERVER=

finish() {
  [ -z "$SERVER" ] || kill "$SERVER" 2>/dev/null
  [ ! -d "$TEMP/disk" ] || umount "$TEMP/disk" 2>/dev/null
  chmod -R u+w "$TEMP"
  rm -rf "$TEMP"
}
trap finish EXIT
trap 'exit 130' INT TERM

# --- Fixtures: each test runs in a subshell, in a fresh folder $T with a copy of the project in "$T/the project" --

make_project() {
  P="$T/the project"
  mkdir -p "$P/tools" "$T/home"
  cp "$ROOT/resa" "$ROOT/setup-tornado.sh" "$ROOT/pom.xml" "$P"
  cp "$ROOT"/tools/*.sh "$P/tools"
  local module
  for module in core runtime cli server report eval bench spark tornado-kernels; do
    mkdir -p "$P/$module/src/main"
    touch -t 202601010000 "$P/$module/pom.xml" "$P/$module/src/main/A.java" "$P/$module/src/main" "$P/pom.xml"
  done
  # Writes down how it was called, and then does what Maven would.
  cat >"$P/mvnw" <<'MVNW'
#!/usr/bin/env bash
set -eu
echo "home=${TORNADOVM_HOME:-} $*" >>mvnw.log
echo begin >>mvnw.turns
# Kills the launcher at the moment that MVNW_KILLS counts to, and itself too if MVNW_DIES is set; else it works on after
# MVNW_LINGERS seconds.
moment=0
moment() {
  moment=$((moment + 1))
  if [ "$moment" = "${MVNW_KILLS:-}" ]; then
    kill -9 $PPID
    [ -z "${MVNW_DIES:-}" ] || kill -9 $$
    sleep "${MVNW_LINGERS:-0}"
  fi
}
sleep "${MVNW_SLEEP:-0}"
eval "${MVNW_DOES:-}"
[ -z "${MVNW_REPORTS:-}" ] || cp -R "$MVNW_REPORTS"/. .
[ -z "${MVNW_FAILS:-}" ] || { echo "[ERROR] cannot compile"; exit 1; }
case "$*" in
  *package* | *verify*)
    version=$(sed -n 's/.*<version>\(.*\)<.*/\1/p' pom.xml | head -n 1)
    spark=spark
    case " $* " in *' -pl !spark '*) spark= ;; esac
    for module in core runtime cli server report eval bench $spark ${TORNADOVM_HOME:+tornado-kernels}; do
      moment
      [ "$module" = report ] || echo "[INFO] ---------< org.resa4j:resa4j-$module >---------"
      echo "Downloading from central: https://repository/$module.pom"
      echo "[INFO] --- compiler:3.14.1:compile (default-compile) @ resa4j-$module ---"
      mkdir -p $module/target/lib
      [ -f $module/target/resa4j-$module-$version.jar ] || touch $module/target/resa4j-$module-$version.jar
      moment
      touch $module/target/lib/.whole
    done ;;
  *install:install-file*)
    for word; do
      case $word in
        -Dfile=*) jar=${word#-Dfile=} ;;
        -DpomFile=*) cp "${word#-DpomFile=}" installed.pom ;;
      esac
    done
    mkdir -p "$REPOSITORY/io/github/beehive-lab/tornado-api/$VERSION"
    cp "$jar" "$REPOSITORY/io/github/beehive-lab/tornado-api/$VERSION/" ;;
esac
echo end >>mvnw.turns
MVNW
  chmod +x "$P/mvnw"
  make_jdk "$T/jdk" 25.0.3
}

make_jdk() {
  mkdir -p "$1/bin"
  echo "JAVA_VERSION=\"$2\"" >"$1/release"
  printf '#!/usr/bin/env bash\necho "java=$0 home=${TORNADOVM_HOME:-}"\nprintf "<%%s>\\n" "$@"\n' >"$1/bin/java"
  chmod +x "$1/bin/java"
}

# make_sdk FOLDER [BACKENDS] [VERSION]
make_sdk() {
  local version=${3:-$VERSION}
  mkdir -p "$1"/bin "$1"/lib "$1"/etc "$1"/share/java/tornado "$1"/share/java/graalJars
  printf '#!/bin/sh\n' >"$1/bin/tornado"
  chmod +x "$1/bin/tornado"
  echo "version=$version" >"$1/etc/tornado.release"
  echo "tornado.backends=${2:-opencl-backend}" >"$1/etc/tornado.backend"
  touch "$1/lib/libtornado.so" "$1/share/java/graalJars/compiler.jar"
  echo jar >"$1/share/java/tornado/tornado-api-$version.jar"
  cat >"$1/tornado-argfile.template" <<'TEMPLATE'
# === Native library path ===
-Djava.library.path=${TORNADOVM_HOME}/lib
--module-path .:${TORNADOVM_HOME}/share/java/tornado
--upgrade-module-path ${TORNADOVM_HOME}/share/java/graalJars
--add-modules ALL-SYSTEM
TEMPLATE
}

# Runs a script of the project in a clean environment, on a machine that has only what a test puts into $T/machine;
# VARIABLE=value words may go before the script's name.
run() {
  (cd "${RUN_IN:-$T}" && env -i PATH="${RUN_PATH:-$PATH}" HOME="$T/home" RESA_SYSTEM_ROOT="$T/machine" RESA_JAVA_HOME="$T/jdk" \
    MAVEN_ARGS="-Dmaven.repo.local=$T/repository" REPOSITORY="$T/repository" VERSION="$VERSION" "$@") \
    >"$T/out" 2>"$T/err" </dev/null
}

fails() { echo "  $*"; [ ! -f "$T/err" ] || sed 's/^/  stderr: /' "$T/err"; exit 1; }
skip() { echo "$*" >"$T/skipped"; exit 77; }

# expect CODE WORDS...: run WORDS and want that exit code.
expect() {
  local code=$1 status=0
  shift
  run "$@" || status=$?
  [ "$status" = "$code" ] || fails "exit code $status, wanted $code, from: $*"
}

says() { grep -q -e "$2" "$T/$1" || fails "no '$2' in its std$1: $(cat "$T/$1")"; }
says_not() { ! grep -q -e "$2" "$T/$1" || fails "'$2' in its std$1: $(cat "$T/$1")"; }
one_line() { [ "$(grep -c . "$T/err")" = 1 ] || fails "wanted one line on stderr"; }
builds() { grep -c package "$P/mvnw.log" 2>/dev/null || true; }
is() { [ "$1" = "$2" ] || fails "'$1', wanted '$2'"; }

# --- A release server on the loopback interface -------------------------------------------------------------------

platform_archive() {
  case "$(uname -s)/$(uname -m)" in
    Linux/x86_64) echo "tornadovm-$VERSION-$1-linux-amd64.zip" ;;
    Darwin/arm64) echo "tornadovm-$VERSION-$1-mac-aarch64.zip" ;;
  esac
}

zip_folder() {
  (cd "$1" && python3 - "$2" <<'PYTHON'
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as archive:
    for root, _, files in os.walk("."):
        for file in files:
            archive.write(os.path.join(root, file))
PYTHON
  )
}

start_server() {
  command -v python3 >/dev/null && command -v unzip >/dev/null || return 0
  command -v curl >/dev/null || command -v wget >/dev/null || return 0
  local name
  name=$(platform_archive opencl)
  [ -n "$name" ] || return 0
  mkdir -p "$TEMP/www/good" "$TEMP/www/truncated" "$TEMP/www/other" "$TEMP/content" "$TEMP/other/a"
  make_sdk "$TEMP/content/tornadovm-$VERSION-opencl"
  echo "-Djava.library.path=/the/build/machine/lib" >"$TEMP/content/tornadovm-$VERSION-opencl/tornado-argfile"
  head -c 3000000 /dev/urandom >"$TEMP/content/tornadovm-$VERSION-opencl/lib/random"
  zip_folder "$TEMP/content" "$TEMP/www/good/$name"
  head -c 2000000 "$TEMP/www/good/$name" >"$TEMP/www/truncated/$name"
  echo hello >"$TEMP/other/a/file"
  zip_folder "$TEMP/other" "$TEMP/www/other/$name"
  rm -rf "$TEMP/content/tornadovm-$VERSION-opencl"
  make_sdk "$TEMP/content/tornadovm-$VERSION-ptx" ptx-backend
  zip_folder "$TEMP/content" "$TEMP/www/good/$(platform_archive ptx)"
  (cd "$TEMP/www" && exec python3 -u -m http.server 0 --bind 127.0.0.1) >"$TEMP/server.log" 2>&1 &
  SERVER=$!
  local tries=100
  while [ $tries -gt 0 ] && ! grep -q port "$TEMP/server.log" 2>/dev/null; do
    sleep 0.1
    tries=$((tries - 1))
  done
  PORT=$(sed -n 's/.* port \([0-9]*\).*/\1/p' "$TEMP/server.log" | head -n 1)
  URL=http://127.0.0.1:$PORT
}

needs_server() { [ -n "$SERVER" ] || skip "needs python3, unzip, curl or wget, and a system that TornadoVM has releases for"; }

gets() { grep -c '"GET /good/' "$TEMP/server.log" || true; }

sha256_of() { { sha256sum "$1" 2>/dev/null || shasum -a 256 "$1"; } | cut -d ' ' -f 1; }

# Nothing of a failed installation may stay: not even the folder made for it.
nothing_left() { [ ! -e "$T/home/.resa4j" ] || fails "left behind: $(find "$T/home/.resa4j")"; }

# --- setup-tornado.sh ---------------------------------------------------------------------------------------------

test_setup_uses_tornadovm_home() {
  make_sdk "$T/an sdk & more"
  expect 0 TORNADOVM_HOME="$T/an sdk & more" "$P/setup-tornado.sh"
  says out "$T/an sdk & more (.*; opencl)"
  local argfile
  argfile=$(echo "$T"/home/.resa4j/tornado-argfile-*)
  grep -qxF -e "--module-path \"$T/an sdk & more/share/java/tornado\"" "$argfile" || fails "$(cat "$argfile")"
  grep -qxF -e "-Djava.library.path=\"$T/an sdk & more/lib\"" "$argfile" || fails "$(cat "$argfile")"
}

test_setup_finds_the_systems_sdk_and_sdkmans() {
  make_sdk "$T/system"
  expect 1 RESA_SYSTEM_SDK="$T/system" "$P/setup-tornado.sh" --check
  says out "$T/system ("
  make_sdk "$T/home/.sdkman/candidates/tornadovm/$VERSION-opencl"
  expect 1 "$P/setup-tornado.sh" --check
  says out "candidates/tornadovm/$VERSION-opencl ("
}

test_setup_rejects_an_unusable_tornadovm_home() {
  expect 10 TORNADOVM_HOME="$T/nowhere" "$P/setup-tornado.sh"
  says err "no such folder"
  one_line
  make_sdk "$T/old" opencl-backend 4.0.1-jdk25
  expect 10 TORNADOVM_HOME="$T/old" "$P/setup-tornado.sh"
  says err "4.0.1-jdk25, and $VERSION is needed"
  one_line
  make_sdk "$T/half"
  rm -r "$T/half/lib"
  expect 10 TORNADOVM_HOME="$T/half" "$P/setup-tornado.sh"
  says err "lib is missing"
}

test_setup_installs_the_api_with_a_pom_of_its_own() {
  make_sdk "$T/sdk"
  expect 0 TORNADOVM_HOME="$T/sdk" "$P/setup-tornado.sh"
  grep -q install:install-file "$P/mvnw.log" || fails "Maven was not called"
  grep -q '^home= ' "$P/mvnw.log" || fails "Maven would read the module that needs the jar"
  grep -q "<version>$VERSION</version>" "$P/installed.pom" || fails "$(cat "$P/installed.pom")"
  ! grep -q '<parent>' "$P/installed.pom" || fails "the pom has a parent"
  expect 0 TORNADOVM_HOME="$T/sdk" "$P/setup-tornado.sh"
  is "$(grep -c install-file "$P/mvnw.log")" 1
}

test_setup_says_when_maven_fails() {
  make_sdk "$T/sdk"
  expect 11 TORNADOVM_HOME="$T/sdk" MVNW_FAILS=1 "$P/setup-tornado.sh"
  says err "cannot compile"
}

test_setup_leaves_an_sdk_as_it_is() {
  make_sdk "$T/sdk"
  local before after
  before=$(cd "$T/sdk" && find . -exec cksum {} + 2>/dev/null)
  chmod -R a-w "$T/sdk"
  expect 0 TORNADOVM_HOME="$T/sdk" "$P/setup-tornado.sh"
  after=$(cd "$T/sdk" && find . -exec cksum {} + 2>/dev/null)
  is "$after" "$before"
}

test_setup_check_changes_nothing() {
  expect 1 "$P/setup-tornado.sh" --check
  says out "no SDK found"
  [ ! -e "$P/mvnw.log" ] || fails "it called Maven"
  nothing_left
  make_sdk "$T/sdk"
  expect 1 TORNADOVM_HOME="$T/sdk" "$P/setup-tornado.sh" --check
  says out "tornado-api is not in $T/repository"
  nothing_left
}

test_setup_rejects_wrong_arguments() {
  expect 2 "$P/setup-tornado.sh" --backend vulkan
  one_line
  says err "opencl, cuda, ptx or full"
  expect 2 "$P/setup-tornado.sh" --frobnicate
  one_line
  expect 2 "$P/setup-tornado.sh" --url
  one_line
  expect 2 "$P/setup-tornado.sh" --sha256 12
  one_line
  expect 0 "$P/setup-tornado.sh" --help
  says out "exit codes"
}

test_setup_rejects_systems_without_a_release() {
  mkdir "$T/bin"
  printf '#!/bin/sh\ncase $1 in -s) echo Plan9 ;; *) echo mips ;; esac\n' >"$T/bin/uname"
  chmod +x "$T/bin/uname"
  RUN_PATH=$T/bin:$PATH expect 3 "$P/setup-tornado.sh"
  one_line
  says err "no release for Plan9 on mips"
  printf '#!/bin/sh\ncase $1 in -s) echo Darwin ;; *) echo arm64 ;; esac\n' >"$T/bin/uname"
  RUN_PATH=$T/bin:$PATH expect 3 "$P/setup-tornado.sh" --backend cuda
  one_line
  says err "no cuda release for macOS"
  nothing_left
}

test_setup_downloads_an_sdk_once() {
  needs_server
  local sum before
  sum=$(sha256_of "$TEMP/www/good/$(platform_archive opencl)")
  before=$(gets)
  expect 0 "$P/setup-tornado.sh" --url "$URL/good/" --sha256 "$(echo "$sum" | tr a-f A-F)"
  local sdk=$T/home/.resa4j/tornadovm-$VERSION-opencl
  says out "$sdk ("
  says err "SHA-256 $sum"
  [ -x "$sdk/bin/tornado" ] || fails "bin/tornado is not executable"
  [ ! -e "$sdk/tornado-argfile" ] || fails "the build machine's argument file is still there"
  is "$(find "$T/home/.resa4j" -mindepth 1 -maxdepth 1 | grep -c -v -e "$sdk" -e tornado-argfile-)" 0
  expect 0 RESA_TORNADOVM_URL="$URL/good" "$P/setup-tornado.sh"
  is "$(gets)" $((before + 1))
}

test_setup_downloads_the_backend_asked_for() {
  needs_server
  make_sdk "$T/system"
  expect 0 RESA_SYSTEM_SDK="$T/system" RESA_TORNADOVM_URL="$URL/good" "$P/setup-tornado.sh" --backend ptx
  says out "tornadovm-$VERSION-ptx ($VERSION; ptx)"
  expect 0 RESA_SYSTEM_SDK="$T/system" TORNADOVM_HOME="$T/system" RESA_HOME="$T/other" \
    RESA_TORNADOVM_URL="$URL/good" "$P/setup-tornado.sh" --backend ptx
  says err "TORNADOVM_HOME names another SDK"
}

test_setup_unpacks_without_unzip() {
  needs_server
  # shellcheck source=tools/jdk.sh
  . "$ROOT/tools/jdk.sh"
  { jdk_find && [ -x "$JDK_HOME/bin/jar" ]; } || skip "needs a JDK 25"
  local folder
  mkdir "$T/bin"
  for folder in /bin /usr/bin; do
    ln -s "$folder"/* "$T/bin/" 2>/dev/null
  done
  rm -f "$T/bin/unzip"
  RUN_PATH=$T/bin expect 0 RESA_JAVA_HOME="$JDK_HOME" "$P/setup-tornado.sh" --url "$URL/good"
  [ -x "$T/home/.resa4j/tornadovm-$VERSION-opencl/bin/tornado" ] || fails "bin/tornado is not executable"
}

test_setup_refuses_a_truncated_archive() {
  needs_server
  expect 5 "$P/setup-tornado.sh" --url "$URL/truncated"
  says err "damaged archive"
  nothing_left
}

test_setup_refuses_an_archive_of_something_else() {
  needs_server
  expect 5 "$P/setup-tornado.sh" --url "$URL/other"
  says err "holds no TornadoVM SDK"
  nothing_left
}

test_setup_refuses_a_wrong_checksum() {
  needs_server
  expect 6 "$P/setup-tornado.sh" --url "$URL/good" --sha256 "$(printf '%064d' 0)"
  says err "not 0000000"
  nothing_left
}

test_setup_without_a_network() {
  command -v curl >/dev/null || command -v wget >/dev/null || skip "needs curl or wget"
  # Port 1 of the loopback interface answers nobody.
  expect 4 "$P/setup-tornado.sh" --url http://127.0.0.1:1
  says err "could not download http://127.0.0.1:1/tornadovm-$VERSION-opencl"
  nothing_left
}

# The tool $1 with its patience, 30 seconds in the words $2, cut short in $T/bin, and tried once.
impatient() {
  local tool
  tool=$(command -v "$1") || skip "needs $1"
  mkdir -p "$T/bin"
  printf '#!/usr/bin/env bash\nwords=" $* "\n[ "$words" != "${words/ %s 30 / }" ] || sleep 60\nexec "%s" ${words/ %s 30 / %s 1 } %s\n' \
    "$2" "$tool" "$2" "$2" "$3" >"$T/bin/$1"
  chmod +x "$T/bin/$1"
}

test_setup_gives_up_on_a_download_that_stalls() {
  command -v python3 >/dev/null || skip "needs python3"
  # Sends the beginning, and then nothing more.
  python3 -u - >"$T/port" <<'PYTHON' &
import socket, time
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1])
connections = []
server.settimeout(30)
try:
    while True:
        connections.append(server.accept()[0])
        connections[-1].recv(1000)
        connections[-1].sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 1000000\r\n\r\nPK")
except TimeoutError:
    pass
PYTHON
  local server=$! tries=100 folder
  while [ $tries -gt 0 ] && ! [ -s "$T/port" ]; do sleep 0.1; tries=$((tries - 1)); done
  impatient curl --speed-time '--retry 0'
  RUN_PATH=$T/bin:$PATH expect 4 "$P/setup-tornado.sh" --url "http://127.0.0.1:$(cat "$T/port")"
  says err "stalled"
  nothing_left
  rm "$T/bin/curl"
  impatient wget -T '-t 1'
  for folder in /bin /usr/bin; do ln -s "$folder"/* "$T/bin/" 2>/dev/null; done
  rm "$T/bin/curl"
  RUN_PATH=$T/bin expect 4 "$P/setup-tornado.sh" --url "http://127.0.0.1:$(cat "$T/port")"
  says err "stalled"
  nothing_left
  kill $server
}

test_setup_without_the_tools_it_needs() {
  mkdir "$T/bin"
  local tool
  for tool in bash env uname dirname cat mkdir rm rmdir grep sed; do
    ln -s "$(command -v $tool)" "$T/bin/$tool"
  done
  RUN_PATH=$T/bin expect 9 "$P/setup-tornado.sh"
  says err "needs curl or wget"
  one_line
  printf '#!/bin/sh\nexit 1\n' >"$T/bin/curl"
  chmod +x "$T/bin/curl"
  RUN_PATH=$T/bin expect 9 "$P/setup-tornado.sh"
  says err "needs unzip"
  nothing_left
}

test_setup_without_such_a_file() {
  needs_server
  expect 4 "$P/setup-tornado.sh" --url "$URL/nowhere"
  says err "404"
  nothing_left
}

test_setup_in_a_folder_that_cannot_be_made() {
  needs_server
  touch "$T/file"
  expect 7 RESA_HOME="$T/file/home" "$P/setup-tornado.sh" --url http://127.0.0.1:1
  one_line
}

# Runs a script of the project as a user who has neither a name nor a home, and owns nothing.
expect_of_nobody() {
  local code=$1
  shift
  [ "$(id -u)" != 0 ] || command -v setpriv >/dev/null || skip "needs setpriv, or another user than root"
  if [ "$(id -u)" = 0 ]; then
    chmod 755 "$TEMP" "$T"
    chmod -R a+rX "$P" "$T/jdk"
    expect "$code" setpriv --reuid 54321 --regid 54321 --clear-groups env -u HOME "$@"
  else
    chmod a-w "$T"
    expect "$code" env HOME="$T/nobody" "$@"
    chmod u+w "$T"
  fi
}

test_setup_in_a_read_only_folder() {
  needs_server
  mkdir "$T/readonly"
  chmod a-w "$T/readonly"
  expect_of_nobody 7 RESA_HOME="$T/readonly" "$P/setup-tornado.sh"
  one_line
  says err "cannot write to $T/readonly: Permission denied"
}

test_setup_and_resa_without_a_home() {
  needs_server
  expect_of_nobody 7 "$P/setup-tornado.sh"
  one_line
  says err "cannot write to /.*\.resa4j: Permission denied; set RESA_HOME"
  make_sdk "$T/sdk"
  expect 0 TORNADOVM_HOME="$T/sdk" "$P/resa"
  expect_of_nobody 1 TORNADOVM_HOME="$T/sdk" "$P/resa" run
  one_line
  says err "cannot write /.*\.resa4j/tornado-argfile-[0-9]*: Permission denied; set RESA_HOME"
  # Without an SDK there is nothing to write.
  expect_of_nobody 0 RESA_NO_TORNADO=1 "$P/resa" run
  touch -t 203001010000 "$P/core/src/main/A.java"
  expect_of_nobody 1 RESA_NO_TORNADO=1 "$P/resa" run
  one_line
  says err "has to be built, but nothing can be written to its folder target: Permission denied"
}

test_resa_says_where_maven_could_not_write() {
  touch "$T/file"
  expect 1 MVNW_FAILS=1 MAVEN_ARGS="-Dmaven.repo.local=$T/file/x" "$P/resa"
  says err "the build failed: nothing can be written to $T/file/x: Not a directory"
  make_sdk "$T/sdk"
  expect 1 TORNADOVM_HOME="$T/sdk" TMPDIR="$T/nowhere" "$P/resa"
  says err "cannot write to $T/nowhere: No such file or directory; set TMPDIR"
}

# Mounts a file system of size $1 at $TEMP/disk.
small_disk() {
  [ "$(id -u)" = 0 ] || skip "needs root, to mount a small file system"
  mkdir -p "$TEMP/disk"
  mount -t tmpfs -o size="$1" none "$TEMP/disk" 2>/dev/null || skip "may not mount a small file system"
}

test_setup_on_a_full_disk() {
  needs_server
  local size
  # Too small for anything, for the archive, for its contents.
  for size in 4k 2m 4m; do
    small_disk $size
    expect 8 RESA_HOME="$TEMP/disk/home" "$P/setup-tornado.sh" --url "$URL/good"
    says err "disk full: $TEMP/disk/home has [0-9]* MiB left"
    [ -z "$(ls -A "$TEMP/disk")" ] || fails "left behind with $size: $(find "$TEMP/disk")"
    umount "$TEMP/disk"
  done
}

test_resa_on_a_full_disk() {
  make_sdk "$T/sdk"
  small_disk 64k
  head -c 100000 /dev/zero >"$TEMP/disk/zeros" 2>/dev/null
  expect 1 TORNADOVM_HOME="$T/sdk" RESA_HOME="$TEMP/disk" "$P/resa"
  says err "cannot write $TEMP/disk/tornado-argfile-[0-9]*: No space left on device; set RESA_HOME"
  is "$(ls "$TEMP/disk")" zeros
  touch -t 203001010000 "$P/core/src/main/A.java"
  expect 1 MVNW_FAILS=1 MAVEN_ARGS="-Dmaven.repo.local=$TEMP/disk" "$P/resa"
  says err "the build failed: nothing can be written to $TEMP/disk: No space left on device"
  rm -r "$P/target"
  ln -s "$TEMP/disk" "$P/target"
  expect 1 "$P/resa"
  says err "nothing can be written to its folder target: No space left on device"
  is "$(ls -A "$TEMP/disk")" zeros
  umount "$TEMP/disk"
}

test_setup_interrupted_leaves_nothing() {
  mkdir "$T/bin"
  printf '#!/bin/sh\nowner=$(readlink "$HOME/.resa4j/.tornadovm-download.lock")\nkill -TERM ${owner%%%% *}\n' >"$T/bin/curl"
  chmod +x "$T/bin/curl"
  command -v unzip >/dev/null || skip "needs unzip"
  RUN_PATH=$T/bin:$PATH expect 143 "$P/setup-tornado.sh" --url http://127.0.0.1:1
  nothing_left
}

test_setup_after_a_killed_one() {
  needs_server
  mkdir -p "$T/home/.resa4j/.tornadovm-download.1234567"
  touch "$T/home/.resa4j/.tornadovm-download.1234567/half"
  ln -s "$(dead_pid) 1" "$T/home/.resa4j/.tornadovm-download.lock"
  expect 0 "$P/setup-tornado.sh" --url "$URL/good"
  is "$(find "$T/home/.resa4j" -name '.tornadovm-download*')" ''
}

test_setup_twice_at_the_same_time() {
  needs_server
  local before first second
  before=$(gets)
  (T=$T/a && mkdir "$T" && run HOME="$T/../home" RESA_JAVA_HOME="$T/../jdk" "$P/setup-tornado.sh" --url "$URL/good") &
  first=$!
  (T=$T/b && mkdir "$T" && run HOME="$T/../home" RESA_JAVA_HOME="$T/../jdk" "$P/setup-tornado.sh" --url "$URL/good") &
  second=$!
  wait $first || fails "the first failed: $(cat "$T/a/err")"
  wait $second || fails "the second failed: $(cat "$T/b/err")"
  is "$(gets)" $((before + 1))
}

test_setup_names_drivers_and_packages() {
  local folder
  mkdir "$T/bin" "$T/vendors"
  for folder in /bin /usr/bin; do
    ln -s "$folder"/* "$T/bin/" 2>/dev/null
  done
  rm -f "$T/bin/clinfo"
  make_sdk "$T/sdk"
  RUN_PATH=$T/bin expect 0 TORNADOVM_HOME="$T/sdk" OCL_ICD_VENDORS="$T/vendors" "$P/setup-tornado.sh"
  [ "$(uname -s)" = Darwin ] || says out "no device; .*[Pp][Oo][Cc][Ll]"
  echo libpocl.so >"$T/vendors/pocl.icd"
  RUN_PATH=$T/bin expect 0 TORNADOVM_HOME="$T/sdk" OCL_ICD_VENDORS="$T/vendors" "$P/setup-tornado.sh"
  says out "driver libpocl.so"
}

test_setup_names_nvidia_gpus() {
  mkdir "$T/bin"
  make_sdk "$T/sdk" cuda-backend
  printf '#!/bin/sh\necho "GPU 0: NVIDIA H200 (UUID: GPU-1)"\n' >"$T/bin/nvidia-smi"
  chmod +x "$T/bin/nvidia-smi"
  RUN_PATH=$T/bin:$PATH expect 0 TORNADOVM_HOME="$T/sdk" "$P/setup-tornado.sh"
  says out '^NVIDIA *GPU 0: NVIDIA H200$'
  says_not out OpenCL
  printf '#!/bin/sh\nexit 9\n' >"$T/bin/nvidia-smi"
  RUN_PATH=$T/bin:$PATH expect 1 TORNADOVM_HOME="$T/sdk" "$P/setup-tornado.sh" --check
  says out '^NVIDIA *no GPU'
}

test_setup_says_that_a_cpu_is_not_the_default() {
  mkdir "$T/bin" "$T/vendors"
  make_sdk "$T/sdk"
  # What clinfo says of devices of these types.
  cat >"$T/bin/clinfo" <<CLINFO
#!/usr/bin/env bash
for type in \$(cat "$T/types"); do
  [ "\$1" = -l ] && echo " \\-- Device #0: \$type" || echo "[X/0]    CL_DEVICE_TYPE     CL_DEVICE_TYPE_\$type"
done
CLINFO
  chmod +x "$T/bin/clinfo"
  local types
  for types in CPU 'CPU GPU' GPU; do
    echo "$types" >"$T/types"
    RUN_PATH=$T/bin:$PATH expect 0 TORNADOVM_HOME="$T/sdk" "$P/setup-tornado.sh"
    if [ "$types" = CPU ]; then
      tail -n 2 "$T/out" | grep -q 'JVM engine' || fails "$(cat "$T/out")"
      tail -n 1 "$T/out" | grep -q -e '--device opencl:0' || fails "$(cat "$T/out")"
    else
      says_not out 'JVM engine'
    fi
  done
  echo CPU >"$T/types"
  printf '#!/bin/sh\necho "GPU 0: NVIDIA H200 (UUID: GPU-1)"\n' >"$T/bin/nvidia-smi"
  chmod +x "$T/bin/nvidia-smi"
  echo tornado.backends=opencl-backend,cuda-backend >"$T/sdk/etc/tornado.backend"
  RUN_PATH=$T/bin:$PATH expect 0 TORNADOVM_HOME="$T/sdk" "$P/setup-tornado.sh"
  says_not out 'JVM engine'
  # Without clinfo, by the drivers.
  local folder
  for folder in /bin /usr/bin; do
    ln -s "$folder"/* "$T/bin/" 2>/dev/null
  done
  rm -f "$T/bin/clinfo" "$T/bin/nvidia-smi"
  echo libpocl.so >"$T/vendors/pocl.icd"
  RUN_PATH=$T/bin expect 0 TORNADOVM_HOME="$T/sdk" OCL_ICD_VENDORS="$T/vendors" "$P/setup-tornado.sh"
  says out 'JVM engine'
  echo libnvidia-opencl.so.1 >"$T/vendors/nvidia.icd"
  RUN_PATH=$T/bin expect 0 TORNADOVM_HOME="$T/sdk" OCL_ICD_VENDORS="$T/vendors" "$P/setup-tornado.sh"
  says_not out 'JVM engine'
}

test_setup_keeps_away_from_a_folder_in_its_place() {
  needs_server
  mkdir -p "$T/home/.resa4j/tornadovm-$VERSION-opencl/mine"
  expect 10 "$P/setup-tornado.sh" --url "$URL/good"
  says err "bin is missing"
  [ -d "$T/home/.resa4j/tornadovm-$VERSION-opencl/mine" ] || fails "the folder is gone"
}

# --- resa ---------------------------------------------------------------------------------------------------------

# A process id that belongs to nobody any more.
dead_pid() {
  sleep 0 &
  local pid=$!
  wait $pid
  echo $pid
}

# What "says" takes for the class path of these modules in a checkout.
class_path() {
  local module path=''
  for module; do path="$path:$P/$module/target/resa4j-$module-[^:]*.jar:$P/$module/target/lib/\\*"; done
  echo "${path#:}"
}

test_resa_builds_on_first_use_only() {
  expect 0 "$P/resa" run
  says err "building"
  is "$(builds)" 1
  expect 0 "$P/resa" run
  is "$(wc -c <"$T/err" | tr -d ' ')" 0
  is "$(builds)" 1
  [ ! -e "$P/target/.resa-build.lock" ] || fails "the lock is still there"
}

test_resa_says_how_far_its_build_is() {
  expect 0 "$P/resa" run
  # The stand-in says nothing of module report.
  printf 'resa: %s\n' 'building (once; a minute or two) ...' 'building core (1 of 7) ...' 'building runtime (2 of 7) ...' \
    'building cli (3 of 7) ...' 'building server (4 of 7) ...' 'building eval (5 of 7) ...' 'building bench (6 of 7) ...' | diff - "$T/err" ||
    fails "other words"
  grep -q '@ resa4j-core' "$P/target/resa-build.log" || fails "$(cat "$P/target/resa-build.log")"
  # At a terminal, in one line that is gone in the end.
  command -v python3 >/dev/null || skip "needs python3, to stand in for a terminal"
  rm "$P/target/.resa-built"
  expect 0 TERM=vt100 python3 -c 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]))' "$P/resa" run
  tr '\r' '\n' <"$T/out" | grep -qxF "$(printf '\033[Kresa: building bench (6 of 7): compile')" || fails "$(cat -v "$T/out")"
  tr '\r' '\n' <"$T/out" | grep -qxF "$(printf '\033[Kresa: building cli (3 of 7): fetching cli.pom')" ||
    fails "$(cat -v "$T/out")"
  says_not out 'building .* (. of 6) \.\.\.'
  tr '\r' '\n' <"$T/out" | grep -q "^$(printf '\033')\[Kjava=" || fails "the line is still there: $(cat -v "$T/out")"
}

test_resa_builds_again_after_a_change() {
  expect 0 "$P/resa"
  touch -t 203001010000 "$P/runtime/src/main/A.java"
  expect 0 "$P/resa"
  is "$(builds)" 2
  touch -t 202601010000 "$P/runtime/src/main/A.java"
  expect 0 "$P/resa"
  is "$(builds)" 2
  # Sources newer than a jar that Maven left as it was do not make it build for ever.
  touch -t 202602010000 "$P"/runtime/target/*.jar
  touch -t 202603010000 "$P/runtime/src/main/A.java"
  expect 0 "$P/resa"
  is "$(builds)" 2
}

test_resa_passes_arguments_as_they_are() {
  touch "$T/argfile"
  expect 0 "$P/resa" run -p 'two  words' '' '*' "quote's" 'a"b' "@$T/argfile" '$HOME' 'back\slash' --
  sed -n '/org.resa4j.cli.Main/,$p' "$T/out" >"$T/got"
  printf '<%s>\n' org.resa4j.cli.Main run -p 'two  words' '' '*' "quote's" 'a"b' "@$T/argfile" '$HOME' 'back\slash' -- \
    >"$T/wanted"
  diff "$T/wanted" "$T/got" || fails "other arguments"
}

test_resa_runs_from_anywhere_and_through_links() {
  mkdir -p "$T/x/y" "$T/elsewhere"
  ln -s "../../the project/resa" "$T/x/y/resa"
  ln -s "$T/x/y/resa" "$T/elsewhere/r"
  RUN_IN="$T/elsewhere" expect 0 ./r
  says out "<$(class_path core runtime cli)>"
  RUN_IN=/ RUN_PATH=$T/elsewhere:$PATH expect 0 r
  RUN_IN=$P expect 0 bash resa
}

test_resa_without_an_sdk() {
  expect 0 "$P/resa"
  says_not out '-Dtornado'
  says_not out tornado-kernels
  says out "<java.base/jdk.internal.module=ALL-UNNAMED>"
  grep -q '^home= .*package' "$P/mvnw.log" || fails "$(cat "$P/mvnw.log")"
}

test_resa_with_an_sdk() {
  make_sdk "$T/sdk"
  expect 0 TORNADOVM_HOME="$T/sdk" RESA_DEVICE_MEMORY=2GB "$P/resa"
  says out "home=$T/sdk"
  says out "<@$T/home/.resa4j/tornado-argfile-[0-9]*>"
  says_not out recover.bailout
  says out "<-Dtornado.device.memory=2GB>"
  says out "<$(class_path core runtime cli tornado-kernels)>"
  is "$(sed -n '1s/.*\(install-file\).*/\1/p' "$P/mvnw.log")" install-file
  grep -q "^home=$T/sdk .*package" "$P/mvnw.log" || fails "$(cat "$P/mvnw.log")"
  expect 0 TORNADOVM_HOME="$T/sdk" "$P/resa"
  says out "<-Dtornado.device.memory=[1-9][0-9]*MB>"
  is "$(wc -l <"$P/mvnw.log" | tr -d ' ')" 2
}

# An IDE takes the file as it is: all of the flags are in it, and in the file that the launcher takes.
test_argfile_has_every_flag() {
  make_sdk "$T/sdk"
  expect 0 TORNADOVM_HOME="$T/sdk" RESA_DEVICE_MEMORY=2GB "$P/setup-tornado.sh"
  local argfile flag
  argfile=$(sed -n 's/^JVM flags *java "@\(.*\)" \.\.\..*/\1/p' "$T/out")
  for flag in --add-exports java.base/jdk.internal.module=ALL-UNNAMED --enable-native-access=ALL-UNNAMED -Dtornado.recover.bailout=False \
    -Dtornado.enable.fma=false -Dtornado.max.events=64 -Dtornado.tvm.maxbytecodesize=1048576 \
    --add-opens=tornado.runtime/uk.ac.manchester.tornado.runtime.graph=ALL-UNNAMED; do
    grep -qxF -e "$flag" "$argfile" || fails "no $flag in it: $(cat "$argfile")"
  done
  grep -qxF -e '--add-modules ALL-DEFAULT' "$argfile" || fails "incubating modules are in it: $(cat "$argfile")"
  grep -qx -e '-Dtornado.device.memory=[1-9][0-9]*MB' "$argfile" || fails "no memory in it: $(cat "$argfile")"
  # One start's choice is not for ever.
  ! grep -q memory=2GB "$argfile" || fails "it has RESA_DEVICE_MEMORY"
  cp "$argfile" "$T/argfile"
  expect 0 TORNADOVM_HOME="$T/sdk" "$P/resa"
  says out "<@$argfile>"
  cmp "$argfile" "$T/argfile" || fails "the launcher wrote another"
  # One with other flags, as an earlier version wrote it, is written again.
  sed -i.bak -e 1d -e '/bailout/d' "$argfile"
  expect 0 TORNADOVM_HOME="$T/sdk" "$P/resa"
  cmp "$argfile" "$T/argfile" || fails "it was left as it was"
}

test_flags_are_those_of_mavens_tests() {
  # shellcheck source=tools/files.sh
  . "$ROOT/tools/files.sh"
  # shellcheck source=tools/jvm-flags.sh
  . "$ROOT/tools/jvm-flags.sh"
  local flag
  for flag in "${DEVICE_FLAGS[@]}"; do
    grep -q -F -e "$flag" "$ROOT/tornado-kernels/pom.xml" || fails "tornado-kernels/pom.xml has no $flag"
  done
}

test_resa_test_says_what_it_left_out() {
  expect 0 "$P/resa" test -o
  grep -q '^home= -B verify -o$' "$P/mvnw.log" || fails "$(cat "$P/mvnw.log")"
  says out '^left out: module tornado-kernels'
  make_sdk "$T/sdk"
  expect 0 TORNADOVM_HOME="$T/sdk" "$P/resa" test
  grep -q "^home=$T/sdk -B verify$" "$P/mvnw.log" || fails "$(cat "$P/mvnw.log")"
  says_not out 'module tornado-kernels'
  expect 1 MVNW_FAILS=1 "$P/resa" test
  says_not out 'left out'
}

test_resa_test_says_why_it_skipped() {
  mkdir -p "$T/reports/core/target/surefire-reports" "$T/reports/eval/target/surefire-reports"
  cat >"$T/reports/core/target/surefire-reports/TEST-a.xml" <<'XML'
<testsuite name="a" tests="4" skipped="3">
  <testcase name="one" classname="a" time="0.1"/>
  <testcase name="two" classname="a" time="0">
    <skipped message="Assumption failed: no GPU with more than 8 GiB &amp; &quot;fp16&quot;" type="org.opentest4j.TestAbortedException"><![CDATA[org.opentest4j.TestAbortedException: Assumption failed: no
	at a.b]]></skipped>
  </testcase>
  <testcase name="three" classname="a" time="0"><skipped message="needs fonts&#10;at a.b"/></testcase>
  <testcase name="four" classname="a" time="0"><skipped/></testcase>
  <testcase name="five" classname="a" time="0">
    <skipped type="org.opentest4j.TestAbortedException"><![CDATA[org.opentest4j.TestAbortedException: Assumption failed: needs fonts
	at org.junit.jupiter.api.Assumptions.throwAssumptionFailed(Assumptions.java:340)
]]></skipped>
  </testcase>
</testsuite>
XML
  echo '<testcase name="t"><skipped message="needs fonts"/></testcase>' >"$T/reports/eval/target/surefire-reports/TEST-b.xml"
  # Of an earlier run.
  mkdir -p "$P/core/target/surefire-reports"
  echo '<skipped message="long ago"/>' >"$P/core/target/surefire-reports/TEST-old.xml"
  touch -t 202601010000 "$P/core/target/surefire-reports/TEST-old.xml"
  expect 0 MVNW_REPORTS="$T/reports" "$P/resa" test
  tail -n 4 "$T/out" | diff - <(printf '%s\n' 'skipped:    3 tests: needs fonts' \
    'skipped:    1 test: no GPU with more than 8 GiB & "fp16"' 'skipped:    1 test: no reason given' \
    'left out: module tornado-kernels and its tests (no TornadoVM SDK; ./setup-tornado.sh installs one)') || fails "other words"
  # Nothing skipped, nothing said.
  rm -r "$T/reports" "$P"/*/target/surefire-reports
  expect 0 "$P/resa" test
  says_not out skipped
}

test_resa_bench_starts_the_benchmarks() {
  expect 0 "$P/resa" bench attention --context 64
  sed -n '/org.resa4j.bench.BenchMain/,$p' "$T/out" >"$T/got"
  printf '<%s>\n' org.resa4j.bench.BenchMain attention --context 64 | diff - "$T/got" || fails "other arguments"
  says out "<$(class_path core runtime cli report bench)>"
  # Peers to compare with are for the benchmarks alone.
  mkdir "$P/bench/target/lib-peers"
  expect 0 "$P/resa" bench attention
  says out "/bench/target/lib/\*:$P/bench/target/lib-peers/\*>"
  expect 0 "$P/resa" eval
  says_not out lib-peers
}

test_resa_eval_starts_the_evaluation() {
  expect 0 "$P/resa" eval tasks.jsonl --output out
  sed -n '/org.resa4j.eval.EvalMain/,$p' "$T/out" >"$T/got"
  printf '<%s>\n' org.resa4j.eval.EvalMain tasks.jsonl --output out | diff - "$T/got" ||
    fails "other arguments"
  says out "<$(class_path core runtime cli report eval)>"
}

test_resa_serve_starts_the_server() {
  expect 0 "$P/resa" serve --port 0
  sed -n '/org.resa4j.server.ServeMain/,$p' "$T/out" >"$T/got"
  printf '<%s>\n' org.resa4j.server.ServeMain --port 0 | diff - "$T/got" || fails "other arguments"
  says out "<$(class_path core runtime cli server)>"
}

test_resa_builds_what_the_command_needs() {
  expect 0 "$P/resa"
  touch -t 203001010000 "$P/eval/src/main/A.java"
  expect 0 "$P/resa" run
  expect 0 "$P/resa" bench
  is "$(builds)" 1
  expect 0 "$P/resa" eval
  is "$(builds)" 2
  touch -t 203001010000 "$P/core/src/main/A.java"
  expect 0 "$P/resa" run
  is "$(builds)" 3
}

test_resa_builds_the_kernels_when_an_sdk_appears() {
  expect 0 "$P/resa"
  make_sdk "$T/home/.resa4j/tornadovm-$VERSION-opencl"
  expect 0 "$P/resa"
  is "$(builds)" 2
  says out tornado-kernels
  expect 0 RESA_NO_TORNADO=1 "$P/resa"
  says_not out '-Dtornado'
  says_not out tornado-kernels
}

test_resa_prefers_what_setup_installed_last() {
  make_sdk "$T/system"
  make_sdk "$T/home/.resa4j/tornadovm-$VERSION-opencl"
  make_sdk "$T/home/.resa4j/tornadovm-$VERSION-ptx"
  touch -t 202601010000 "$T/home/.resa4j/tornadovm-$VERSION-ptx"
  expect 0 RESA_SYSTEM_SDK="$T/system" "$P/resa"
  says out "home=$T/home/.resa4j/tornadovm-$VERSION-opencl"
  touch -t 203001010000 "$T/home/.resa4j/tornadovm-$VERSION-ptx"
  expect 0 RESA_SYSTEM_SDK="$T/system" "$P/resa"
  says out "home=$T/home/.resa4j/tornadovm-$VERSION-ptx"
}

test_resa_can_leave_tornado_out() {
  make_sdk "$T/sdk"
  expect 0 TORNADOVM_HOME="$T/sdk" RESA_NO_TORNADO=1 "$P/resa"
  says_not out '-Dtornado'
  says_not out tornado-kernels
  grep -q '^home= ' "$P/mvnw.log" || fails "$(cat "$P/mvnw.log")"
}

test_resa_rejects_an_unusable_tornadovm_home() {
  expect 1 TORNADOVM_HOME="$T/nowhere" "$P/resa"
  says err "no such folder"
  one_line
}

test_resa_shows_the_log_of_a_failed_build() {
  expect 1 MVNW_FAILS=1 "$P/resa"
  says err "cannot compile"
  [ ! -e "$P/target/.resa-build.lock" ] || fails "the lock is still there"
  expect 0 "$P/resa"
}

test_resa_builds_once_for_many() {
  local i pids=''
  for i in 1 2 3; do
    (T=$T/$i && mkdir "$T" && run HOME="$T/../home" RESA_JAVA_HOME="$T/../jdk" MVNW_SLEEP=1 "$P/resa") &
    pids="$pids $!"
  done
  for i in $pids; do wait "$i" || fails "one of them failed"; done
  is "$(builds)" 1
}

test_resa_evaluates_on_spark() {
  expect 1 "$P/resa" eval --spark local
  says err "needs SPARK_HOME, the folder of a Spark $(sed -n 's/.*<spark.version>\(.*\)<.*/\1/p' "$P/pom.xml")"
  # Nobody who does not ask for it fetches Spark.
  expect 0 "$P/resa" eval
  grep -qF -- '-pl !spark' "$P/mvnw.log" || fails "$(cat "$P/mvnw.log")"
  mkdir -p "$T/spark/jars"
  expect 0 SPARK_HOME="$T/spark" "$P/resa" eval --spark=local tasks.jsonl
  is "$(builds)" 2
  [ "$(grep -cF -- '-pl !spark' "$P/mvnw.log")" = 1 ] || fails "$(cat "$P/mvnw.log")"
  says out "<$(class_path core runtime cli report eval spark):$T/spark/jars/\*>"
  says out '<--add-opens=java.base/java.nio=ALL-UNNAMED>'
  says out '<--spark=local>'
  expect 0 "$P/resa" eval
  is "$(builds)" 2
  expect 0 "$P/resa" run --spark
}

test_spark_flags_are_those_of_its_tests() {
  # shellcheck source=tools/jvm-flags.sh
  is "$(. "$P/tools/jvm-flags.sh" && echo "${SPARK_FLAGS[*]}")" \
    "$(sed -n 's/.*<spark.jvm.flags>\(.*\)<.*/\1/p' "$ROOT/spark/pom.xml")"
}

test_resa_mends_a_build_killed_at_any_moment() {
  local moment module
  for moment in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do
    rm -rf "$P"/*/target "$P/target"
    run MVNW_KILLS=$moment MVNW_DIES=1 "$P/resa" bench && fails "it was not killed at moment $moment"
    expect 0 "$P/resa" run
    says err building
    for module in core runtime cli server report eval bench; do
      [ -e "$P/$module/target/lib/.whole" ] || fails "killed at moment $moment, $module stayed half built"
    done
    [ -z "$(find "$P/target" -name '*.lock*')" ] || fails "a lock is still there"
  done
}

# As the disk was full, or the machine off, when a build had left the first jar.
test_resa_mends_what_a_build_without_stamp_left() {
  mkdir -p "$P/core/target/lib"
  touch "$P/core/target/resa4j-core-0.1.0-SNAPSHOT.jar"
  expect 0 "$P/resa"
  is "$(builds)" 1
  # The next build goes wrong where nothing but a jar was missing.
  rm "$P/cli/target/resa4j-cli-0.1.0-SNAPSHOT.jar" "$P/cli/target/lib/.whole"
  run MVNW_KILLS=6 MVNW_DIES=1 "$P/resa" && fails "it was not killed"
  [ -e "$P/cli/target/resa4j-cli-0.1.0-SNAPSHOT.jar" ] || fails "no jar"
  expect 0 "$P/resa"
  [ -e "$P/cli/target/lib/.whole" ] || fails "cli stayed half built"
}

test_resa_waits_for_the_maven_of_a_killed_build() {
  # Between a folder and what Maven puts into it, which the next build is to leave alone until then.
  run MVNW_KILLS=2 MVNW_LINGERS=1 "$P/resa" && fails "it was not killed"
  expect 0 "$P/resa"
  is "$(tr '\n' ' ' <"$P/mvnw.turns")" 'begin end begin end '
}

test_resa_breaks_the_lock_of_a_killed_build() {
  local lock=$P/target/.resa-build.lock
  mkdir "$P/target"
  ln -s "$(dead_pid) 1" "$lock"
  expect 0 "$P/resa"
  # Its number belongs to another process now.
  rm "$P/target/.resa-built"
  ln -s "$$ 1" "$lock"
  expect 0 "$P/resa"
  # A lock of an earlier version, whose owner was killed before it wrote its number.
  rm "$P/target/.resa-built"
  mkdir "$lock"
  expect 0 "$P/resa"
  is "$(builds)" 3
  # Many wait for it: one builds, and none takes the lock of another.
  local i pids=''
  rm "$P/target/.resa-built" "$P/mvnw.turns"
  ln -s "$(dead_pid) 1" "$lock"
  for i in 1 2 3 4 5 6 7 8; do
    (T=$T/$i && mkdir "$T" && run HOME="$T/../home" RESA_JAVA_HOME="$T/../jdk" MVNW_SLEEP=0.3 "$P/resa") &
    pids="$pids $!"
  done
  for i in $pids; do wait "$i" || fails "one of them failed"; done
  is "$(tr '\n' ' ' <"$P/mvnw.turns")" 'begin end '
  [ -z "$(find "$P/target" -name '*.lock*')" ] || fails "a lock is still there"
}

test_resa_stops_its_build_with_it() {
  local pid status=0
  mkfifo "$T/pipe"
  (T=$T/a && mkdir "$T" && exec env -i PATH="$PATH" HOME="$T/home" RESA_SYSTEM_ROOT="$T/machine" RESA_JAVA_HOME="$T/../jdk" \
    MVNW_SLEEP=30 "$P/resa") 2>"$T/pipe" &
  pid=$!
  exec 3<"$T/pipe"
  read -r _ <&3
  while [ ! -e "$P/mvnw.turns" ]; do sleep 0.05; done
  kill -TERM $pid
  wait $pid || status=$?
  is $status 143
  expect 0 "$P/resa"
  is "$(tr '\n' ' ' <"$P/mvnw.turns")" 'begin begin end '
}

test_resa_test_ends_with_the_last_words_of_maven() {
  local pid status=0
  (exec env -i PATH="$PATH" HOME="$T/home" RESA_SYSTEM_ROOT="$T/machine" RESA_JAVA_HOME="$T/jdk" \
    MVNW_DOES='trap "sleep 0.3; echo bye; exit 143" TERM; sleep 30 & wait' "$P/resa" test) >"$T/out" 2>"$T/err" &
  pid=$!
  while [ ! -e "$P/mvnw.turns" ]; do sleep 0.05; done
  sleep 0.2
  kill -TERM $pid
  wait $pid || status=$?
  is $status 143
  says out bye
}

test_resa_may_change_while_it_builds() {
  expect 0 MVNW_DOES='cp resa old; { printf "#!/bin/sh\n\"\n"; cat old; } >resa' "$P/resa" run -p 1
  says out '<-p>'
}

test_resa_drops_libraries_of_earlier_versions() {
  expect 0 "$P/resa"
  touch "$P/cli/target/lib/picocli-1.0.jar"
  expect 0 "$P/resa" test
  expect 0 "$P/resa" test -pl core
  [ -e "$P/cli/target/lib/picocli-1.0.jar" ] || fails "a library is gone, and nothing was stale"
  touch -t 203001010000 "$P/cli/pom.xml"
  mkdir -p "$P/runtime/target/lib"
  touch "$P/runtime/target/lib/old.jar"
  expect 0 "$P/resa"
  is "$(find "$P" -name 'picocli*' -o -name old.jar)" ''
  [ -e "$P/cli/target/lib/.whole" ] || fails "cli is half built"
  touch "$P/cli/target/lib/picocli-1.0.jar"
  expect 0 "$P/resa" test
  is "$(find "$P" -name 'picocli*')" ''
}

test_resa_test_is_a_build_too() {
  expect 0 "$P/resa" test
  expect 0 "$P/resa" bench
  is "$(builds)" 0
  touch -t 203001010000 "$P/core/src/main/A.java"
  expect 0 "$P/resa" test -pl runtime
  expect 0 "$P/resa" bench
  is "$(builds)" 1
}

test_resa_finds_jdk_25() {
  make_jdk "$T/jdk21" 21.0.9
  expect 1 RESA_JAVA_HOME="$T/jdk21" "$P/resa"
  says err "Java 21.0.9"
  one_line
  make_jdk "$T/jdk250" 250.1
  expect 1 RESA_JAVA_HOME="$T/jdk250" "$P/resa"
  expect 0 RESA_JAVA_HOME= JAVA_HOME="$T/jdk" "$P/resa"
  says out "java=$T/jdk/bin/java"
  # JAVA_HOME of another version is passed over; java on PATH may be a link.
  mkdir "$T/bin"
  ln -s ../jdk/bin/java "$T/bin/java"
  RUN_PATH=$T/bin:$PATH expect 0 RESA_JAVA_HOME= JAVA_HOME="$T/jdk21" "$P/resa"
  says out "java=$T/.*jdk/bin/java"
}

test_resa_checks_the_device_memory() {
  make_sdk "$T/sdk"
  local value
  for value in 16 lots GB -1GB '1 GB'; do
    expect 1 TORNADOVM_HOME="$T/sdk" RESA_DEVICE_MEMORY="$value" "$P/resa"
    says err "write it like 16GB"
  done
}

test_resa_asks_an_nvidia_driver_once() {
  make_sdk "$T/sdk"
  mkdir -p "$T/bin" "$T/machine/proc/driver/nvidia/gpus/0000:01:00.0"
  # 40 million MiB: more than this machine has.
  printf '#!/bin/sh\necho asked >>"%s/asked"\necho 10\necho 40000000\n' "$T" >"$T/bin/nvidia-smi"
  chmod +x "$T/bin/nvidia-smi"
  local driver
  for driver in 570 570 580; do
    echo "version $driver" >"$T/machine/proc/driver/nvidia/version"
    RUN_PATH=$T/bin:$PATH expect 0 TORNADOVM_HOME="$T/sdk" "$P/resa"
    says out '<-Dtornado.device.memory=36000000MB>'
  done
  is "$(grep -c asked "$T/asked")" 2
  # A driver that does not answer is no reason not to start.
  printf '#!/bin/sh\nexit 9\n' >"$T/bin/nvidia-smi"
  rm -r "$T/machine/proc/driver/nvidia/gpus"
  echo broken >"$T/machine/proc/driver/nvidia/version"
  RUN_PATH=$T/bin:$PATH expect 0 TORNADOVM_HOME="$T/sdk" "$P/resa"
  says out '<-Dtornado.device.memory=[1-9][0-9]*MB>'
}

test_output_that_cannot_be_written_is_an_error() {
  [ -c /dev/full ] || skip "needs /dev/full"
  local line
  for line in '1 resa --launcher-help' '1 resa archive --help' '1 resa test' '12 setup-tornado.sh --help' \
    '12 setup-tornado.sh --check'; do
    # shellcheck disable=SC2086 # words of a command
    set -- $line
    expect "$1" sh -c 'exec "$@" >/dev/full' sh "$P/$2" "${@:3}"
    says err 'No space left on device'
  done
}

test_resa_takes_jvm_flags() {
  expect 0 RESA_JVM_FLAGS=' -Xmx1g  -Da=* ' "$P/resa"
  says out '<-Xmx1g>'
  says out '<-Da=\*>'
}

test_resa_has_a_locale_of_utf8() {
  sed -i.bak 's/^printf/echo "locale=${LC_ALL:-}"\nprintf/' "$T/jdk/bin/java"
  local locale tool
  # The last is installed nowhere; bash says so itself of LC_ALL.
  for locale in LANG= LANG=C LC_ALL=POSIX LANG=xx_YY.UTF-8 LC_CTYPE=xx_YY.UTF-8 LC_ALL=xx_YY.UTF-8; do
    expect 0 "$locale" "$P/resa"
    says out '^locale=C.UTF-8$'
  done
  mkdir "$T/bin"
  for tool in bash env cat dirname readlink find cksum; do ln -s "$(command -v $tool)" "$T/bin/$tool"; done
  RUN_PATH=$T/bin expect 0 LANG=xx_YY.UTF-8 "$P/resa"
  says out '^locale=C.UTF-8$'
  for locale in $(locale -a 2>/dev/null | grep -v -x -e C -e POSIX | head -n 3); do
    expect 0 LANG="$locale" "$P/resa"
    says out '^locale=$'
  done
}

test_resa_chains_signal_handlers() {
  make_sdk "$T/sdk"
  mkdir "$T/jdk/lib" "$T/vendors"
  touch "$T/jdk/lib/libjsig.so"
  echo /usr/lib/libpocl.so >"$T/vendors/pocl.icd"
  sed -i.bak 's/^printf/echo "preload=$LD_PRELOAD path=$LD_LIBRARY_PATH"\nprintf/' "$T/jdk/bin/java"
  expect 0 TORNADOVM_HOME="$T/sdk" OCL_ICD_VENDORS="$T/vendors" LD_LIBRARY_PATH=/first "$P/resa" 2>/dev/null
  says out "^preload=libjsig.so path=/first:$T/jdk/lib$"
  expect 0 RESA_NO_TORNADO=1 "$P/resa"
  says out "^preload= path=$"
  # NVIDIA's driver does without; another beside it does not.
  printf libnvidia-opencl.so.1 >"$T/vendors/nvidia.icd"
  expect 0 TORNADOVM_HOME="$T/sdk" OCL_ICD_VENDORS="$T/vendors" "$P/resa" 2>/dev/null
  says out "^preload=libjsig.so path=$T/jdk/lib$"
  rm "$T/vendors/pocl.icd"
  expect 0 TORNADOVM_HOME="$T/sdk" OCL_ICD_VENDORS="$T/vendors" "$P/resa"
  says out "^preload= path=$"
  expect 0 TORNADOVM_HOME="$T/sdk" OCL_ICD_VENDORS="$T/vendors/nvidia.icd" "$P/resa"
  says out "^preload= path=$"
}

test_resa_becomes_the_jvm() {
  # shellcheck source=tools/jdk.sh
  . "$ROOT/tools/jdk.sh"
  { jdk_find && [ -x "$JDK_HOME/bin/javac" ]; } || skip "needs a JDK 25"
  expect 0 "$P/resa"
  cat >"$T/Main.java" <<'JAVA'
package org.resa4j.cli;

public class Main {
  public static void main(String[] args) throws Exception {
    if (args[0].equals("exit")) {
      System.out.println(args[1]);
      System.exit(7);
    }
    if (args[0].equals("vector")) {
      Module loaded = (Module) Class.forName("jdk.internal.module.Modules")
          .getMethod("loadModule", String.class).invoke(null, "jdk.incubator.vector");
      System.out.println(Class.forName("jdk.incubator.vector.FloatVector").getModule() == loaded);
      return;
    }
    Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("stopped")));
    System.out.println("started");
    Thread.sleep(10_000);
    Runtime.getRuntime().halt(1);
  }
}
JAVA
  "$JDK_HOME/bin/javac" -d "$T/classes" "$T/Main.java" || fails "javac"
  "$JDK_HOME/bin/jar" -cf "$(ls "$P"/cli/target/*.jar)" -C "$T/classes" org || fails "jar"
  expect 7 RESA_JAVA_HOME="$JDK_HOME" "$P/resa" exit 'naïve @x *'
  says out '^naïve @x \*$'
  # With the Vector API, and without the JVM's warning of it.
  expect 0 RESA_JAVA_HOME="$JDK_HOME" "$P/resa" vector
  says out '^true$'
  [ ! -s "$T/err" ] || fails "it said: $(cat "$T/err")"
  mkfifo "$T/pipe"
  env -i PATH="$PATH" HOME="$T/home" RESA_SYSTEM_ROOT="$T/machine" RESA_JAVA_HOME="$JDK_HOME" "$P/resa" wait \
    >"$T/pipe" 2>/dev/null &
  local pid=$! line='' status=0
  exec 3<"$T/pipe"
  read -r line <&3
  is "$line" started
  kill -TERM $pid
  read -r line <&3
  is "$line" stopped
  wait $pid || status=$?
  is $status 143
}

# --- The archive --------------------------------------------------------------------------------------------------

# Packs the project with the SDK in $T/sdk, which has OpenCL and CUDA, and unpacks it to $A. The stand-ins: jlink makes
# a JRE whose java is the fake one, jar finds a licence in every jar but those in $T/unlicensed.
make_archive_project() {
  command -v xz >/dev/null || skip "needs xz"
  mkdir -p "$P/models/clerk" "$P/bench/peers"
  echo model >"$P/models/clerk/config.json"
  echo peer >"$P/bench/peers/sdpa.py"
  cp "$ROOT/LICENSE" "$ROOT/NOTICE" "$P"
  cp "$ROOT/tools/StoreJars.java" "$ROOT/tools/third-party.txt" "$P/tools"
  cat >"$T/jdk/bin/jlink" <<JLINK
#!/usr/bin/env bash
while [ "\$1" != --output ]; do shift; done
mkdir -p "\$2/bin"
cp "$T/jdk/bin/java" "\$2/bin"
[ ! -f "$T/jre-file" ] || cp "$T/jre-file" "\$2"
JLINK
  printf '#!/bin/sh\ngrep -qs "${2##*/}" "%s/unlicensed" || echo META-INF/LICENSE\n' "$T" >"$T/jdk/bin/jar"
  chmod +x "$T/jdk/bin/jlink" "$T/jdk/bin/jar"
  make_sdk "$T/sdk" opencl-backend,cuda-backend
  local jars=$T/sdk/share/java/tornado backend
  rm "$T/sdk/lib/libtornado.so"
  for backend in opencl cuda ptx; do touch "$jars/tornado-drivers-$backend-$VERSION.jar"; done
  touch "$jars/tornado-drivers-common-$VERSION.jar" "$jars/tornado-examples-$VERSION.jar" "$jars/asm-9.9.jar"
  touch "$jars/tornado-cublas-$VERSION.jar" "$jars/tornado-cufft-$VERSION.jar" "$T/sdk/LICENSE_X"
  touch "$T/sdk/lib/libtornado-opencl.so" "$T/sdk/lib/libtornado-cuda.so" "$T/sdk/lib/libtornado-cublas.so"
  cat >"$T/sdk/tornado-argfile.template" <<'TEMPLATE'
# === Module system ===
-server
-Djava.library.path=${TORNADOVM_HOME}/lib
--module-path .:${TORNADOVM_HOME}/share/java/tornado
--add-modules ALL-SYSTEM,tornado.runtime,tornado.drivers.common,tornado.drivers.opencl,tornado.drivers.cuda,tornado.cufft
--enable-native-access=tornado.drivers.opencl
--add-reads=tornado.drivers.common=jdk.graal.compiler
--add-reads=tornado.drivers.cuda=jdk.graal.compiler
--add-exports=jdk.graal.compiler/a.b=tornado.runtime,tornado.drivers.common
--add-exports=jdk.graal.compiler/a.c=tornado.drivers.cuda
TEMPLATE
  expect 0 TORNADOVM_HOME="$T/sdk" "$P/resa"
  touch "$P/cli/target/lib/picocli-4.7.7.jar"
}

make_archive() {
  make_archive_project
  expect 0 TORNADOVM_HOME="$T/sdk" "$P/resa" archive "$T/archive.tar.xz"
  mkdir "$T/un packed"
  tar -C "$T/un packed" -xJf "$T/archive.tar.xz"
  A=$(echo "$T/un packed"/resa4j-*)
  # A loader that lacks what $T/lacks-BACKEND lists, unless a folder of LD_LIBRARY_PATH has it.
  mkdir "$T/bin"
  cat >"$T/bin/ldd" <<LDD
#!/usr/bin/env bash
backend=\${1##*/libtornado-}
backend=\${backend%.so}
[ -f "$T/lacks-\$backend" ] || exit 0
while read -r name; do
  for folder in \${LD_LIBRARY_PATH//:/ }; do [ ! -e "\$folder/\$name" ] || continue 2; done
  case \$name in
    GLIBC*) echo "\$1: /lib/libc.so.6: version \\\`\$name' not found (required by \$1)" >&2 ;;
    *) echo "	\$name => not found" ;;
  esac
done <"$T/lacks-\$backend"
LDD
  printf '#!/bin/sh\n[ ! -d "%s/nvidia" ] || echo "%s/nvidia"\n' "$T" "$T" >"$T/bin/python3"
  chmod +x "$T/bin/ldd" "$T/bin/python3"
}

# Runs the unpacked launcher as a bare machine would: no Java, no HOME.
bare() { RUN_PATH=$T/bin:/usr/bin:/bin expect 0 env -u HOME -u RESA_JAVA_HOME JAVA_HOME=/nowhere "$@"; }

test_archive_has_what_it_takes() {
  make_archive
  (cd "$A" && find . -type f | sort) >"$T/found"
  sed "s/VERSION/$VERSION/" <<'FILES' | diff - "$T/found" || fails "other files"
./LICENSE
./NOTICE
./README.txt
./THIRD-PARTY.txt
./bench/peers/sdpa.py
./jre/bin/java
./lib/bench/resa4j-bench-0.1.0-SNAPSHOT.jar
./lib/cli/picocli-4.7.7.jar
./lib/cli/resa4j-cli-0.1.0-SNAPSHOT.jar
./lib/core/resa4j-core-0.1.0-SNAPSHOT.jar
./lib/eval/resa4j-eval-0.1.0-SNAPSHOT.jar
./lib/report/resa4j-report-0.1.0-SNAPSHOT.jar
./lib/runtime/resa4j-runtime-0.1.0-SNAPSHOT.jar
./lib/server/resa4j-server-0.1.0-SNAPSHOT.jar
./lib/tornado-kernels/resa4j-tornado-kernels-0.1.0-SNAPSHOT.jar
./models/clerk/config.json
./resa
./sdk/LICENSE_X
./sdk/backends/cuda/flags
./sdk/backends/cuda/libtornado-cublas.so
./sdk/backends/cuda/libtornado-cuda.so
./sdk/backends/cuda/tornado-cublas-VERSION.jar
./sdk/backends/cuda/tornado-cufft-VERSION.jar
./sdk/backends/cuda/tornado-drivers-cuda-VERSION.jar
./sdk/backends/opencl/flags
./sdk/backends/opencl/libtornado-opencl.so
./sdk/backends/opencl/tornado-drivers-opencl-VERSION.jar
./sdk/backends/opencl/vendors/nvidia.icd
./sdk/flags
./sdk/graal/compiler.jar
./sdk/jars/asm-9.9.jar
./sdk/jars/tornado-api-VERSION.jar
./sdk/jars/tornado-drivers-common-VERSION.jar
./tools/bundle.sh
./tools/files.sh
./tools/jvm-flags.sh
FILES
  says err "no native library of its ptx back end"
  diff - "$A/sdk/flags" <<'FLAGS' || fails "other flags"
-server
--add-modules ALL-DEFAULT,tornado.runtime,tornado.drivers.common
--add-reads=tornado.drivers.common=jdk.graal.compiler
--add-exports=jdk.graal.compiler/a.b=tornado.runtime,tornado.drivers.common
FLAGS
  diff - "$A/sdk/backends/cuda/flags" <<'FLAGS' || fails "other flags"
--add-modules tornado.drivers.cuda,tornado.cufft
--add-reads=tornado.drivers.cuda=jdk.graal.compiler
--add-exports=jdk.graal.compiler/a.c=tornado.drivers.cuda
--enable-native-access=tornado.drivers.cuda
FLAGS
  grep -q "with opencl\|with cuda opencl" "$A/README.txt" || fails "$(cat "$A/README.txt")"
  is "$(find "$P/target" -name 'archive.*')" ''
}

test_archive_runs_without_jdk_home_and_writing() {
  make_archive
  local before after
  before=$(cd "$A" && find . | sort)
  chmod -R a-w "$A"
  bare RESA_DEVICE_MEMORY=2GB "$A/resa" run -p 'two  words'
  after=$(cd "$A" && find . | sort)
  is "$after" "$before"
  [ ! -s "$T/err" ] || fails "it said: $(cat "$T/err")"
  says out "java=$A/jre/bin/java home=$A/sdk"
  says out "<@$A/sdk/flags>"
  says out "<@$A/sdk/backends/opencl/flags>"
  says out "<$A/sdk/jars:$A/sdk/backends/cuda:$A/sdk/backends/opencl>"
  says out "<-Djava.library.path=$A/sdk/backends/cuda:$A/sdk/backends/opencl>"
  says out "<-Dtornado.recover.bailout=False>"
  says out "<-Dtornado.device.memory=2GB>"
  is "$(grep -c jdk.internal.module "$T/out")" 1
  says out "<-Dresa.home=$A>"
  says out "<$A/lib/core/\*:$A/lib/runtime/\*:$A/lib/cli/\*:$A/lib/tornado-kernels/\*>"
  says out "<two  words>"
  bare RESA_NO_TORNADO=1 "$A/resa" bench attention
  says out "<$A/lib/core/\*:$A/lib/runtime/\*:$A/lib/cli/\*:$A/lib/report/\*:$A/lib/bench/\*>"
  says out BenchMain
  says_not out tornado
}

test_archive_leaves_out_back_ends_that_do_not_load() {
  make_archive
  # Without NVIDIA's driver nobody misses CUDA, but who asks for the devices is told.
  printf 'libcuda.so.1\nlibnvrtc.so.13\n' >"$T/lacks-cuda"
  bare "$A/resa" run
  [ ! -s "$T/err" ] || fails "it said: $(cat "$T/err")"
  says_not out backends/cuda
  says out "<$A/sdk/jars:$A/sdk/backends/opencl>"
  bare "$A/resa" doctor
  says err "cuda back end is left out.* libcuda.so.1 (NVIDIA's driver) libnvrtc"
  one_line
  # With the driver and without the compiler, everyone is.
  printf 'libnvrtc.so.13\nGLIBC_2.99\n' >"$T/lacks-cuda"
  bare "$A/resa" run
  says err "GLIBC_2.99 (a newer C library.*libnvrtc.so.13 (NVIDIA's CUDA toolkit"
  one_line
  echo libOpenCL.so.1 >"$T/lacks-opencl"
  bare "$A/resa" run
  says err "opencl back end is left out.*libOpenCL.so.1"
  says err "on the JVM engine"
  says_not out '-Dtornado'
  says_not out tornado-kernels
}

test_archive_finds_the_libraries_of_cuda() {
  make_archive
  echo libnvrtc.so.13 >"$T/lacks-cuda"
  mkdir -p "$T/nvidia/cu13/lib" "$T/nvidia/cu13/include" "$T/toolkit/lib64"
  touch "$T/nvidia/cu13/lib/libnvrtc.so.13" "$T/nvidia/cu13/include/cuda_fp16.h"
  sed -i.bak 's/^printf/echo "path=$LD_LIBRARY_PATH cuda=$CUDA_PATH"\nprintf/' "$A/jre/bin/java"
  bare LD_LIBRARY_PATH=/first "$A/resa" run
  says out "^path=/first:$T/nvidia/cu13/lib cuda="
  says out "cuda=$T/nvidia/cu13$"
  says out "<@$A/sdk/backends/cuda/flags>"
  touch "$T/toolkit/lib64/libnvrtc.so.13"
  bare CUDA_PATH="$T/toolkit" "$A/resa" run
  says out "^path=$T/toolkit/lib64 cuda=$T/toolkit$"
  # A toolkit where NVIDIA's installer puts it, which TornadoVM finds the headers of by itself.
  mkdir -p "$T/machine/usr/local/cuda/lib64" "$T/machine/usr/local/cuda/include"
  touch "$T/machine/usr/local/cuda/lib64/libnvrtc.so.13" "$T/machine/usr/local/cuda/include/cuda_fp16.h"
  bare "$A/resa" run
  says out "^path=$T/machine/usr/local/cuda/lib64 cuda=$"
}

test_archive_keeps_its_limit() {
  make_archive_project
  head -c 1200000 /dev/urandom >"$T/jre-file"
  expect 1 TORNADOVM_HOME="$T/sdk" "$P/resa" archive --limit 1 "$T/archive.tar.xz"
  says err "more than the limit of 1 MiB (1048576 bytes)"
  is "$(find "$T" -name 'archive.tar.xz*' -o -name 'archive.[0-9]*')" ''
  expect 0 TORNADOVM_HOME="$T/sdk" "$P/resa" archive --limit 2 "$T/archive.tar.xz"
  says out "$T/archive.tar.xz: 1[0-9]* bytes (2097152 allowed)"
  expect 1 TORNADOVM_HOME="$T/sdk" "$P/resa" archive --limit much
  expect 1 TORNADOVM_HOME="$T/sdk" "$P/resa" archive --frobnicate
  expect 0 "$P/resa" archive --help
  says out "default: 64"
}

test_archive_reads_its_arguments_before_it_builds() {
  expect 0 "$P/resa" archive --help
  says out "default: 64"
  expect 1 "$P/resa" archive --frobnicate
  one_line
  expect 1 "$P/resa" archive a b
  one_line
  # The stand-in for a JDK has no jlink.
  expect 1 "$P/resa" archive "$T/a"
  one_line
  is "$(builds)" ''
}

test_archive_wants_every_licence() {
  make_archive_project
  touch "$T/sdk/share/java/tornado/mystery-2.0-jre.jar"
  printf 'mystery-2.0-jre.jar\nasm-9.9.jar\n' >"$T/unlicensed"
  expect 1 TORNADOVM_HOME="$T/sdk" "$P/resa" archive "$T/archive.tar.xz"
  says err "no licence in mystery-2.0-jre.jar, and no line"
  [ ! -e "$T/archive.tar.xz" ] || fails "it packed all the same"
}

test_archive_without_an_sdk_is_for_the_jvm() {
  make_archive_project
  expect 0 "$P/resa" archive "$T/archive.tar.xz"
  says err "on the JVM engine only"
  tar -C "$T" -xJf "$T/archive.tar.xz"
  bare "$(echo "$T"/resa4j-*)/resa" run
  says_not out tornado
}

test_archive_refuses_what_needs_the_sources() {
  make_archive
  local command
  for command in test archive; do
    expect 1 "$A/resa" $command
    says err "needs a checkout"
    one_line
  done
  mv "$T/un packed" "$T/un:packed"
  expect 1 "$T/un:packed/${A##*/}/resa" run
  says err "has a : in it"
  one_line
}

test_archive_stores_jars() {
  # shellcheck source=tools/jdk.sh
  . "$ROOT/tools/jdk.sh"
  { jdk_find && [ -x "$JDK_HOME/bin/jar" ]; } || skip "needs a JDK 25"
  local system foreign=$T/in/lib/win-x86_64/a.dll
  case "$(uname -s)/$(uname -m)" in
    Linux/x86_64) system=linux-x86-64 ;;
    Linux/aarch64) system=linux-aarch64 ;;
    Darwin/arm64) system=darwin-aarch64 ;;
    *) skip "names of this system's libraries are not known here" ;;
  esac
  mkdir -p "$T/in/lib/$system/cpu" "$T/in/lib/linux-ppc64" "${foreign%/*}" "$T/jars/x"
  touch "$T/in/lib/$system/cpu/b.so" "$T/in/lib/linux-ppc64/b.so" "$T/in/lib/linux-ppc64/list.txt" "$foreign" "$T/in/c.so"
  head -c 100000 /dev/zero >"$T/in/zeros.class"
  "$JDK_HOME/bin/jar" -cf "$T/jars/x/a.jar" -C "$T/in" . || fails jar
  "$JDK_HOME/bin/java" "$ROOT/tools/StoreJars.java" "$T/jars" || fails StoreJars
  [ "$(wc -c <"$T/jars/x/a.jar")" -gt 100000 ] || fails "still compressed"
  is "$(find "$T/jars" -type f)" "$T/jars/x/a.jar"
  "$JDK_HOME/bin/jar" -tf "$T/jars/x/a.jar" | grep -v '/$' | sort >"$T/got"
  printf '%s\n' META-INF/MANIFEST.MF c.so "lib/$system/cpu/b.so" lib/linux-ppc64/list.txt zeros.class | sort |
    diff - "$T/got" || fails "other entries"
  mkdir "$T/again"
  (cd "$T/again" && "$JDK_HOME/bin/jar" -xf "$T/jars/x/a.jar")
  cmp "$T/in/zeros.class" "$T/again/zeros.class" || fails "other contents"
}

# --- Training -----------------------------------------------------------------------------------------------------

test_training_learns_and_goes_on() {
  python3 -c 'import torch, safetensors, numpy' 2>/dev/null || skip "needs Python with torch, numpy and safetensors"
  local train=(python3 "$ROOT/models/clerk/training/train.py" --tokens 1024 --workers 1 --check-rows 1)
  expect 0 "${train[@]}" --lesson 1 --stages 64x8,128x2 --check-every 5 --output "$T/first"
  expect 0 "${train[@]}" --lesson 2 --stages 64x1 --check-every 1 --start "$T/first" --output "$T/second"
  local loss
  loss=$(awk -F, 'NR > 1 { print $5 }' "$T/first/log.csv" | tr '\n' ' ')
  awk -v all="$loss" 'BEGIN { n = split(all, loss, " "); exit !(n == 2 && loss[n] < loss[1]) }' || fails "losses $loss"
  for file in config.json generation_config.json model.safetensors tokenizer.json; do
    [ -s "$T/second/$file" ] || fails "$file is missing"
  done
  cmp -s "$T/first/model.safetensors" "$T/second/model.safetensors" && fails "the second lesson changed nothing"
  diff "$ROOT/models/clerk/tokenizer.json" "$T/second/tokenizer.json" || fails "other words than the model that ships"
}

test_task_files_are_the_programs() {
  python3 -c 'import numpy' 2>/dev/null || skip "needs Python with numpy"
  local tasks=$ROOT/models/clerk/tasks
  expect 0 python3 "$ROOT/models/clerk/training/tasks.py" journal --length 4096 --each 24
  gzip -dc "$tasks/journal.jsonl.gz" | cmp - "$T/out" || fails "the file has other tasks"
  expect 0 python3 "$ROOT/models/clerk/training/tasks.py" journal --length 2048 --each 16
  gzip -dc "$tasks/short.jsonl.gz" | cmp - "$T/out" || fails "the short file has other tasks"
}

test_scripts_are_clean() {
  command -v shellcheck >/dev/null || skip "needs shellcheck"
  (cd "$ROOT" && shellcheck -x resa setup-tornado.sh .ci/run tools/*.sh) || fails "shellcheck complains"
}

test_release_notes_are_those_of_the_version() {
  local version
  version=$(sed -n 's:^  <version>\(.*\)</version>$:\1:p' "$P/pom.xml" | head -n 1)
  printf '# Changelog\n\n## Unreleased\n\n- new\n\n## [%s] - 2026-01-01\n\n- this\n\n## 0.0.1\n\n- old\n' \
    "$version" >"$P/CHANGELOG.md"
  expect 0 "$P/tools/release-notes.sh" "$version"
  says out "- this"
  ! grep -e new -e old "$T/out" || fails "other versions' changes"
  expect 1 "$P/tools/release-notes.sh" 9.9.9
  says err "the poms have version $version, not 9.9.9"
  printf '# Changelog\n\n## Unreleased\n\n- new\n' >"$P/CHANGELOG.md"
  expect 1 "$P/tools/release-notes.sh" "$version"
  says err "no changes under '## $version'"
}

# What a release has to set beside the modules' poms, which Maven itself holds together.
test_everything_has_the_projects_version() {
  local version file
  version=$(sed -n 's:^  <version>\(.*\)</version>$:\1:p' "$ROOT/pom.xml" | head -n 1)
  is "$(sed -n 's:^  <version>\(.*\)</version>$:\1:p' "$ROOT/bom/pom.xml")" "$version"
  for file in "$ROOT"/examples/*/pom.xml; do
    is "$file $(sed -n 's:.*<resa.version>\(.*\)</resa.version>.*:\1:p' "$file")" \
      "$file $(grep -q org.resa4j "$file" && echo "$version")"
  done
  for file in "$ROOT"/jbang/*.java; do
    is "$file $(sed -n 's,^//DEPS org\.resa4j:[a-z0-9-]*:,,p' "$file")" "$file $version"
  done
}

test_jbang_scripts_have_the_launchers_flags() {
  local file flags release
  # shellcheck source=tools/jvm-flags.sh
  . "$ROOT/tools/jvm-flags.sh"
  flags="${JVM_FLAGS[*]} $(sed -n 's/^ *flags+=(\(.*\) "-Dresa.home=.*/\1/p' "$ROOT/resa")"
  release=$(sed -n 's:.*<maven.compiler.release>\(.*\)</maven.compiler.release>.*:\1:p' "$ROOT/pom.xml")
  for file in "$ROOT"/jbang/*.java; do
    is "$file $(sed -n 's,^//RUNTIME_OPTIONS ,,p' "$file" | tr '\n' ' ')" "$file $flags "
    is "$file $(sed -n 's,^//JAVA ,,p' "$file")" "$file $release"
    grep -q "\"script-ref\": \"jbang/${file##*/}\"" "$ROOT/jbang-catalog.json" || fails "$file is not in the catalog"
    grep -q "\"description\": \"$(sed -n 's,^//DESCRIPTION ,,p' "$file")\"" "$ROOT/jbang-catalog.json" ||
      fails "the catalog describes $file otherwise"
  done
}

# --- Runner -------------------------------------------------------------------------------------------------------

start_server
passed=0 failed=0 skipped=0
for name in $(declare -F | sed -n 's/declare -f \(test_.*\)/\1/p'); do
  case $name in *"${1:-}"*) ;; *) continue ;; esac
  T=$TEMP/$name
  mkdir "$T"
  status=0
  # Each test in a subshell: `fails` and `skip` leave it.
  (make_project && "$name") >"$TEMP/$name.log" 2>&1 || status=$?
  case $status in
    0) passed=$((passed + 1)) ;;
    77)
      skipped=$((skipped + 1))
      echo "skipped $name: $(cat "$T/skipped")"
      ;;
    *)
      failed=$((failed + 1))
      echo "FAILED $name"
      cat "$TEMP/$name.log"
      ;;
  esac
done
if [ $skipped -gt 0 ]; then
  echo "$passed passed, $failed failed, $skipped skipped"
else
  echo "$passed passed, $failed failed"
fi
[ $failed = 0 ]
