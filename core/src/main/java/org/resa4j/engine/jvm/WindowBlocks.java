package org.resa4j.engine.jvm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.KvType;
import org.resa4j.model.DType;

/**
 * The blocks that a window's tokens are encoded over where not over all: the union of those that
 * each of them selects, for one KV head, and the window's own.
 *
 * <p>Each token selects as a decoding step does. There are many of them: lanes run over tokens when
 * blocks are scored, as {@code sum_j max(q̄_j, 0) kmax_j + min(q̄_j, 0) kmin_j}.
 */
final class WindowBlocks {
  /** Tokens whose scores are held at once. */
  private static final int TOKENS = 32;

  /** Blocks that are scored at a time, whose bounds stay near. */
  private static final int CHUNK = 128;

  private final AttentionShape shape;
  private final VectorOps ops;
  private final Workers workers;
  private final RowOps bounds;
  private final RowOps queries;
  private final int capacity;
  private final Scratch[] scratch;
  private final Workers.Body meanBody = this::takeMeans;
  private final Workers.Body scoreBody = this::score;
  private final Workers.Body selectBody = this::select;

  /**
   * Mean queries turned around, {@code [kvHead][d][column]}: what of them is above 0, and what
   * below.
   */
  private final MemorySegment above;

  private final MemorySegment below;

  /** {@code [kvHead][token of TOKENS][block]}; these are there once a window asks for them. */
  private float[] scores = {};

  /** {@code [kvHead][block]}. */
  private boolean[] kept = {};

  private int[] blocks = {};
  private final int[] count;

  // What is worked on.
  private LayerCache cache;
  private BlockTable table;
  private ResaConfig selection;
  private float[] query;
  private int position;
  private int end;
  private int row;
  private int tokens;

  /**
   * @param capacity the most blocks of a sequence
   */
  WindowBlocks(AttentionShape shape, KvType type, VectorOps ops, Workers workers, int capacity) {
    this.shape = shape;
    this.ops = ops;
    this.workers = workers;
    this.capacity = capacity;
    bounds = ops.rows(type.descriptors());
    queries = ops.rows(DType.F32);
    count = new int[shape.kvHeads()];
    long means = (long) shape.kvHeads() * shape.headDim() * TOKENS * Float.BYTES;
    above = Arena.ofAuto().allocate(means, 64);
    below = Arena.ofAuto().allocate(means, 64);
    scratch = new Scratch[workers.size()];
    Arrays.setAll(scratch, i -> new Scratch());
  }

  /** What a worker needs for itself. */
  private final class Scratch {
    private final float[] mean = new float[shape.headDim()];
    private final long[] rows = new long[CHUNK];
    private final float[] wide = new float[CHUNK * shape.headDim()];
    private final float[] products = new float[CHUNK * TOKENS];
    private Select select;
    private int[] selected = {};
  }

  /**
   * Finds the blocks of every KV head.
   *
   * @param position of the window's first token
   * @param window its tokens, all of them in the cache
   * @param query {@code [row][Hq][d]} after RoPE
   * @param row of the window's first token
   */
  void find(
      LayerCache cache,
      BlockTable table,
      ResaConfig selection,
      int position,
      int window,
      float[] query,
      int row) {
    if (kept.length == 0) {
      scores = new float[Math.multiplyExact(shape.kvHeads() * TOKENS, capacity)];
      kept = new boolean[shape.kvHeads() * capacity];
      blocks = new int[kept.length];
      for (Scratch each : scratch) {
        each.select = new Select(ops, capacity);
        each.selected = new int[capacity];
      }
    }
    this.cache = cache;
    this.table = table;
    this.selection = selection;
    this.query = query;
    end = position + window;
    int described = selection.blocks(end);
    for (int kvHead = 0; kvHead < shape.kvHeads(); kvHead++) {
      int first = kvHead * capacity;
      Arrays.fill(kept, first, first + described, false);
      Arrays.fill(kept, first + position / selection.blockSize(), first + described, true);
    }
    for (int done = 0; done < window; done += TOKENS) {
      this.position = position + done;
      this.row = row + done;
      tokens = Math.min(TOKENS, window - done);
      workers.run(shape.kvHeads(), meanBody);
      workers.run(shape.kvHeads() * Math.ceilDiv(described, CHUNK), scoreBody);
      workers.run(shape.kvHeads() * tokens, selectBody);
    }
    for (int kvHead = 0; kvHead < shape.kvHeads(); kvHead++) {
      int first = kvHead * capacity;
      int n = 0;
      for (int block = 0; block < described; block++) {
        blocks[first + n] = block;
        n += kept[first + block] ? 1 : 0;
      }
      count[kvHead] = n;
    }
  }

