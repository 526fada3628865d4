package org.resa4j.tornado;

import org.resa4j.engine.CacheSnapshot;
import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionLayout;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** Copies one layer's cache of one sequence to the host, widened to fp32. */
final class CacheReader {
  private CacheReader() {}

  static CacheSnapshot read(
      DeviceProgram program, AttentionBuffers buffers, int sequence, int tokens) {
    AttentionLayout layout = buffers.layout();
    int blocks = Math.ceilDiv(tokens, layout.blockSize());
    AttentionBuffers.Cache cache = buffers.cache();
    return new CacheSnapshot(
        read(program, layout, cache.key(), sequence, tokens, layout.contextPadded()),
        read(program, layout, cache.value(), sequence, tokens, layout.contextPadded()),
        read(program, layout, cache.blockMin(), sequence, blocks, layout.blockCapacity()),
        read(program, layout, cache.blockMax(), sequence, blocks, layout.blockCapacity()));
  }

  private static float[] read(
      DeviceProgram program,
      AttentionLayout layout,
      TornadoNativeArray array,
      int sequence,
      int count,
      int capacity) {
    program.fetch(array);
    int kvHeads = layout.shape().kvHeads();
    int headDim = layout.shape().headDim();
    float[] values = new float[Math.multiplyExact(kvHeads * headDim, count)];
    int to = 0;
    for (int head = 0; head < kvHeads; head++) {
      long from = ((long) sequence * kvHeads + head) * capacity * headDim;
      for (int i = 0; i < count * headDim; i++) {
        values[to++] = get(array, from + i);
      }
    }
    return values;
  }

  private static float get(TornadoNativeArray array, long index) {
    return switch (array) {
      case FloatArray floats -> floats.get((int) index);
      case HalfFloatArray halfs -> halfs.get((int) index).getFloat32();
      case LongArray longs ->
          Float.float16ToFloat((short) (longs.get((int) (index / 4)) >>> (index % 4 * 16)));
      default -> throw new IllegalArgumentException("not a cache: " + array.getClass());
    };
  }
}
