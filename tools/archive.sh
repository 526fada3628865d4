# Sourced by resa: packs an archive that runs on a machine with neither JDK nor network. Runs on bash 3.2.
# shellcheck shell=bash

# What the JRE is made of: java.se for the libraries, then what the JVM engine and TornadoVM use. The SDK's own
# jdk.graal.compiler takes the place of the JDK's, which is an empty one.
ARCHIVE_MODULES=java.se,jdk.incubator.vector,jdk.unsupported,jdk.management,jdk.zipfs
ARCHIVE_MODULES=$ARCHIVE_MODULES,jdk.internal.vm.ci,jdk.graal.compiler

archive_usage() {
  cat <<'HELP'
usage: resa archive [--limit MIB] [FILE]

Packs a JRE, what TornadoVM needs at run time, ReSA4J, its benchmarks and the model that ships, so that

    tar -xJf FILE && cd resa4j-* && ./resa doctor

works on a machine of the same system and processor that has neither a JDK nor a network. The archive has every back
end of the TornadoVM SDK in use; there, those are used whose drivers load.

  FILE           default: target/resa4j-VERSION-SYSTEM-PROCESSOR.tar.xz
  --limit MIB    fail, and leave no file, above this size; default: 64
HELP
}

archive_platform() {
  local os arch
  case $(uname -s) in
    Darwin) os=macos ;;
    *) os=$(uname -s | tr '[:upper:]' '[:lower:]') ;;
  esac
  case $(uname -m) in
    amd64) arch=x86_64 ;;
    arm64) arch=aarch64 ;;
    *) arch=$(uname -m) ;;
  esac
  echo "$os-$arch"
}

archive_jre() {
  # shellcheck disable=SC2153 # jdk_find sets JDK_HOME
  "$JDK_HOME/bin/jlink" --add-modules "$ARCHIVE_MODULES" --strip-java-debug-attributes --no-header-files \
    --no-man-pages --compress zip-0 --output "$1" >"$archive_work/log" 2>&1 || {
    cat "$archive_work/log" >&2
    die "jlink of $JDK_HOME failed; its messages are above"
  }
}

