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
import org.resa4j.model.DType;
import org.resa4j.model.Quantiser;

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

  final MemorySegment key;
  final MemorySegment value;
  final MemorySegment blockMin;
  final MemorySegment blockMax;

  private final long rowBytes;
  private final long boundBytes;
  private final Rows cached;
  private final Rows bounds;

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
    KvType type = plan.type();
    rowBytes = type.format().bytes(width);
    boundBytes = type.descriptors().bytes(width);
    cached = new Rows(type.format(), width);
    bounds = new Rows(type.descriptors(), width);
    loaded = new float[width];
    min = new float[width];
    max = new float[width];
    key = HugePages.allocate(arena, plan.valueBytes());
    value = HugePages.allocate(arena, plan.valueBytes());
    blockMin = HugePages.allocate(arena, plan.descriptorBytes());
    blockMax = HugePages.allocate(arena, plan.descriptorBytes());
  }

  /** Byte offset in K and V of a token's row. */
  long rowOffset(BlockTable table, int kvHead, int token) {
    int page = token / pageTokens;
    long row = (long) table.page(page) * pageTokens + token % pageTokens;
    return ((long) kvHead * tokens + row) * rowBytes;
  }

  /**
   * Byte offsets of the rows of tokens {@code from} to {@code to} - 1.
   *
   * @param rows written, from {@code first} on
   */
  void rowOffsets(BlockTable table, int kvHead, int from, int to, long[] rows, int first) {
    int token = from;
    while (token < to) {
      int pageEnd = Math.min(to, (token / pageTokens + 1) * pageTokens);
      long offset = rowOffset(table, kvHead, token);
      for (; token < pageEnd; token++, offset += rowBytes) {
        rows[first + token - from] = offset;
      }
    }
  }

  /** Byte offset in the descriptors of a block's row. */
  long blockOffset(BlockTable table, int kvHead, int block) {
    int page = block / pageBlocks;
    long row = (long) table.page(page) * pageBlocks + block % pageBlocks;
    return ((long) kvHead * blocks + row) * boundBytes;
  }

  /**
   * Byte offsets of the descriptors of blocks {@code from} to {@code to} - 1.
   *
   * @param rows written
   */
  void boundOffsets(BlockTable table, int kvHead, int from, int to, long[] rows) {
    for (int block = from; block < to; block++) {
      rows[block - from] = blockOffset(table, kvHead, block);
    }
  }

  /**
   * Where the stretch of descriptors ends that begins with a block's: a block after it, at most
   * {@code to}.
   */
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
      copyRows(key, rowBytes, base, from, to, pageTokens);
      copyRows(value, rowBytes, base, from, to, pageTokens);
      base = (long) head * blocks;
      copyRows(blockMin, boundBytes, base, from, to, pageBlocks);
      copyRows(blockMax, boundBytes, base, from, to, pageBlocks);
    }
  }

  private static void copyRows(
      MemorySegment rows, long bytes, long base, int from, int to, int count) {
    MemorySegment.copy(
        rows,
        (base + (long) from * count) * bytes,
        rows,
        (base + (long) to * count) * bytes,
        count * bytes);
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
    float[] oldKey = new float[width];
    float[] oldValue = new float[width];
    int at = 0;
    for (int token = position; token < position + count; token++) {
      for (int head = 0; head < kvHeads; head++) {
        long row = rowOffset(table, head, token);
        cached.load(key, row, oldKey, 0);
        cached.load(value, row, oldValue, 0);
        for (int j = 0; j < width; j++, at++) {
          double dk = (double) k[at] - oldKey[j];
          double dv = (double) v[at] - oldValue[j];
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
      cached.store(k, offset + head * width, key, row);
      cached.store(v, offset + head * width, value, row);
    }
  }

  /**
   * Writes a block's bounds over the keys of its first {@code count} tokens; as stored, so that
   * they hold for what is read; of Q8 keys but for the rounding of the bounds to fp16.
   */
  private void describe(BlockTable table, int head, int block, int count) {
    long row = rowOffset(table, head, block * blockSize);
    cached.load(key, row, min, 0);
    System.arraycopy(min, 0, max, 0, width);
    for (int token = 1; token < count; token++) {
      cached.load(key, row + token * rowBytes, loaded, 0);
      for (int j = 0; j < width; j++) {
        min[j] = Math.min(min[j], loaded[j]);
        max[j] = Math.max(max[j], loaded[j]);
      }
    }
    long at = blockOffset(table, head, block);
    bounds.store(min, 0, blockMin, at);
    bounds.store(max, 0, blockMax, at);
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
        cached.load(key, row, k, to);
        cached.load(value, row, v, to);
      }
      for (int block = 0; block < described; block++) {
        long at = blockOffset(table, head, block);
        int to = (head * described + block) * width;
        bounds.load(blockMin, at, minima, to);
        bounds.load(blockMax, at, maxima, to);
      }
    }
    return new CacheSnapshot(k, v, minima, maxima);
  }

  /** Rows of one width in one format, written and read one at a time. */
  private static final class Rows {
    private final DType format;
    private final int width;
    private final Quantiser quantiser;
    private final RowOps reader;

    Rows(DType format, int width) {
      this.format = format;
      this.width = width;
      quantiser = Quantiser.of(format);
      reader = new ScalarOps().rows(format);
    }

    void store(float[] from, int index, MemorySegment to, long offset) {
      if (format == DType.F32) {
        MemorySegment.copy(from, index, to, ValueLayout.JAVA_FLOAT, offset, width);
      } else {
        quantiser.write(from, index, width, to, offset);
      }
    }

    void load(MemorySegment from, long offset, float[] to, int index) {
      if (format == DType.F32) {
        MemorySegment.copy(from, ValueLayout.JAVA_FLOAT, offset, to, index, width);
      } else {
        reader.widen(from, offset, width, to, index);
      }
    }
  }
}
