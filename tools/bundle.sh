# Sourced by resa in an unpacked archive, which archive.sh makes: picks those of TornadoVM's back ends that load on
# this machine, since the driver of one that does not keeps TornadoVM from starting. Writes nothing. Needs files.sh. Runs
# on bash 3.2.
# shellcheck shell=bash

# Folders that may hold CUDA's libraries and are not on the system's search path: the driver of a container, a
# toolkit, and the Python packages that PyTorch brings.
library_folders() {
  local folder package local=$RESA_SYSTEM_ROOT/usr/local
  for folder in ${CUDA_PATH:+"$CUDA_PATH/lib64"} "$local"/nvidia/lib64 "$local"/cuda*/lib64 \
    "$local"/cuda*/targets/*/lib; do
    [ ! -d "$folder" ] || printf '%s\n' "$folder"
  done
  command -v python3 >/dev/null || return 0
  python3 -c 'import nvidia; print(*nvidia.__path__, sep="\n")' 2>/dev/null | while IFS= read -r package; do
    for folder in "$package"/*/lib; do
      [ ! -d "$folder" ] || printf '%s\n' "$folder"
    done
  done || true
}

# Sets MISSING to the shared libraries, or versions of the C library, that library $1 needs and this machine lacks.
# Where there is no ldd the library is taken to load.
missing_libraries() {
  # ldd fails where a version is lacking, and writes that to either stream.
  MISSING=$({ ldd "$1" 2>&1 || true; } | awk '
    / => not found/ { print $1 }
    / version .* not found/ { sub(/.* version ./, ""); sub(/[^A-Za-z0-9_.].*/, ""); print }' | sort -u | tr '\n' ' ')
  MISSING=${MISSING% }
}

# Succeeds if native library $1 loads here. Looks for what it lacks in library_folders, and makes those that help
# part of the environment. MISSING says what is lacking after that.
loads() {
  local name folder folders
  missing_libraries "$1"
  [ -n "$MISSING" ] || return 0
  folders=$(library_folders)
  for name in $MISSING; do
    while IFS= read -r folder; do
      if [ -n "$folder" ] && [ -e "$folder/$name" ]; then
        export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$folder
        break
      fi
    done <<<"$folders"
  done
  missing_libraries "$1"
  [ -z "$MISSING" ]
}

# What brings shared library $1.
provider() {
  case $1 in
    libcuda.so.*) echo "NVIDIA's driver" ;;
    libnvrtc.so.*) echo "NVIDIA's CUDA toolkit, or 'pip install nvidia-cuda-nvrtc'" ;;
    libOpenCL.so.*) echo "an OpenCL loader, such as ocl-icd" ;;
    GLIBC_*) echo "a newer C library than this system's" ;;
    *) echo "not found" ;;
  esac
}

# CUDA's kernels of half precision include headers, which TornadoVM looks for in CUDA_PATH and the usual places.
cuda_headers() {
  local folder
  [ -z "${CUDA_PATH:-}" ] || return 0
  for folder in "$RESA_SYSTEM_ROOT/usr/local/cuda/include" "$RESA_SYSTEM_ROOT/usr/include"; do
    [ ! -e "$folder/cuda_fp16.h" ] || return 0
  done
  while IFS= read -r folder; do
    if [ -n "$folder" ] && [ -e "${folder%/*}/include/cuda_fp16.h" ]; then
      export CUDA_PATH=${folder%/*}
      return
    fi
  done <<<"$(library_folders)"
}

# NVIDIA's driver brings an OpenCL library; containers often lack the file that registers it.
opencl_vendors() {
  local file
  [ -z "${OCL_ICD_VENDORS:-}" ] && [ -r "$RESA_SYSTEM_ROOT/proc/driver/nvidia/version" ] || return 0
  for file in "$RESA_SYSTEM_ROOT"/etc/OpenCL/vendors/*.icd; do
    [ ! -e "$file" ] || return 0
  done
  export OCL_ICD_VENDORS=$1
}

# Sets TORNADO_FLAGS to the JVM's flags for the SDK in folder $1 with the back ends that load here, and to nothing
# if none does. $2 is the command: doctor and devices name every back end left out; the others only those whose
# device is there, since something else is missing, and all if none is left.
bundle_flags() {
  local sdk=$1 folder backend library name line notes='' all='' libraries='' modules=$1/jars
  TORNADO_FLAGS=()
  for folder in "$sdk"/backends/*; do
    backend=${folder##*/}
    for library in "$folder/libtornado-$backend".*; do break; done
    if loads "$library"; then
      TORNADO_FLAGS+=("@$folder/flags")
      modules=$modules:$folder
      libraries=${libraries:+$libraries:}$folder
      case $backend in
        cuda) cuda_headers ;;
        opencl) opencl_vendors "$folder/vendors" ;;
      esac
    else
      line="resa: TornadoVM's $backend back end is left out, for want of"
      for name in $MISSING; do line="$line $name ($(provider "$name"))"; done
      all="$all$line"$'\n'
      case " $MISSING " in
        *' libcuda.so.1 '* | *' libOpenCL.so.1 '*) ;;
        *) notes="$notes$line"$'\n' ;;
      esac
    fi
  done
  case $2 in doctor | devices) notes=$all ;; esac
  if [ -z "$libraries" ]; then
    notes=${all}"resa: without TornadoVM: on the JVM engine"$'\n'
  else
    TORNADO_FLAGS=("@$sdk/flags" "${TORNADO_FLAGS[@]}" "-Djava.library.path=$libraries" --module-path "$modules"
      --upgrade-module-path "$sdk/graal")
  fi
  printf '%s' "$notes" >&2
}
