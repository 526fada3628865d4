package org.resa4j.tornado.attention;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.resa4j.model.DType;
import org.resa4j.model.QuantisedBlock;
import org.resa4j.model.Quantiser;
import org.resa4j.tornado.array.Reals;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Keys or values of a cache on a device, in fp32, fp16 or eight bits.
 *
 * <p>As {@link Reals}: a kernel takes all three arrays and the format, and is one for all formats;
 * the format is a constant when TornadoVM compiles it. A value has the same index in all of them.
 *
 * @param floats the values in fp32, or the scales of {@link #EIGHT}, or a placeholder
 * @param halfs the values in fp16, or a placeholder
 * @param numbers the numbers of {@link #EIGHT}, four in an int, or a placeholder
 * @param format {@link Reals#FLOAT}, {@link Reals#HALF} or {@link #EIGHT}
 */
public record CachedRows(FloatArray floats, HalfFloatArray halfs, IntArray numbers, int format) {
  /** As {@link EightBits} has them. */
  public static final int EIGHT = 2;

  /** How many formats there are. */
  public static final int FORMATS = 3;

  public CachedRows {
    if (format < 0 || format >= FORMATS) {
      throw new IllegalArgumentException("no format: " + format);
    }
  }

  /** The arrays that have the values. */
  public List<TornadoNativeArray> arrays() {
    return switch (format) {
      case Reals.FLOAT -> List.of(floats);
      case Reals.HALF -> List.of(halfs);
      default -> List.of(numbers, floats);
    };
  }

  /** On the host: a value, widened. */
  public float get(int index) {
    return switch (format) {
      case Reals.FLOAT -> floats.get(index);
      case Reals.HALF -> halfs.get(index).getFloat32();
      default -> EightBits.get(floats, numbers, index);
    };
  }

  /**
   * On the host: writes values, rounded to the format; in eight bits whole groups.
   *
   * @param index of the first
   */
  public void set(int index, float... values) {
    switch (format) {
      case Reals.FLOAT -> {
        for (int i = 0; i < values.length; i++) {
          floats.set(index + i, values[i]);
        }
      }
      case Reals.HALF -> {
        for (int i = 0; i < values.length; i++) {
          halfs.set(index + i, new HalfFloat(values[i]));
        }
      }
      default -> {
        if (index % EightBits.GROUP != 0 || values.length % EightBits.GROUP != 0) {
          throw new IllegalArgumentException(
              "%d values at %d are no whole groups of %d"
                  .formatted(values.length, index, EightBits.GROUP));
        }
        byte[] bytes = new byte[Math.toIntExact(DType.Q8_0.bytes(values.length))];
        MemorySegment blocks = MemorySegment.ofArray(bytes);
        Quantiser.of(DType.Q8_0).write(values, 0, values.length, blocks, 0);
        QuantisedBlock block = new QuantisedBlock(DType.Q8_0);
        for (int i = 0; i < values.length; i += EightBits.GROUP) {
          block.read(blocks, (long) i / EightBits.GROUP * DType.Q8_0.blockBytes());
          floats.set(EightBits.scale(index + i), block.scale(0));
          for (int j = 0; j < EightBits.GROUP; j += EightBits.PACKED) {
            int packed = 0;
            for (int k = 0; k < EightBits.PACKED; k++) {
              packed |= (block.number(j + k) & 0xFF) << 8 * k;
            }
            numbers.set(EightBits.packed(index + i + j), packed);
          }
        }
      }
    }
  }

  /** In a kernel: a value, widened. */
  public static float get(
      FloatArray floats, HalfFloatArray halfs, IntArray numbers, int format, int index) {
    if (format == EIGHT) {
      return EightBits.get(floats, numbers, index);
    }
    return Reals.get(floats, halfs, format, index);
  }

  /** In a kernel without fp16: a value, widened. */
  public static float get(FloatArray floats, IntArray numbers, int format, int index) {
    if (format == EIGHT) {
      return EightBits.get(floats, numbers, index);
    }
    return floats.get(index);
  }
}
