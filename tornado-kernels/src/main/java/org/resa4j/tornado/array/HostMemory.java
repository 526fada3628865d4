package org.resa4j.tornado.array;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.resa4j.error.DeviceException;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Host sides of device arrays, zeroed. TornadoVM's constructors write every page; these take theirs
 * from calloc, whose large pieces cost no memory until written, and a cache's host side never is.
 */
public final class HostMemory {
  private static final MethodHandle CALLOC =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("calloc"),
              FunctionDescriptor.of(
                  ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
  private static final MethodHandle FREE =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("free"),
              FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));

  private HostMemory() {}

  public static FloatArray floats(int size) {
    return FloatArray.fromSegmentShallow(zeroed(size, Float.BYTES));
  }

  public static HalfFloatArray halfs(int size) {
    return HalfFloatArray.fromSegmentShallow(zeroed(size, Short.BYTES));
  }

  public static LongArray longs(int size) {
    return LongArray.fromSegmentShallow(zeroed(size, Long.BYTES));
  }

  public static IntArray ints(int size) {
    return IntArray.fromSegmentShallow(zeroed(size, Integer.BYTES));
  }

  /** Freed when the array that views it is no longer reachable. */
  private static MemorySegment zeroed(int size, int elementBytes) {
    long bytes = TornadoNativeArray.ARRAY_HEADER + (long) size * elementBytes;
    try {
      MemorySegment start = (MemorySegment) CALLOC.invokeExact(1L, bytes);
      if (start.address() == 0) {
        throw new DeviceException("the host has no %d bytes for a device array".formatted(bytes));
      }
      return start.reinterpret(bytes, Arena.ofAuto(), HostMemory::free);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static void free(MemorySegment segment) {
    try {
      FREE.invokeExact(segment);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
