# Sourced by resa, also in an unpacked archive, and by setup-tornado.sh: what the JVM is told, wherever ReSA4J runs.
# Needs files.sh. Runs on bash 3.2.
# shellcheck shell=bash
# shellcheck disable=SC2034 # used where this is sourced

# jdk.internal.module: the JVM engine loads the Vector API's module from there, and devices open TornadoVM's insides by it
# (RunAhead says what for). With --add-modules the JVM warns of an incubator module at every start: -Xlog,
# -XX:-PrintWarnings and a cache of its start do not keep it from that.
JVM_FLAGS=(--add-exports java.base/jdk.internal.module=ALL-UNNAMED --enable-native-access=ALL-UNNAMED
  -XX:+UseParallelGC)

# With TornadoVM: no silent fallback to sequential Java; events and bytecodes enough for a whole model; no explicit
# fma(), which keeps CPU compilers from vectorising (GPU compilers contract by themselves); hash codes by a counter, so
# that kernels are written alike in every process, and a driver finds what it has compiled before; its insides, that
# layers may share a graph and their kernels (SharedIds says how).
DEVICE_FLAGS=(-Dtornado.recover.bailout=False -Dtornado.enable.fma=false -Dtornado.max.events=64
  -XX:+UnlockExperimentalVMOptions -XX:hashCode=3
  -Dtornado.tvm.maxbytecodesize=1048576 --add-opens=tornado.api/uk.ac.manchester.tornado.api=ALL-UNNAMED
  --add-opens=tornado.runtime/uk.ac.manchester.tornado.runtime.tasks=ALL-UNNAMED
  --add-opens=tornado.runtime/uk.ac.manchester.tornado.runtime.graph=ALL-UNNAMED)

# What Spark opens of the JDK in processes that it starts itself; this one is its driver.
SPARK_FLAGS=(--add-opens=java.base/java.lang=ALL-UNNAMED --add-opens=java.base/java.lang.invoke=ALL-UNNAMED
  --add-opens=java.base/java.lang.reflect=ALL-UNNAMED --add-opens=java.base/java.io=ALL-UNNAMED
  --add-opens=java.base/java.net=ALL-UNNAMED --add-opens=java.base/java.nio=ALL-UNNAMED
  --add-opens=java.base/java.util=ALL-UNNAMED --add-opens=java.base/java.util.concurrent=ALL-UNNAMED
  --add-opens=java.base/java.util.concurrent.atomic=ALL-UNNAMED --add-opens=java.base/jdk.internal.ref=ALL-UNNAMED
  --add-opens=java.base/sun.nio.ch=ALL-UNNAMED --add-opens=java.base/sun.nio.cs=ALL-UNNAMED
  --add-opens=java.base/sun.security.action=ALL-UNNAMED --add-opens=java.base/sun.util.calendar=ALL-UNNAMED
  --add-opens=java.security.jgss/sun.security.krb5=ALL-UNNAMED -Dio.netty.tryReflectionSetAccessible=true
  --sun-misc-unsafe-memory-access=allow)

# Sets GPU_MIB to the memory of the largest GPU, 0 without one. nvidia-smi may take a second, so its answer is kept
# for as long as the driver and the cards stay the same.
gpu_memory() {
  local file bytes key='' line='' card driver=$RESA_SYSTEM_ROOT/proc/driver/nvidia
  GPU_MIB=0
  for file in "$RESA_SYSTEM_ROOT"/sys/class/drm/card*/device/mem_info_vram_total; do
    if [ -r "$file" ]; then
      read -r bytes <"$file"
      [ $((bytes / 1048576)) -le "$GPU_MIB" ] || GPU_MIB=$((bytes / 1048576))
    fi
  done
  if [ -r "$driver/version" ] && command -v nvidia-smi >/dev/null; then
    read -r key <"$driver/version"
    for card in "$driver"/gpus/*; do key="$key ${card##*/}"; done
    if [ -r "$RESA_HOME/gpu-memory" ]; then
      { read -r line && read -r bytes; } <"$RESA_HOME/gpu-memory" || line=
    fi
    if [ "$line" != "$key" ]; then
      bytes=$(nvidia-smi --query-gpu=memory.total --format=csv,noheader,nounits 2>/dev/null | sort -rn | head -n 1) ||
        bytes=
      case $bytes in
        '' | *[!0-9]*) bytes=0 ;;
        *) { printf '%s\n%s\n' "$key" "$bytes" >"$RESA_HOME/gpu-memory"; } 2>/dev/null || true ;;
      esac
    fi
    [ "$bytes" -le "$GPU_MIB" ] || GPU_MIB=$bytes
  fi
}

# Sets DEVICE_MEMORY, the cap that TornadoVM puts on its buffers: 90% of the largest GPU's memory or 75% of the
# machine's, whichever is more. It is one cap for all devices; the engine itself checks each allocation against its own.
device_memory() {
  local kib host
  gpu_memory
  if [ -r /proc/meminfo ]; then
    read -r _ kib _ </proc/meminfo
  else
    kib=$(($(sysctl -n hw.memsize) / 1024))
  fi
  host=$((kib * 3 / 4096))
  [ $((GPU_MIB * 9 / 10)) -gt "$host" ] && host=$((GPU_MIB * 9 / 10))
  DEVICE_MEMORY=${host}MB
}
