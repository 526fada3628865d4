#!/usr/bin/env bash
# Tests of resa and setup-tornado.sh, on a copy of them in a temporary folder, with stand-ins for Maven, the JDK and
# the SDK. Needs no network, no JDK and no SDK; says what it skips. Run: tools/test-scripts.sh [PATTERN]
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
  for module in runtime bench tornado-kernels; do
    mkdir -p "$P/$module/src/main"
    touch -t 202601010000 "$P/$module/pom.xml" "$P/$module/src/main/A.java" "$P/$module/src/main" "$P/pom.xml"
  done
  # Writes down how it was called, and then does what Maven would.
  cat >"$P/mvnw" <<'MVNW'
#!/usr/bin/env bash
set -eu
echo "home=${TORNADOVM_HOME:-} $*" >>mvnw.log
sleep "${MVNW_SLEEP:-0}"
[ -z "${MVNW_FAILS:-}" ] || { echo "[ERROR] cannot compile"; exit 1; }
case "$*" in
  *package*)
    version=$(sed -n 's/.*<version>\(.*\)<.*/\1/p' pom.xml | head -n 1)
    for module in runtime bench ${TORNADOVM_HOME:+tornado-kernels}; do
      mkdir -p $module/target/lib
      [ -f $module/target/resa4j-$module-$version.jar ] || touch $module/target/resa4j-$module-$version.jar
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