archive_modules() {
  local module target jar
  for module in "${MODULES[@]}"; do
    mkdir -p "$1/lib/$module"
    target=$RESA_ROOT/$module/target
    for jar in "$target/resa4j-$module-$PROJECT_VERSION.jar" "$target"/lib/*.jar; do
      [ ! -e "$jar" ] || cp "$jar" "$1/lib/$module"
    done
  done
}

# Writes to $2 those JVM flags of the SDK's template $1 that back end $3 adds, or with none those that all need. Lists
# of modules are taken apart; flags that name folders are left to the launcher.
archive_flags() {
  awk -v backend="${3:-}" '
    # The back end to which the module in a word belongs: tornado.cublas and its like to cuda.
    function driver(word) {
      if (word ~ /tornado\.cu/) return "cuda"
      if (!match(word, /tornado\.drivers\.[a-z]+/)) return ""
      word = substr(word, RSTART + 16, RLENGTH - 16)
      return word == "common" ? "" : word
    }
    /^#/ || /^[ \t]*$/ || /[$][{]TORNADOVM_HOME[}]/ { next }
    {
      match($0, /[= ][^= ]*$/)
      at = RSTART
      key = substr($0, 1, at)
      if (driver(key) != "") {
        if (driver(key) == backend) print
        next
      }
      count = split(substr($0, at + 1), words, ",")
      list = ""
      for (i = 1; i <= count; i++) {
        # Which has the incubating modules too, of which the JVM would warn.
        if (words[i] == "ALL-SYSTEM") words[i] = "ALL-DEFAULT"
        if (driver(words[i]) == backend) list = list (list == "" ? "" : ",") words[i]
      }
      if (list != "") print key list
    }' "$1" >"$2"
}

# The SDK of $1 as bundle.sh wants it: jars/, graal/ and flags for all, and backends/NAME/ with a back end's driver,
# its native library and its flags.
archive_sdk() {
  local from=$1 to=$2 file name backend
  mkdir -p "$to/jars" "$to/backends" "$to/etc"
  cp -R "$from/share/java/graalJars" "$to/graal"
  cp "$from/etc/tornado.properties" "$to/etc" 2>/dev/null || true
  cp "$from"/LICENSE* "$to" 2>/dev/null || true
  archive_flags "$from/tornado-argfile.template" "$to/flags"

  for file in "$from"/share/java/tornado/tornado-drivers-*-"$TORNADO_VERSION.jar"; do
    backend=${file##*/tornado-drivers-}
    backend=${backend%"-$TORNADO_VERSION.jar"}
    [ "$backend" != common ] || continue
    if ! ls "$from/lib/libtornado-$backend".* >/dev/null 2>&1; then
      echo "resa: the SDK has no native library of its $backend back end; left out" >&2
      continue
    fi
    mkdir "$to/backends/$backend"
    cp "$file" "$from/lib/libtornado-$backend".* "$to/backends/$backend"
    archive_flags "$from/tornado-argfile.template" "$to/backends/$backend/flags" "$backend"
    # Which the template forgets for CUDA.
    grep -q '^--enable-native-access' "$to/backends/$backend/flags" ||
      echo "--enable-native-access=tornado.drivers.$backend" >>"$to/backends/$backend/flags"
  done
  if [ -d "$to/backends/opencl" ] && [ "$(uname -s)" = Linux ]; then
    mkdir "$to/backends/opencl/vendors"
    echo libnvidia-opencl.so.1 >"$to/backends/opencl/vendors/nvidia.icd"
  fi

  for file in "$from"/share/java/tornado/*.jar; do
    name=${file##*/}
    case $name in
      tornado-drivers-common-*) cp "$file" "$to/jars" ;;
      tornado-drivers-*) ;;
      # The template has TornadoVM load its bindings to NVIDIA's libraries; their native parts may be missing.
      tornado-cu*)
        if [ -d "$to/backends/cuda" ]; then
          cp "$file" "$to/backends/cuda"
          name=${name%"-$TORNADO_VERSION.jar"}
          [ ! -e "$from/lib/lib$name.so" ] || cp "$from/lib/lib$name.so" "$to/backends/cuda"
        fi
        ;;
      # What TornadoVM tests and measures itself with.
      tornado-examples-* | tornado-unittests-* | tornado-benchmarks-* | tornado-fuzz-* | junit-* | hamcrest-* | \
        jmh-* | jopt-simple-* | lucene-* | jsr305-*) ;;
      *) cp "$file" "$to/jars" ;;
    esac
  done
}

# Fails where a jar neither holds its licence nor has a line in third-party.txt.
archive_licences() {
  local jar name unknown=
  cp "$RESA_ROOT/LICENSE" "$RESA_ROOT/NOTICE" "$1"
  cp "$RESA_ROOT/tools/third-party.txt" "$1/THIRD-PARTY.txt"
  while IFS= read -r jar; do
    name=${jar##*/}
    case $name in resa4j-*) continue ;; esac
    # Not grep -q, which ends before jar does: then jar fails, and with it the pipe.
    "$JDK_HOME/bin/jar" -tf "$jar" | grep -iE '(^|/)(licen[cs]e|notice)(\.txt|\.md)?$' >/dev/null && continue
    while [ "$name" != "${name%-*}" ]; do
      name=${name%-*}
      grep -q "^$name " "$RESA_ROOT/tools/third-party.txt" && continue 2
    done
    unknown="$unknown ${jar##*/}"
  done <<<"$(find "$1/lib" "$1/sdk" -name '*.jar' 2>/dev/null)"
  [ -z "$unknown" ] || die "no licence in$unknown, and no line in tools/third-party.txt"
}

archive_readme() {
  local backends=none folder
  if [ -d "$1/sdk" ]; then
    backends=
    for folder in "$1"/sdk/backends/*; do backends="$backends ${folder##*/}"; done
    backends="$TORNADO_VERSION with${backends:- no back end}"
  fi
  cat >"$1/README.txt" <<README
