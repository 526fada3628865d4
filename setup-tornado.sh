#!/usr/bin/env bash
# Finds or installs the TornadoVM SDK, and says which devices there are for it.
set -euo pipefail

RESA_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tools/files.sh
. "$RESA_ROOT/tools/files.sh"
# shellcheck source=tools/jvm-flags.sh
. "$RESA_ROOT/tools/jvm-flags.sh"
# shellcheck source=tools/jdk.sh
. "$RESA_ROOT/tools/jdk.sh"
# shellcheck source=tools/lock.sh
. "$RESA_ROOT/tools/lock.sh"
# shellcheck source=tools/tornado-sdk.sh
. "$RESA_ROOT/tools/tornado-sdk.sh"

readonly EX_MISSING=1 EX_USAGE=2 EX_PLATFORM=3 EX_DOWNLOAD=4 EX_ARCHIVE=5 EX_CHECKSUM=6 EX_UNWRITABLE=7 EX_DISK_FULL=8 \
  EX_TOOL=9 EX_SDK=10 EX_MAVEN=11 EX_OUTPUT=12

usage() {
  cat <<HELP || exit "$EX_OUTPUT"
usage: setup-tornado.sh [--backend opencl|cuda|ptx|full] [--url BASE] [--sha256 HEX]
       setup-tornado.sh --check

Finds the TornadoVM SDK $TORNADO_VERSION in TORNADOVM_HOME, in RESA_HOME, in $RESA_SYSTEM_SDK or among SDKMAN's
candidates. Where there is none (or none with the back end asked for), downloads the official release into RESA_HOME.
Then installs the SDK's API into the local Maven repository, expands its JVM flags, and lists the devices.
It can be run again at any time; nothing of the system is changed.

  --backend NAME  what the SDK has to have; default: any SDK found will do, and opencl is downloaded
  --url BASE      download BASE/$(archive_name opencl) and the like from there,
                  for example from a mirror; default: RESA_TORNADOVM_URL, then TornadoVM's releases on GitHub
  --sha256 HEX    refuse an archive with another SHA-256
  --check         only report; changes nothing

environment: TORNADOVM_HOME, RESA_HOME (default ~/.resa4j), RESA_JAVA_HOME, RESA_TORNADOVM_URL, RESA_SYSTEM_SDK

exit codes: 0 all is there; $EX_MISSING --check found something missing; $EX_USAGE wrong arguments; $EX_PLATFORM no release for this system;
  $EX_DOWNLOAD not downloaded; $EX_ARCHIVE damaged archive; $EX_CHECKSUM wrong checksum; $EX_UNWRITABLE folder not writable; $EX_DISK_FULL disk full;
  $EX_TOOL a needed tool is missing; $EX_SDK an SDK that cannot be used; $EX_MAVEN Maven failed;
  $EX_OUTPUT the output could not be written
HELP
}

die() {
  local code=$1
  shift
  echo "setup-tornado: $*" >&2
  exit "$code"
}

# Where it fails the shell says why; the exit code is not to be that of --check.
report() { printf '%-10s %s\n' "$1" "$2" || exit "$EX_OUTPUT"; }

# The platform part of a release archive's name; fails where TornadoVM has no release for this system.
platform() {
  case "$(uname -s)/$(uname -m)" in
    Linux/x86_64 | Linux/amd64) echo linux-amd64 ;;
    Darwin/arm64 | Darwin/aarch64) echo mac-aarch64 ;;
    *) return 1 ;;
  esac
}

archive_name() { echo "tornadovm-$TORNADO_VERSION-$1-$(platform || echo PLATFORM).zip"; }

# --- Download -------------------------------------------------------------------------------------------------

work=
created_home=