# Runs a script of the project in a clean environment; VARIABLE=value words may go before the script's name.
run() {
  (cd "${RUN_IN:-$T}" && env -i PATH="${RUN_PATH:-$PATH}" HOME="$T/home" RESA_SYSTEM_SDK="$T/none" RESA_JAVA_HOME="$T/jdk" \
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

test_setup_in_a_read_only_folder() {
  needs_server
  mkdir "$T/readonly"
  chmod a-w "$T/readonly"
  if [ "$(id -u)" = 0 ]; then
    command -v setpriv >/dev/null || skip "needs setpriv, or another user than root"
    chmod 755 "$TEMP" "$T"
    chmod -R a+rX "$P" "$T/jdk"
    expect 7 RESA_HOME="$T/readonly" setpriv --reuid 65534 --regid 65534 --clear-groups "$P/setup-tornado.sh"
  else
    expect 7 RESA_HOME="$T/readonly" "$P/setup-tornado.sh"
  fi
  one_line
}

test_setup_on_a_full_disk() {
  needs_server
  [ "$(id -u)" = 0 ] || skip "needs root, to mount a small file system"
  local size
  mkdir "$TEMP/disk"
  # Too small for the archive, then for its contents.
  for size in 1m 4m; do
    mount -t tmpfs -o size=$size none "$TEMP/disk" 2>/dev/null || skip "may not mount a small file system"
    expect 8 RESA_HOME="$TEMP/disk/home" "$P/setup-tornado.sh" --url "$URL/good"
    says err "disk full"
    [ -z "$(ls -A "$TEMP/disk")" ] || fails "left behind with $size: $(find "$TEMP/disk")"
    umount "$TEMP/disk"
  done
}

test_setup_interrupted_leaves_nothing() {
  mkdir "$T/bin"
  printf '#!/bin/sh\nkill -TERM $(cat "$HOME/.resa4j/.tornadovm-download.lock/pid")\n' >"$T/bin/curl"
  chmod +x "$T/bin/curl"
  command -v unzip >/dev/null || skip "needs unzip"
  RUN_PATH=$T/bin:$PATH expect 143 "$P/setup-tornado.sh" --url http://127.0.0.1:1
  nothing_left
}

test_setup_after_a_killed_one() {
  needs_server
  mkdir -p "$T/home/.resa4j/.tornadovm-download.lock" "$T/home/.resa4j/.tornadovm-download"
  touch "$T/home/.resa4j/.tornadovm-download/half"
  dead_pid >"$T/home/.resa4j/.tornadovm-download.lock/pid"
  expect 0 "$P/setup-tornado.sh" --url "$URL/good"
  [ ! -e "$T/home/.resa4j/.tornadovm-download" ] || fails "the leftovers are still there"
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

test_resa_builds_on_first_use_only() {
  expect 0 "$P/resa" run
  says err "building"
  is "$(builds)" 1
  expect 0 "$P/resa" run
  is "$(wc -c <"$T/err" | tr -d ' ')" 0
  is "$(builds)" 1
  [ ! -e "$P/target/.resa-build.lock" ] || fails "the lock is still there"
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
  says out "<$P/runtime/target/resa4j-runtime-.*jar:$P/runtime/target/lib/\*>"
  RUN_IN=/ RUN_PATH=$T/elsewhere:$PATH expect 0 r
  RUN_IN=$P expect 0 bash resa
}

test_resa_without_an_sdk() {
  expect 0 "$P/resa"
  says_not out '-Dtornado'
  says_not out tornado-kernels
  says out "<jdk.incubator.vector>"
  grep -q '^home= .*package' "$P/mvnw.log" || fails "$(cat "$P/mvnw.log")"
}

test_resa_with_an_sdk() {
  make_sdk "$T/sdk"
  expect 0 TORNADOVM_HOME="$T/sdk" RESA_DEVICE_MEMORY=2GB "$P/resa"
  says out "home=$T/sdk"
  says out "<@$T/home/.resa4j/tornado-argfile-[0-9]*>"
  says out "<-Dtornado.recover.bailout=False>"
  says out "<-Dtornado.device.memory=2GB>"
  says out ":$P/tornado-kernels/target/resa4j-tornado-kernels-.*.jar>"
  is "$(sed -n '1s/.*\(install-file\).*/\1/p' "$P/mvnw.log")" install-file
  grep -q "^home=$T/sdk .*package" "$P/mvnw.log" || fails "$(cat "$P/mvnw.log")"
  expect 0 TORNADOVM_HOME="$T/sdk" "$P/resa"
  says out "<-Dtornado.device.memory=[1-9][0-9]*MB>"
  is "$(wc -l <"$P/mvnw.log" | tr -d ' ')" 2
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

test_resa_bench_starts_the_benchmarks() {
  expect 0 "$P/resa" bench attention --context 64
  sed -n '/org.resa4j.bench.BenchMain/,$p' "$T/out" >"$T/got"
  printf '<%s>\n' org.resa4j.bench.BenchMain attention --context 64 | diff - "$T/got" || fails "other arguments"
  says out ":$P/bench/target/resa4j-bench-.*.jar:$P/bench/target/lib/\*>"
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

test_resa_breaks_the_lock_of_a_killed_build() {
  mkdir -p "$P/target/.resa-build.lock"
  dead_pid >"$P/target/.resa-build.lock/pid"
  expect 0 "$P/resa"
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
  unshare -m true 2>/dev/null || skip "needs Linux and root, to stand in for /proc/driver/nvidia"
  make_sdk "$T/sdk"
  mkdir "$T/bin"
  # 40 million MiB: more than this machine has.
  printf '#!/bin/sh\necho asked >>"%s/asked"\necho 10\necho 40000000\n' "$T" >"$T/bin/nvidia-smi"
  chmod +x "$T/bin/nvidia-smi"
  local driver
  for driver in 570 570 580; do
    RUN_PATH=$T/bin:$PATH expect 0 TORNADOVM_HOME="$T/sdk" unshare -m sh -c 'mount -t tmpfs none /proc/driver &&
      mkdir -p /proc/driver/nvidia/gpus/0000:01:00.0 && echo "version $2" >/proc/driver/nvidia/version && "$1"' \
      sh "$P/resa" $driver
    says out '<-Dtornado.device.memory=36000000MB>'
  done
  is "$(grep -c asked "$T/asked")" 2
  # A driver that does not answer is no reason not to start.
  printf '#!/bin/sh\nexit 9\n' >"$T/bin/nvidia-smi"
  RUN_PATH=$T/bin:$PATH expect 0 TORNADOVM_HOME="$T/sdk" unshare -m sh -c 'mount -t tmpfs none /proc/driver &&
    mkdir -p /proc/driver/nvidia && echo broken >/proc/driver/nvidia/version && "$1"' sh "$P/resa"
  says out '<-Dtornado.device.memory=[1-9][0-9]*MB>'
}

test_resa_takes_jvm_flags() {
  expect 0 RESA_JVM_FLAGS=' -Xmx1g  -Da=* ' "$P/resa"
  says out '<-Xmx1g>'
  says out '<-Da=\*>'
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
    Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("stopped")));
    System.out.println("started");
    Thread.sleep(10_000);
    Runtime.getRuntime().halt(1);
  }
}
JAVA
  "$JDK_HOME/bin/javac" -d "$T/classes" "$T/Main.java" || fails "javac"
  "$JDK_HOME/bin/jar" -cf "$(ls "$P"/runtime/target/*.jar)" -C "$T/classes" org || fails "jar"
  expect 7 RESA_JAVA_HOME="$JDK_HOME" "$P/resa" exit 'naïve @x *'
  says out '^naïve @x \*$'
  mkfifo "$T/pipe"
  env -i PATH="$PATH" HOME="$T/home" RESA_SYSTEM_SDK="$T/none" RESA_JAVA_HOME="$JDK_HOME" "$P/resa" wait \
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

test_scripts_are_clean() {
  command -v shellcheck >/dev/null || skip "needs shellcheck"
  (cd "$ROOT" && shellcheck -x resa setup-tornado.sh .ci/run tools/*.sh) || fails "shellcheck complains"
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
