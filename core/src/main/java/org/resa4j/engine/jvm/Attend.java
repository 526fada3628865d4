package org.resa4j.engine.jvm;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.KvType;

/**
 * Stage 4: softmax(q k / sqrt(d)) v over spans of tokens, with a running maximum.
 *
 * <p>Holds the state of one worker. A pass is {@link #begin}, any number of {@link #span}, then
 * {@link #result} or {@link #partial}.
 *
 * @see <a href="https://arxiv.org/abs/2506.04108">section 2.2, sparse attention</a>
 */
final class Attend {
  /**
   * Tokens taken at once: the maximum is rescaled once per span, whose K and V fit the L2 cache.
   */
  static final int SPAN = 128;

  private final VectorOps ops;
  private final RowOps rows;
  private final int width;
  private final float[] query;
  private final float[] scores;
  private final float[] output;
  private final float[] max;
  private final float[] sum;
  private LayerCache cache;
  private BlockTable table;
  private int kvHead;
  private int vectors;

  /** Where the rows are that the next span attends to. */
  private final long[] at = new long[SPAN];

  private int pending;

  /** Whether these are of several stretches, so that no prefetcher knows what comes next. */
  private boolean scattered;

  @SuppressWarnings("UnusedVariable") // else what is read only to be near need not be read
  private int touched;

  /**
   * @param type format of the caches it will read
   * @param width d
   * @param vectors the most query vectors of a pass
   */
  Attend(VectorOps ops, KvType type, int width, int vectors) {
    this.ops = ops;
    this.width = width;
    rows = ops.rows(type.format());
    query = new float[vectors * width];
    output = new float[vectors * width];
    scores = new float[vectors * SPAN];
    max = new float[vectors];
    sum = new float[vectors];
  }

  /** Starts a pass over one KV head with no query vectors; {@link #query} adds them. */
  void begin(LayerCache cache, BlockTable table, int kvHead) {
    this.cache = cache;
    this.table = table;
    this.kvHead = kvHead;
    vectors = 0;
    pending = 0;
    scattered = false;
  }

  /** Adds a query vector, scaled by 1 / sqrt(d). */
  void query(float[] from, int offset) {
    float scale = (float) (1 / Math.sqrt(width));
    int to = vectors * width;
    for (int j = 0; j < width; j++) {
      query[to + j] = from[offset + j] * scale;
    }
    Arrays.fill(output, to, to + width, 0);
    max[vectors] = Float.NEGATIVE_INFINITY;
    sum[vectors] = 0;
    vectors++;
  }

  /** Attends to tokens {@code from} to {@code to} - 1 with every vector. */
  void tokens(int from, int to) {
    int token = from;
    while (token < to) {
      scattered |= pending > 0;
      int next = Math.min(to, token + SPAN - pending);
      cache.rowOffsets(table, kvHead, token, next, at, pending);
      pending += next - token;
      token = next;
      if (pending == SPAN) {
        span();
      }
    }
  }

  private void span() {
    int count = pending;
    pending = 0;
    touch(cache.key, count);
    rows.multiply(cache.key, at, count, width, query, 0, width, vectors, scores, 0, SPAN);
    for (int i = 0; i < vectors; i++) {
      float highest = ops.max(scores, i * SPAN, count);
      if (highest > max[i]) {
        // exp(-inf) is 0: the first span starts from nothing.
        float rescale = (float) Math.exp(max[i] - highest);
        ops.scale(output, i * width, width, rescale);
        sum[i] *= rescale;
        max[i] = highest;
      }
      sum[i] += ops.exponentials(scores, i * SPAN, count, max[i]);
    }
    touch(cache.value, count);
    rows.accumulate(cache.value, at, count, width, scores, 0, SPAN, 1, vectors, output, 0, width);
    scattered = false;
  }

  private void touch(MemorySegment kept, int count) {
    if (scattered) {
      touched += rows.touch(kept, at, count, width);
    }
  }

  /** Ends the pass: {@link #result} and {@link #partial} may be asked for. */
  void end() {
    if (pending > 0) {
      span();
    }
  }

  /** Writes vector {@code i}'s normalised output. */
  void result(int i, float[] to, int offset) {
    float inverse = 1 / sum[i];
    for (int j = 0; j < width; j++) {
      to[offset + j] = output[i * width + j] * inverse;
    }
  }

  /** Writes vector {@code i}'s state for {@link #combine}: output {@code [d]}, maximum, sum. */
  void partial(int i, float[] to, int offset) {
    System.arraycopy(output, i * width, to, offset, width);
    to[offset + width] = max[i];
    to[offset + width + 1] = sum[i];
  }

  /**
   * Combines the partial results of {@code splits} passes.
   *
   * @param partial {@code [split][d + 2]} from {@code offset}, {@code stride} apart
   */
  static void combine(
      float[] partial, int offset, int stride, int splits, int width, float[] to, int toOffset) {
    float max = Float.NEGATIVE_INFINITY;
    for (int s = 0; s < splits; s++) {
      max = Math.max(max, partial[offset + s * stride + width]);
    }
    float sum = 0;
    Arrays.fill(to, toOffset, toOffset + width, 0);
    for (int s = 0; s < splits; s++) {
      int part = offset + s * stride;
      float weight = (float) Math.exp(partial[part + width] - max);
      sum += weight * partial[part + width + 1];
      for (int j = 0; j < width; j++) {
        to[toOffset + j] += weight * partial[part + j];
      }
    }
    for (int j = 0; j < width; j++) {
      to[toOffset + j] /= sum;
    }
  }
}
