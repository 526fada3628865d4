package org.resa4j.engine.jvm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.resa4j.attention.AttentionShape;
import org.resa4j.engine.CacheSnapshot;
import org.resa4j.engine.Drift;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.KvType;
import org.resa4j.engine.StepBatch;
import org.resa4j.error.LimitException;

/**
 * One layer's KV cache and block descriptors, in native memory.
 *
 * <p>K and V {@code [sequence][kvHead][token][d]}, descriptors {@code
 * [sequence][kvHead][block][d]}, so that a block of one head is contiguous and so are its
 * neighbours.
 */
final class LayerCache {
  final int kvHeads;
  final int width;
  final int blockSize;
  final KvType type;

  final MemorySegment key;
  final MemorySegment value;
  final MemorySegment blockMin;
  final MemorySegment blockMax;

  private final int blockCapacity;

  LayerCache(AttentionShape shape, EngineOptions options, KvType type, Arena arena) {
    kvHeads = shape.kvHeads();
    width = shape.headDim();
    blockSize = options.blockSize();
    blockCapacity = Math.ceilDiv(options.contextLength(), blockSize);
    this.type = type;
    long rows = (long) options.sequences() * kvHeads * blockCapacity;
    long rowBytes = (long) width * type.bytes();
    key = HugePages.allocate(arena, rows * blockSize * rowBytes);
    value = HugePages.allocate(arena, rows * blockSize * rowBytes);
    blockMin = HugePages.allocate(arena, rows * rowBytes);
    blockMax = HugePages.allocate(arena, rows * rowBytes);
  }

  /** Bytes that a cache of these sizes takes. */
  static long bytes(AttentionShape shape, EngineOptions options, KvType type) {
    long blocks = Math.ceilDiv(options.contextLength(), options.blockSize());
    long rows = Math.multiplyExact((long) options.sequences() * shape.kvHeads(), blocks);
    long rowBytes = (long) shape.headDim() * type.bytes();
    return Math.multiplyExact(Math.multiplyExact(rows, rowBytes), 2 * (options.blockSize() + 1L));
  }

  /** Byte offset in K and V of a token's row. */
  long rowOffset(int sequence, int kvHead, int token) {
    long row = ((long) sequence * kvHeads + kvHead) * blockCapacity * blockSize + token;
    return row * width * type.bytes();
  }

  /** Byte offset in the descriptors of a block's row. */
  long blockOffset(int sequence, int kvHead, int block) {
    return (((long) sequence * kvHeads + kvHead) * blockCapacity + block) * width * type.bytes();
  }

  /**
   * Appends each row's token: its K and V go to its position, its block's descriptor widens.
   *
   * @param k {@code [row][kvHead][d]}
   * @param v {@code [row][kvHead][d]}
   */
  void append(StepBatch batch, float[] k, float[] v) {
    for (int row = 0; row < batch.rows(); row++) {
      append(batch.sequence(row), batch.position(row), k, v, row * kvHeads * width);
    }
  }

  private void append(int sequence, int position, float[] k, float[] v, int offset) {
    store(sequence, position, k, v, offset);
    int block = position / blockSize;
    boolean opens = position % blockSize == 0;
    for (int head = 0; head < kvHeads; head++) {
      widen(sequence, head, block, position, opens);
    }
  }

  /**
   * Overwrites K and V of consecutive tokens, the last of the sequence, and rebuilds from K the
   * descriptors of the blocks they touch.
   *
   * @param k {@code [count][kvHead][d]}
   * @param v {@code [count][kvHead][d]}
   */
  void write(int sequence, int position, int count, float[] k, float[] v) {
    for (int i = 0; i < count; i++) {
      store(sequence, position + i, k, v, i * kvHeads * width);
    }
    for (int head = 0; head < kvHeads; head++) {
      for (int token = position - position % blockSize; token < position + count; token++) {
        widen(sequence, head, token / blockSize, token, token % blockSize == 0);
      }
    }
  }

