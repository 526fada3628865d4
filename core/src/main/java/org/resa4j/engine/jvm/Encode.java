package org.resa4j.engine.jvm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.resa4j.attention.AttentionShape;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.KvType;
import org.resa4j.model.DType;

/**
 * Causal attention of a tile of query vectors over one KV head: prefill, and the work of
 * rectification. A tile is {@link #begin}, any number of {@link #tokens}, {@link #end}.
 *
 * <p>Decoding has few vectors and is bound by reading K and V; a tile has many and is bound by
 * arithmetic. So lanes run over query vectors here, K is broadcast, and nothing is ever summed
 * across lanes.
 *
 * @see <a href="https://arxiv.org/abs/2506.04108">section 2.3, dense rectification</a>
 */
final class Encode {
  /**
   * Query vectors of a tile, about: K and V are read once for all of them, and all stays in the L2.
   */
  private static final int TILE_VECTORS = 112;

  /** Columns come in twos of the longest vectors: what is left over would be a chain of its own. */
  private static final int COLUMNS_STEP = 32;

  private final VectorOps ops;
  private final RowOps cached;
  private final RowOps queries;
  private final AttentionShape shape;

  /** Queries turned around, {@code [d][column]}, scaled by 1 / sqrt(d). */
  private final MemorySegment query;

  /** Where the span's keys and values are in the cache, and which tokens'. */
  private final long[] rows = new long[Attend.SPAN];

  private final int[] tokens = new int[Attend.SPAN];

  private final float[] keys;

  /** Values that lie in several places, brought together. */
  private final MemorySegment values;

  private final DType format;
  private final float[] scores;
  private final float[] output;
  private final float[] max;
  private final float[] sum;
  private final float[] rescale;

  // The tile at hand.
  private LayerCache cache;
  private BlockTable table;
  private int kvHead;
  private int position;
  private int row;
  private int vectors;

  /** A vector each, and some that are there to fill the last step. */
  private int columns;

  private int pending;

  /** Whether what is pending is of several stretches. */
  private boolean scattered;

  Encode(VectorOps ops, AttentionShape shape, KvType type) {
    this.ops = ops;
    this.shape = shape;
    cached = ops.rows(type.format());
    queries = ops.rows(DType.F32);
    int width = shape.headDim();
    int most = columns(tileTokens(shape) * shape.group());
    query = Arena.ofAuto().allocate((long) width * most * Float.BYTES, 64);
    format = type.format();
    values = Arena.ofAuto().allocate(Attend.SPAN * format.bytes(width), 64);
    keys = new float[Attend.SPAN * width];
    scores = new float[Attend.SPAN * most];
    output = new float[most * width];
    max = new float[most];
    sum = new float[most];
    rescale = new float[most];
  }

  private static int columns(int vectors) {
    return Math.ceilDiv(vectors, COLUMNS_STEP) * COLUMNS_STEP;
  }

  /** Tokens whose queries make a tile. */
  static int tileTokens(AttentionShape shape) {
    return Math.max(1, TILE_VECTORS / shape.group());
  }

  /**
   * Starts a tile; what it attends to is said by {@link #tokens}, ascending.
   *
   * @param position of its first token, which sees the first token of all
   * @param row of its first token in queries and outputs
   * @param count its tokens
   * @param from queries, {@code [row][Hq][d]} after RoPE
   */
  void begin(
      LayerCache cache,
      BlockTable table,
      int kvHead,
      int position,
      int row,
      int count,
      float[] from) {
    this.cache = cache;
    this.table = table;
    this.kvHead = kvHead;
    this.position = position;
    this.row = row;
    vectors = count * shape.group();
    // As wide as its vectors: the one token of a cached prompt is not to cost a tile of them.
    columns = columns(vectors);
    pending = 0;
    scattered = false;
    takeQueries(from);
    Arrays.fill(output, 0, vectors * shape.headDim(), 0);
    Arrays.fill(max, 0, columns, Float.NEGATIVE_INFINITY);
    Arrays.fill(sum, 0, columns, 0);
  }

  /** Attends to tokens {@code from} to {@code to} - 1, each query to those not after its own. */
  void tokens(int from, int to) {
    int token = from;
    while (token < to) {
      scattered |= pending > 0;
      int next = Math.min(to, token + Attend.SPAN - pending);
      cache.rowOffsets(table, kvHead, token, next, rows, pending);
      while (token < next) {
        tokens[pending++] = token++;
      }
      if (pending == Attend.SPAN) {
        span();
      }
    }
  }

  private void span() {
    int count = pending;
    int width = shape.headDim();
    pending = 0;
    cached.widen(cache.key, rows, count, width, keys);
    Arrays.fill(scores, 0, count * columns, 0);
    queries.accumulate(query, 0, width, columns, keys, 0, width, 1, count, scores, 0, columns);
    mask(count);
    ops.softmaxColumns(scores, count, columns, max, sum, rescale);
    for (int i = 0; i < vectors; i++) {
      if (rescale[i] != 1) {
        ops.scale(output, i * width, width, rescale[i]);
      }
    }
    if (scattered) {
      gatherValues(count);
      cached.accumulate(values, 0, count, width, scores, 0, 1, columns, vectors, output, 0, width);
    } else {
      cached.accumulate(
          cache.value, rows, count, width, scores, 0, 1, columns, vectors, output, 0, width);
    }
    scattered = false;
  }

  /**
   * Sums of many rows are made in registers: of short stretches, most time would go to their ends.
   */
  private void gatherValues(int count) {
    long bytes = format.bytes(shape.headDim());
    int row = 0;
    while (row < count) {
      int first = row++;
      while (row < count && rows[row] == rows[row - 1] + bytes) {
        row++;
      }
      MemorySegment.copy(cache.value, rows[first], values, first * bytes, (row - first) * bytes);
    }
  }

  /**
   * Ends the tile.
   *
   * @param to outputs, {@code [row][Hq][d]}, written
   */
  void end(float[] to) {
    if (pending > 0) {
      span();
    }
    int width = shape.headDim();
    for (int i = 0; i < vectors; i++) {
      ops.scale(output, i * width, width, 1 / sum[i]);
      System.arraycopy(output, i * width, to, offset(i), width);
    }
  }

  private int offset(int vector) {
    int token = row + vector / shape.group();
    int head = kvHead * shape.group() + vector % shape.group();
    return (token * shape.heads() + head) * shape.headDim();
  }

  private void takeQueries(float[] from) {
    float scale = (float) (1 / Math.sqrt(shape.headDim()));
    for (int i = 0; i < columns; i++) {
      int at = i < vectors ? offset(i) : 0;
      for (int j = 0; j < shape.headDim(); j++) {
        float q = i < vectors ? from[at + j] * scale : 0;
        query.setAtIndex(ValueLayout.JAVA_FLOAT, (long) j * columns + i, q);
      }
    }
  }

  /** Hides what comes after a vector's own token. */
  private void mask(int count) {
    for (int t = count - 1; t >= 0 && tokens[t] > position; t--) {
      int hidden = Math.min(vectors, (tokens[t] - position) * shape.group());
      Arrays.fill(scores, t * columns, t * columns + hidden, Float.NEGATIVE_INFINITY);
    }
  }
}