# Whatever happens, an unfinished download leaves nothing behind.
clean_up() {
  if [ -n "$work" ]; then
    rm -rf "$work"
    lock_release "$RESA_HOME/.tornadovm-download.lock"
  fi
  [ -z "$created_home" ] || rmdir "$RESA_HOME" 2>/dev/null || true
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

free_kib() { df -Pk "$1" | awk 'NR == 2 { print $4 }'; }

# Gives up on a server that sends nothing, or next to nothing, for so many seconds.
readonly PATIENCE=30

# Fetches URL $1 to file $2. Returns 1 for a failed transfer, 2 for a failed write, 3 for a stalled transfer, and sets
# MESSAGE to the tool's words (kept in memory, since the disk may be full).
fetch() {
  local status=0 curl
  MESSAGE=
  if command -v curl >/dev/null; then
    curl=(curl -fL --connect-timeout "$PATIENCE" --speed-limit 1000 --speed-time "$PATIENCE" --retry 2 -o "$2" "$1")
    if [ -t 2 ]; then
      "${curl[@]}" --progress-bar || status=$?
    else
      MESSAGE=$("${curl[@]}" -sS 2>&1) || status=$?
    fi
    case $status in
      23) return 2 ;;
      28) return 3 ;;
    esac
  else
    # Not with -nv, which says nothing of a transfer that stalls.
    MESSAGE=$(LC_ALL=C wget --progress=dot:giga -T $PATIENCE -t 3 -O "$2" "$1" 2>&1) || status=$?
    [ "$status" != 3 ] || return 2
    case $status/$MESSAGE in
      4/*'timed out'*) return 3 ;;
    esac
  fi
  [ "$status" = 0 ] || return 1
}

sha256_of() {
  if command -v sha256sum >/dev/null; then
    sha256sum "$1"
  else
    shasum -a 256 "$1"
  fi | cut -d ' ' -f 1
}

# Unpacks zip archive $1 into folder $2, with MESSAGE as above. Returns 1 for a bad archive, 2 for a full disk. The
# JDK's own tool stands in for unzip; it drops the mode bits.
unpack() {
  local status=0
  mkdir "$2" || return 2
  if command -v unzip >/dev/null; then
    MESSAGE=$(unzip -q "$1" -d "$2" 2>&1 </dev/null) || status=$?
  else
    MESSAGE=$(cd "$2" && "$JDK_HOME/bin/jar" -xf "$1" 2>&1) || status=$?
    [ "$status" != 0 ] || chmod +x "$2"/*/bin/*
  fi
  [ "$status" != 0 ] || return 0
  case $MESSAGE in
    *'No space left'* | *'disk full'* | *'write error'*) return 2 ;;
    *) return 1 ;;
  esac
}

disk_full() {
  local folder=$RESA_HOME
  while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
  die "$EX_DISK_FULL" "disk full: $RESA_HOME has $(($(free_kib "$folder") / 1024)) MiB left;" \
    "free some, or set RESA_HOME"
}

# Sets SDK_HOME to a freshly downloaded SDK with back end $1. Everything happens in a folder beside the final one,
# so that the rename at the end is atomic: there is a whole SDK or none.
download() {
  local backend=$1 name url target=$RESA_HOME/tornadovm-$TORNADO_VERSION-$1 status=0 sum sdk fault
  platform >/dev/null || die "$EX_PLATFORM" "TornadoVM has no release for $(uname -s) on $(uname -m);" \
    "build TornadoVM $TORNADO_VERSION from source and set TORNADOVM_HOME"
  if [ "$(platform)" = mac-aarch64 ] && [ "$backend" != opencl ]; then
    die "$EX_PLATFORM" "TornadoVM has no $backend release for macOS; use --backend opencl"
  fi
  command -v curl >/dev/null || command -v wget >/dev/null || die "$EX_TOOL" "needs curl or wget"
  command -v unzip >/dev/null || [ -x "$JDK_HOME/bin/jar" ] || die "$EX_TOOL" "needs unzip or a JDK 25"

  [ -d "$RESA_HOME" ] || created_home=yes
  if fault=$(write_fault "$RESA_HOME"); then
    case $fault in
      *'No space left'* | *quota*) disk_full ;;
      *) die "$EX_UNWRITABLE" "cannot write to $RESA_HOME: $fault; set RESA_HOME to a folder that can be written" ;;
    esac
  fi
  lock_take "$RESA_HOME/.tornadovm-download.lock" $$ "waiting for another setup-tornado.sh ..." ||
    die "$EX_UNWRITABLE" "cannot make a lock in $RESA_HOME; set RESA_HOME to a folder that can be written"
  # What killed runs left, whose unzip may still be at work: hence a name of our own.
  rm -rf "$RESA_HOME"/.tornadovm-download.[0-9]*
  work=$RESA_HOME/.tornadovm-download.$$
  mkdir "$work"
  if sdk_find "$backend"; then
    return
  fi
  if [ -e "$target" ]; then
    sdk_check "$target" || true
    die "$EX_SDK" "$target is no usable SDK (${SDK_FAULT:-its back ends are: $SDK_BACKENDS}); remove it and run this again"
  fi

  name=$(archive_name "$backend")
  url=${base_url%/}/$name
  echo "downloading $url" >&2
  fetch "$url" "$work/$name" || status=$?
  case $status in
    0) ;;
    2) disk_full ;;
    3)
      die "$EX_DOWNLOAD" "the download of $url stalled: next to nothing came for $PATIENCE seconds;" \
        "try again later, or another --url"
      ;;
    *) die "$EX_DOWNLOAD" "could not download $url${MESSAGE:+: $(printf '%s\n' "$MESSAGE" | tail -n 1)}" ;;
  esac

  sum=$(sha256_of "$work/$name")
  if [ -n "$sha256" ] && [ "$sum" != "$sha256" ]; then
    die "$EX_CHECKSUM" "$url has SHA-256 $sum, not $sha256; not installed"
  fi
  unpack "$work/$name" "$work/unpacked" || status=$?
  case $status in
    0) ;;
    2) disk_full ;;
    *) die "$EX_ARCHIVE" "$url is a damaged archive; not installed" ;;
  esac
  for sdk in "$work"/unpacked/*; do
    if sdk_check "$sdk"; then
      # The archive's own argument file names folders of the machine that built it.
      rm -f "$sdk/tornado-argfile"
      touch "$sdk"
      mv "$sdk" "$target"
      echo "installed $target from an archive with SHA-256 $sum" >&2
      SDK_HOME=$target
      created_home=
      return
    fi
  done
  die "$EX_ARCHIVE" "$url holds no TornadoVM SDK ($SDK_FAULT); not installed"
}

# --- Devices --------------------------------------------------------------------------------------------------

opencl_package() {
  local id=
  if [ "$(uname -s)" = Darwin ]; then
    echo "macOS brings OpenCL itself; 'brew install pocl' adds a CPU device"
    return
  fi
  [ ! -r /etc/os-release ] || id=" $(. /etc/os-release && echo "${ID:-} ${ID_LIKE:-}") "
  case $id in
    *' debian '* | *' ubuntu '*) echo "apt-get install pocl-opencl-icd ocl-icd-libopencl1" ;;
    *' fedora '* | *' rhel '*) echo "dnf install pocl ocl-icd" ;;
    *' arch '*) echo "pacman -S pocl ocl-icd" ;;
    *) echo "install PoCL and an OpenCL ICD loader with the system's package manager" ;;
  esac
}

report_nvidia() {
  local gpu list=''
  ! command -v nvidia-smi >/dev/null || list=$(nvidia-smi -L 2>/dev/null || true)
  if [ -z "$list" ]; then
    report NVIDIA "no GPU, or no driver: nvidia-smi lists none"
    return 1
  fi
  printf '%s\n' "$list" | while IFS= read -r gpu; do report NVIDIA "${gpu%% (UUID*}"; done
}

# Reports the OpenCL devices, or else the drivers registered; fails where there is neither.
report_opencl() {
  local icd list=''
  if command -v clinfo >/dev/null; then
    list=$(clinfo -l 2>/dev/null | grep 'Device #' | sed 's/.*Device #[0-9]*: *//' || true)
    if [ -n "$list" ]; then
      printf '%s\n' "$list" | while IFS= read -r icd; do report OpenCL "$icd"; done
      return 0
    fi
  else
    for icd in "${OCL_ICD_VENDORS:-$RESA_SYSTEM_ROOT/etc/OpenCL/vendors}"/*.icd "${OCL_ICD_VENDORS:-}"; do
      if [ -f "$icd" ]; then
        report OpenCL "driver $(head -n 1 "$icd") (by $icd; 'clinfo -l' lists its devices)"
        list=found
      fi
    done
    [ -z "$list" ] || return 0
    if [ "$(uname -s)" = Darwin ]; then
      report OpenCL "macOS's own"
      return 0
    fi
  fi
  report OpenCL "no device; a CPU device comes with: $(opencl_package)"
  return 1
}

# Succeeds where OpenCL has nothing but this machine's CPU.
opencl_is_cpu() {
  local icd found=
  if command -v clinfo >/dev/null; then
    clinfo --raw 2>/dev/null | awk '
      $2 == "CL_DEVICE_TYPE" { if (/CL_DEVICE_TYPE_CPU/) cpus++; else others++ }
      END { exit !(cpus && !others) }'
    return
  fi
  for icd in "${OCL_ICD_VENDORS:-$RESA_SYSTEM_ROOT/etc/OpenCL/vendors}"/*.icd "${OCL_ICD_VENDORS:-}"; do
    [ ! -f "$icd" ] || { grep -q pocl "$icd" && found=yes; } || return 1
  done
  [ -n "$found" ]
}

# --- Main -----------------------------------------------------------------------------------------------------

read_versions
backend='' base_url=${RESA_TORNADOVM_URL:-https://github.com/beehive-lab/TornadoVM/releases/download/v$TORNADO_VERSION}
sha256='' check=
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help)
      usage
      exit 0
      ;;
    --check) check=yes ;;
    --backend | --url | --sha256)
      [ $# -ge 2 ] || die "$EX_USAGE" "$1 needs a value; see --help"
      case $1 in
        --backend) backend=$2 ;;
        --url) base_url=$2 ;;
        --sha256) sha256=$(printf '%s' "$2" | tr 'A-F' 'a-f') ;;
      esac
      shift
      ;;
    *) die "$EX_USAGE" "unknown argument $1; see --help" ;;
  esac
  shift
done
case $backend in
  '' | opencl | cuda | ptx | full) ;;
  *) die "$EX_USAGE" "unknown back end $backend; choose opencl, cuda, ptx or full" ;;
esac
case $sha256 in
  *[!0-9a-f]*) die "$EX_USAGE" "--sha256 wants 64 hexadecimal digits" ;;
  *) [ -z "$sha256" ] || [ ${#sha256} = 64 ] || die "$EX_USAGE" "--sha256 wants 64 hexadecimal digits" ;;
esac

missing=
jdk_status=0
jdk_find || jdk_status=$?
if [ "$jdk_status" = 0 ]; then
  report "JDK" "$JDK_HOME ($JDK_VERSION)"
else
  missing=yes
  [ "$jdk_status" = 1 ] || [ -n "$check" ] || die "$EX_TOOL" "$(jdk_advice "$jdk_status")"
  report "JDK" "$(jdk_advice "$jdk_status")"
  JDK_HOME=
fi

sdk_status=0
sdk_find "$backend" || sdk_status=$?
case $sdk_status in
  0) ;;
  2)
    [ -n "$check" ] || die "$EX_SDK" "TORNADOVM_HOME is $SDK_HOME, which cannot be used: $SDK_FAULT"
    report "TornadoVM" "TORNADOVM_HOME is $SDK_HOME, which cannot be used: $SDK_FAULT"
    missing=yes SDK_HOME=
    ;;
  *)
    if [ -n "$check" ]; then
      report "TornadoVM" "no SDK ${backend:+with $backend }found; ./setup-tornado.sh${backend:+ --backend $backend} installs one"
      missing=yes
    else
      download "${backend:-opencl}"
      [ -z "${TORNADOVM_HOME:-}" ] || echo "TORNADOVM_HOME names another SDK; unset it to use this one" >&2
    fi
    ;;
esac

if [ -n "$SDK_HOME" ]; then
  sdk_backends "$SDK_HOME"
  report "TornadoVM" "$SDK_HOME ($TORNADO_VERSION; $SDK_BACKENDS)"
  if [ -n "$check" ]; then
    if maven_has_api; then
      report "Maven" "tornado-api is in $MAVEN_REPOSITORY"
    else
      report "Maven" "tornado-api is not in $MAVEN_REPOSITORY; ./setup-tornado.sh installs it"
      missing=yes
    fi
    argfile_path "$SDK_HOME"
    [ ! -f "$ARGFILE" ] || report "JVM flags" "$ARGFILE"
  else
    argfile_ensure "$SDK_HOME" || exit "$EX_UNWRITABLE"
    report "JVM flags" "java \"@$ARGFILE\" ... (an IDE takes the same)"
    [ -n "$JDK_HOME" ] || die "$EX_TOOL" "the SDK is there, but tornado-api could not be installed:" "$(jdk_advice 1)"
    maven_install_api "$SDK_HOME" || exit "$EX_MAVEN"
    report "Maven" "tornado-api is in $MAVEN_REPOSITORY"
  fi
fi

sdk_backends "${SDK_HOME:-/nowhere}"
nvidia=
case $SDK_BACKENDS in
  *cuda* | *ptx*) if report_nvidia; then nvidia=yes; else missing=yes; fi ;;
esac
case $SDK_BACKENDS in
  *opencl* | '') report_opencl || missing=yes ;;
esac
if [ -n "$SDK_HOME" ] && [ -z "$nvidia" ] && opencl_is_cpu; then
  report "Default" "stays the JVM engine: OpenCL has nothing here but this machine's CPU;"
  report "" "'./resa run --device opencl:0' takes OpenCL all the same"
fi
if [ -n "$check" ] && [ -n "$missing" ]; then
  exit "$EX_MISSING"
fi