  /**
   * How far what is cached for consecutive tokens is from new K and V.
   *
   * @param k {@code [count][kvHead][d]}
   * @param v {@code [count][kvHead][d]}
   */
  Drift.Layer drift(int sequence, int position, int count, float[] k, float[] v) {
    double keyChange = 0;
    double keySquares = 0;
    double valueChange = 0;
    double valueSquares = 0;
    int at = 0;
    for (int token = position; token < position + count; token++) {
      for (int head = 0; head < kvHeads; head++) {
        long row = rowOffset(sequence, head, token);
        for (int j = 0; j < width; j++, at++) {
          long element = row + (long) j * type.bytes();
          double dk = (double) k[at] - get(key, element);
          double dv = (double) v[at] - get(value, element);
          keyChange += dk * dk;
          keySquares += (double) k[at] * k[at];
          valueChange += dv * dv;
          valueSquares += (double) v[at] * v[at];
        }
      }
    }
    return new Drift.Layer(keyChange, keySquares, valueChange, valueSquares);
  }

  private void store(int sequence, int position, float[] k, float[] v, int offset) {
    for (int head = 0; head < kvHeads; head++) {
      long row = rowOffset(sequence, head, position);
      store(key, row, k, offset + head * width);
      store(value, row, v, offset + head * width);
    }
  }

  /**
   * Takes a token's key into its block's bounds; as stored, so that the bounds hold for what is
   * read.
   */
  private void widen(int sequence, int head, int block, int token, boolean opens) {
    long row = rowOffset(sequence, head, token);
    long bounds = blockOffset(sequence, head, block);
    for (int j = 0; j < width; j++) {
      long element = (long) j * type.bytes();
      float k = get(key, row + element);
      if (opens) {
        set(blockMin, bounds + element, k);
        set(blockMax, bounds + element, k);
      } else {
        set(blockMin, bounds + element, Math.min(k, get(blockMin, bounds + element)));
        set(blockMax, bounds + element, Math.max(k, get(blockMax, bounds + element)));
      }
    }
  }

  CacheSnapshot snapshot(int sequence, int tokens) {
    int blocks = Math.ceilDiv(tokens, blockSize);
    if ((long) kvHeads * tokens * width > Integer.MAX_VALUE) {
      throw new LimitException(
          "a snapshot of %d tokens is more than an array holds; %d fit"
              .formatted(tokens, Integer.MAX_VALUE / (kvHeads * width)),
          tokens,
          Integer.MAX_VALUE / (kvHeads * width),
          List.of());
    }
    float[] k = new float[kvHeads * tokens * width];
    float[] v = new float[k.length];
    float[] min = new float[kvHeads * blocks * width];
    float[] max = new float[min.length];
    for (int head = 0; head < kvHeads; head++) {
      long row = rowOffset(sequence, head, 0);
      long bounds = blockOffset(sequence, head, 0);
      load(key, row, k, head * tokens * width, tokens * width);
      load(value, row, v, head * tokens * width, tokens * width);
      load(blockMin, bounds, min, head * blocks * width, blocks * width);
      load(blockMax, bounds, max, head * blocks * width, blocks * width);
    }
    return new CacheSnapshot(k, v, min, max);
  }

  private void store(MemorySegment to, long offset, float[] from, int index) {
    if (type == KvType.F32) {
      MemorySegment.copy(from, index, to, ValueLayout.JAVA_FLOAT, offset, width);
      return;
    }
    for (int j = 0; j < width; j++) {
      to.set(ValueLayout.JAVA_SHORT, offset + j * 2L, Float.floatToFloat16(from[index + j]));
    }
  }

  private void load(MemorySegment from, long offset, float[] to, int index, int count) {
    for (int j = 0; j < count; j++) {
      to[index + j] = get(from, offset + (long) j * type.bytes());
    }
  }

  private float get(MemorySegment from, long offset) {
    return type == KvType.F32
        ? from.get(ValueLayout.JAVA_FLOAT, offset)
        : Float.float16ToFloat(from.get(ValueLayout.JAVA_SHORT, offset));
  }

  private void set(MemorySegment to, long offset, float x) {
    if (type == KvType.F32) {
      to.set(ValueLayout.JAVA_FLOAT, offset, x);
    } else {
      to.set(ValueLayout.JAVA_SHORT, offset, Float.floatToFloat16(x));
    }
  }
}
