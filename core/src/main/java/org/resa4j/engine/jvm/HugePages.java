package org.resa4j.engine.jvm;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Zeroed native memory in huge pages where the system has them: Linux, which gives them to those
 * who ask. Selected blocks lie scattered, and with small pages each costs a miss in the TLB.
 */
final class HugePages {
  /** x86-64 and AArch64 with pages of 4 KiB. */
  private static final long SIZE = 2L << 20;

  private static final int READ_WRITE = 1 | 2;
  private static final int PRIVATE_ANONYMOUS = 0x02 | 0x20;
  private static final int ADVISE_HUGE = 14;
  private static final long FAILED = -1;

  private static final Optional<HugePages> LINUX =
      System.getProperty("os.name").equals("Linux")
          ? Optional.of(new HugePages())
          : Optional.empty();

  private final MethodHandle map =
      handle(
          "mmap",
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG));
  private final MethodHandle advise =
      handle(
          "madvise",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT));
  private final MethodHandle unmap =
      handle(
          "munmap",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));

  private HugePages() {}

  private static MethodHandle handle(String name, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
  }

  /**
   * Allocates zeros that live as long as the arena.
   *
   * @throws OutOfMemoryError if there is not that much memory
   */
  static MemorySegment allocate(Arena arena, long bytes) {
    return bytes < SIZE || LINUX.isEmpty()
        ? arena.allocate(bytes, 64)
        : LINUX.get().mapped(arena, bytes);
  }

  private MemorySegment mapped(Arena arena, long bytes) {
    // One page more, to begin where a huge page does.
    long whole = Math.addExact(Math.ceilDiv(bytes, SIZE) * SIZE, SIZE);
    long start;
    try {
      start = (long) map.invokeExact(0L, whole, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0L);
      if (start == FAILED) {
        throw new OutOfMemoryError("the system has no %d bytes".formatted(bytes));
      }
      // Without huge pages it refuses, and the memory is as good as any.
      int ignored = (int) advise.invokeExact(start, whole, ADVISE_HUGE);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
    long aligned = Math.ceilDiv(start, SIZE) * SIZE;
    return MemorySegment.ofAddress(aligned)
        .reinterpret(bytes, arena, segment -> unmap(start, whole));
  }

  private void unmap(long start, long bytes) {
    try {
      int ignored = (int) unmap.invokeExact(start, bytes);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
