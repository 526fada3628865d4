package org.resa4j.tornado.array;

import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * A device array of real numbers in fp32 or fp16.
 *
 * <p>A kernel takes both arrays and the format, and is one for both formats: the format is a
 * constant when TornadoVM compiles it, so that nothing is left of what reads the other array, and a
 * device without fp16 is sent none. The other array is a placeholder.
 *
 * @param floats the numbers in fp32, or a placeholder
 * @param halfs the numbers in fp16, or a placeholder
 * @param format {@link #FLOAT} or {@link #HALF}
 */
public record Reals(FloatArray floats, HalfFloatArray halfs, int format) {
  public static final int FLOAT = 0;
  public static final int HALF = 1;

  public Reals {
    if (format != FLOAT && format != HALF) {
      throw new IllegalArgumentException("no format: " + format);
    }
  }

  public boolean half() {
    return format == HALF;
  }

  /** The array that has the numbers. */
  public TornadoNativeArray array() {
    return half() ? halfs : floats;
  }

  /** On the host: a number of the array that has them. */
  public float get(int index) {
    return half() ? halfs.get(index).getFloat32() : floats.get(index);
  }

  /** On the host: writes a number, rounded to the array's format. */
  public void set(int index, float value) {
    if (half()) {
      halfs.set(index, new HalfFloat(value));
    } else {
      floats.set(index, value);
    }
  }

  /** In a kernel: a number of the array that has them. */
  public static float get(FloatArray floats, HalfFloatArray halfs, int format, int index) {
    if (format == HALF) {
      return halfs.get(index).getFloat32();
    }
    return floats.get(index);
  }

  /** In a kernel: writes a number, rounded to the array's format. */
  public static void set(
      FloatArray floats, HalfFloatArray halfs, int format, int index, float value) {
    if (format == HALF) {
      halfs.set(index, new HalfFloat(value));
    } else {
      floats.set(index, value);
    }
  }
}