  private void score(int index, int worker) {
    Scratch own = scratch[worker];
    int kvHead = index % shape.kvHeads();
    int from = index / shape.kvHeads() * CHUNK;
    int n = Math.min(CHUNK, selection.blocks(end) - from);
    int width = shape.headDim();
    cache.boundOffsets(table, kvHead, from, from + n, own.rows);
    Arrays.fill(own.products, 0, n * TOKENS, 0);
    bounds.widen(cache.blockMax, own.rows, n, width, own.wide);
    add(above, kvHead, own.wide, n, own.products);
    bounds.widen(cache.blockMin, own.rows, n, width, own.wide);
    add(below, kvHead, own.wide, n, own.products);
    for (int token = 0; token < tokens; token++) {
      int to = (kvHead * TOKENS + token) * capacity + from;
      for (int block = 0; block < n; block++) {
        scores[to + block] = own.products[block * TOKENS + token];
      }
    }
  }

  private void add(MemorySegment means, int kvHead, float[] wide, int n, float[] products) {
    int width = shape.headDim();
    long from = (long) kvHead * width * TOKENS * Float.BYTES;
    queries.accumulate(means, from, width, TOKENS, wide, 0, width, 1, n, products, 0, TOKENS);
  }

  private void takeMeans(int kvHead, int worker) {
    Scratch own = scratch[worker];
    int width = shape.headDim();
    for (int token = 0; token < TOKENS; token++) {
      if (token < tokens) {
        int at = ((row + token) * shape.heads() + kvHead * shape.group()) * width;
        Estimate.meanQuery(query, at, shape.group(), width, own.mean);
      } else {
        Arrays.fill(own.mean, 0);
      }
      for (int j = 0; j < width; j++) {
        long at = ((long) kvHead * width + j) * TOKENS + token;
        above.setAtIndex(ValueLayout.JAVA_FLOAT, at, Math.max(own.mean[j], 0));
        below.setAtIndex(ValueLayout.JAVA_FLOAT, at, Math.min(own.mean[j], 0));
      }
    }
  }

  private void select(int index, int worker) {
    Scratch own = scratch[worker];
    int kvHead = index % shape.kvHeads();
    int token = index / shape.kvHeads();
    int visible = position + token + 1;
    int keep = selection.keepBlocks(visible);
    int first = kvHead * capacity;
    if (keep == selection.blocks(visible)) {
      Arrays.fill(kept, first, first + keep, true);
      return;
    }
    own.select.select(
        scores,
        (kvHead * TOKENS + token) * capacity,
        selection.blocks(visible),
        Math.min(selection.localBlocks(), keep),
        keep,
        own.selected,
        0);
    // Others may set the same at the same time, to the same.
    for (int i = 0; i < keep; i++) {
      kept[first + own.selected[i]] = true;
    }
  }

  /** Blocks that were found for a KV head. */
  int count(int kvHead) {
    return count[kvHead];
  }

  /** Block {@code i} of those that were found for a KV head, ascending. */
  int block(int kvHead, int i) {
    return blocks[kvHead * capacity + i];
  }
}
