package org.resa4j.engine.jvm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.CachePlan;
import org.resa4j.engine.CacheSnapshot;
import org.resa4j.engine.Drift;
import org.resa4j.engine.KvType;
import org.resa4j.engine.StepBatch;
import org.resa4j.error.LimitException;

/**
 * One layer's KV cache and block descriptors, in native memory.
 *
 * <p>K and V {@code [kvHead][page][token][d]}, descriptors {@code [kvHead][page][block][d]}, so
 * that a block of one head is contiguous, and so are its neighbours as far as their pages are.
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

  // A key, and bounds of keys; only one thread writes to a cache.
  private final float[] loaded;
  private final float[] min;
  private final float[] max;

  private final int pageBlocks;
  private final int pageTokens;
  private final int tokens;
  private final int blocks;

  LayerCache(CachePlan plan, Arena arena) {
    kvHeads = plan.shape().kvHeads();
    width = plan.shape().headDim();
    blockSize = plan.options().blockSize();
    pageBlocks = plan.options().pageBlocks();
    pageTokens = plan.options().pageTokens();
    tokens = plan.tokens();
    blocks = plan.blocks();
    type = plan.type();
    loaded = new float[width];
    min = new float[width];
    max = new float[width];
    key = HugePages.allocate(arena, plan.values() * type.bytes());
    value = HugePages.allocate(arena, plan.values() * type.bytes());
    blockMin = HugePages.allocate(arena, plan.descriptorValues() * type.bytes());
    blockMax = HugePages.allocate(arena, plan.descriptorValues() * type.bytes());
  }

  /** Byte offset in K and V of a token's row. */
  long rowOffset(BlockTable table, int kvHead, int token) {
    int page = token / pageTokens;
    long row = (long) table.page(page) * pageTokens + token % pageTokens;
    return ((long) kvHead * tokens + row) * width * type.bytes();
  }

  /** Byte offset in the descriptors of a block's row. */
  long blockOffset(BlockTable table, int kvHead, int block) {
    int page = block / pageBlocks;
    long row = (long) table.page(page) * pageBlocks + block % pageBlocks;
    return ((long) kvHead * blocks + row) * width * type.bytes();
  }

  /**
   * Where the stretch of memory ends that begins with a token: a token after it, at most {@code
   * to}.
   */
  int contiguousTokens(BlockTable table, int token, int to) {
    return Math.min(
        to, contiguousPages(table, token / pageTokens, (to - 1) / pageTokens) * pageTokens);
  }

  /** The same of descriptors. */
  int contiguousBlocks(BlockTable table, int block, int to) {
    return Math.min(
        to, contiguousPages(table, block / pageBlocks, (to - 1) / pageBlocks) * pageBlocks);
  }

  private static int contiguousPages(BlockTable table, int first, int last) {
    int page = first;
    while (page < last && table.page(page + 1) == table.page(page) + 1) {
      page++;
    }
    return page + 1;
  }

  /**
   * Appends each row's token: its K and V go to its position, and its block is described anew.
   *
   * @param k {@code [row][kvHead][d]}
   * @param v {@code [row][kvHead][d]}
   */
  void append(StepBatch batch, float[] k, float[] v) {
    for (int row = 0; row < batch.rows(); row++) {
      write(batch.table(row), batch.position(row), 1, k, v, row);
    }
  }

  /**
   * Overwrites K and V of consecutive tokens, the last of the sequence, and rebuilds from K the
   * descriptors of the blocks they touch.
   *
   * @param k {@code [token][kvHead][d]}
   * @param v {@code [token][kvHead][d]}
   * @param first of the tokens in {@code k} and {@code v}
   */
  void write(BlockTable table, int position, int count, float[] k, float[] v, int first) {
    for (int i = 0; i < count; i++) {
      store(table, position + i, k, v, (first + i) * kvHeads * width);
    }
    int end = position + count;
    for (int head = 0; head < kvHeads; head++) {
      for (int block = position / blockSize; block * blockSize < end; block++) {
        describe(table, head, block, Math.min(blockSize, end - block * blockSize));
      }
    }
  }

  /** Copies a page, descriptors included. */
  void copyPage(int from, int to) {
    for (int head = 0; head < kvHeads; head++) {
      long base = (long) head * tokens;
      copyRows(key, base, from, to, pageTokens);
      copyRows(value, base, from, to, pageTokens);
      base = (long) head * blocks;
      copyRows(blockMin, base, from, to, pageBlocks);
      copyRows(blockMax, base, from, to, pageBlocks);
    }
  }

  private void copyRows(MemorySegment rows, long base, int from, int to, int count) {
    long rowBytes = (long) width * type.bytes();
    MemorySegment.copy(
        rows,
        (base + (long) from * count) * rowBytes,
        rows,
        (base + (long) to * count) * rowBytes,
        count * rowBytes);
  }

  /**
   * How far what is cached for consecutive tokens is from new K and V.
   *
   * @param k {@code [count][kvHead][d]}
   * @param v {@code [count][kvHead][d]}
   */
  Drift.Layer drift(BlockTable table, int position, int count, float[] k, float[] v) {
    double keyChange = 0;
    double keySquares = 0;
    double valueChange = 0;
    double valueSquares = 0;
    int at = 0;
    for (int token = position; token < position + count; token++) {
      for (int head = 0; head < kvHeads; head++) {
        long row = rowOffset(table, head, token);
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

  private void store(BlockTable table, int position, float[] k, float[] v, int offset) {
    for (int head = 0; head < kvHeads; head++) {
      long row = rowOffset(table, head, position);
      store(key, row, k, offset + head * width);
      store(value, row, v, offset + head * width);
    }
  }

  /**
   * Writes a block's bounds over the keys of its first {@code count} tokens; as stored, so that
   * they hold for what is read.
   */
  private void describe(BlockTable table, int head, int block, int count) {
    long row = rowOffset(table, head, block * blockSize);
    load(key, row, min, 0, width);
    System.arraycopy(min, 0, max, 0, width);
    for (int token = 1; token < count; token++) {
      load(key, row + (long) token * width * type.bytes(), loaded, 0, width);
      for (int j = 0; j < width; j++) {
        min[j] = Math.min(min[j], loaded[j]);
        max[j] = Math.max(max[j], loaded[j]);
      }
    }
    long bounds = blockOffset(table, head, block);
    store(blockMin, bounds, min, 0);
    store(blockMax, bounds, max, 0);
  }

  CacheSnapshot snapshot(BlockTable table, int count) {
    int described = Math.ceilDiv(count, blockSize);
    if ((long) kvHeads * count * width > Integer.MAX_VALUE) {
      throw new LimitException(
          "a snapshot of %d tokens is more than an array holds; %d fit"
              .formatted(count, Integer.MAX_VALUE / (kvHeads * width)),
          count,
          Integer.MAX_VALUE / (kvHeads * width),
          List.of());
    }
    float[] k = new float[kvHeads * count * width];
    float[] v = new float[k.length];
    float[] minima = new float[kvHeads * described * width];
    float[] maxima = new float[minima.length];
    for (int head = 0; head < kvHeads; head++) {
      for (int token = 0; token < count; token++) {
        long row = rowOffset(table, head, token);
        int to = (head * count + token) * width;
        load(key, row, k, to, width);
        load(value, row, v, to, width);
      }
      for (int block = 0; block < described; block++) {
        long bounds = blockOffset(table, head, block);
        int to = (head * described + block) * width;
        load(blockMin, bounds, minima, to, width);
        load(blockMax, bounds, maxima, to, width);
      }
    }
    return new CacheSnapshot(k, v, minima, maxima);
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
    if (type == KvType.F32) {
      MemorySegment.copy(from, ValueLayout.JAVA_FLOAT, offset, to, index, count);
      return;
    }
    for (int j = 0; j < count; j++) {
      to[index + j] = get(from, offset + (long) j * type.bytes());
    }
  }

  private float get(MemorySegment from, long offset) {
    return type == KvType.F32
        ? from.get(ValueLayout.JAVA_FLOAT, offset)
        : Float.float16ToFloat(from.get(ValueLayout.JAVA_SHORT, offset));
  }
}