ReSA4J $PROJECT_VERSION for $2, complete: Java $JDK_VERSION, TornadoVM ${backends}, the program,
its benchmarks and a small model. Nothing has to be installed, built or downloaded.
A GPU needs its driver, and TornadoVM's CUDA back end NVRTC as well, from a CUDA toolkit or from PyTorch's packages.

    ./resa bench suite        the benchmarks, on every device there is

    ./resa doctor             what there is to run on, and what is missing
    ./resa run --stats        writes and checks a worksheet with the model that ships
    ./resa --help             the rest

The licences are in LICENSE, NOTICE, THIRD-PARTY.txt, sdk/LICENSE* and jre/legal, and in the jars.
README
}

archive_clean_up() { rm -rf "$archive_work" "$archive_file.$$"; }

# Sets archive_file and archive_limit from the arguments. Before the build: nobody should wait to hear of a typo.
archive_arguments() {
  archive_file='' archive_limit=64
  while [ $# -gt 0 ]; do
    case $1 in
      -h | --help)
        archive_usage
        exit 0
        ;;
      --limit)
        case ${2:-} in '' | *[!0-9]*) die "--limit wants a number of MiB" ;; esac
        archive_limit=$2
        shift
        ;;
      -*) die "archive does not know $1; see resa archive --help" ;;
      *)
        [ -z "$archive_file" ] || die "archive writes one file; see resa archive --help"
        archive_file=$1
        ;;
    esac
    shift
  done
  command -v xz >/dev/null || die "archive needs xz"
  [ -x "$JDK_HOME/bin/jlink" ] || die "$JDK_HOME has no jlink; set RESA_JAVA_HOME to a whole JDK 25"
}

archive() {
  local platform name top limit=$archive_limit size peer words fault
  [ -n "$SDK_HOME" ] || echo "resa: no TornadoVM SDK: the archive will run on the JVM engine only" >&2

  platform=$(archive_platform)
  name=resa4j-$PROJECT_VERSION-$platform
  archive_file=${archive_file:-$RESA_ROOT/target/$name.tar.xz}
  archive_work=$RESA_ROOT/target/archive.$$
  rm -rf "$archive_work"
  trap archive_clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  # Said now, and not when all is packed.
  words=$({ : >"$archive_file.$$"; } 2>&1) || die "cannot write $archive_file: $(reason "$words")"
  top=$archive_work/$name
  if fault=$(write_fault "$archive_work"); then die "cannot write to $archive_work: $fault"; fi
  mkdir -p "$top/tools" "$top/models"

  archive_jre "$top/jre"
  archive_modules "$top"
  [ -z "$SDK_HOME" ] || archive_sdk "$SDK_HOME" "$top/sdk"
  archive_licences "$top"
  # Stored, so that xz sees the classes of all jars and not their compressed form: half the size.
  "$JDK_HOME/bin/java" "$RESA_ROOT/tools/StoreJars.java" "$top/lib" "$top/sdk"
  cp "$RESA_ROOT/resa" "$top"
  cp "$RESA_ROOT/tools/bundle.sh" "$RESA_ROOT/tools/files.sh" "$RESA_ROOT/tools/jvm-flags.sh" "$top/tools"
  cp -R "$RESA_ROOT/models/clerk" "$top/models"
  for peer in "$RESA_ROOT"/bench/peers/*.py; do
    if [ -e "$peer" ]; then
      mkdir -p "$top/bench/peers"
      cp "$peer" "$top/bench/peers"
    fi
  done
  archive_readme "$top" "$platform"
  # What benchmarks there say of the sources; a tree without git leaves it unsaid.
  [ ! -e "$RESA_ROOT/.git" ] || git -C "$RESA_ROOT" describe --always --dirty --abbrev=12 '--exclude=*' >"$top/COMMIT" 2>/dev/null || rm -f "$top/COMMIT"

  echo "resa: packing (a minute or two) ..." >&2
  tar -C "$archive_work" -cf - "$name" | xz -9e >"$archive_file.$$" || die "cannot write $archive_file"
  size=$(($(wc -c <"$archive_file.$$")))
  [ "$size" -le $((limit * 1048576)) ] ||
    die "the archive has $size bytes, more than the limit of $limit MiB ($((limit * 1048576)) bytes); not kept"
  mv "$archive_file.$$" "$archive_file"
  echo "$archive_file: $size bytes ($((limit * 1048576)) allowed)"
}
