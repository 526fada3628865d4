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
 * Dense, causal attention of a tile of query vectors over one KV head: prefill, and the work of
 * rectification.
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

  /** Where the span's keys and values are in the cache. */
  private final long[] rows = new long[Attend.SPAN];

  private final float[] keys;
  private final float[] scores;
  private final float[] output;
  private final float[] max;
  private final float[] sum;
  private final float[] rescale;

  /** Of the tile at hand: a vector each, and some that are there to fill the last step. */
  private int columns;

  Encode(VectorOps ops, AttentionShape shape, KvType type) {
    this.ops = ops;
    this.shape = shape;
    cached = ops.rows(type.format());
    queries = ops.rows(DType.F32);
    int width = shape.headDim();
    int most = columns(tileTokens(shape) * shape.group());
    query = Arena.ofAuto().allocate((long) width * most * Float.BYTES, 64);
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
   * Attends with tokens {@code first} to {@code last} - 1 of an encode that begins at {@code
   * position}.
   *
   * @param row of the encode's first token in queries and outputs
   * @param from queries, {@code [row][Hq][d]} after RoPE
   * @param to outputs, {@code [row][Hq][d]}, written
   */
  void tile(
      LayerCache cache,
      BlockTable table,
      int kvHead,
      int position,
      int row,
      int first,
      int last,
      float[] from,
      float[] to) {
    int width = shape.headDim();
    int vectors = (last - first) * shape.group();
    // As wide as its vectors: the one token of a cached prompt is not to cost a tile of them.
    columns = columns(vectors);
    takeQueries(from, kvHead, row + first, vectors);
    Arrays.fill(output, 0, vectors * width, 0);
    Arrays.fill(max, 0, columns, Float.NEGATIVE_INFINITY);
    Arrays.fill(sum, 0, columns, 0);
    int visible = position + last;
    for (int token = 0; token < visible; token += Attend.SPAN) {
      int count = Math.min(Attend.SPAN, visible - token);
      cache.rowOffsets(table, kvHead, token, token + count, rows, 0);
      cached.widen(cache.key, rows, count, width, keys);
      Arrays.fill(scores, 0, count * columns, 0);
      queries.accumulate(query, 0, width, columns, keys, 0, width, 1, count, scores, 0, columns);
      mask(token, count, position + first, vectors);
      ops.softmaxColumns(scores, count, columns, max, sum, rescale);
      for (int i = 0; i < vectors; i++) {
        if (rescale[i] != 1) {
          ops.scale(output, i * width, width, rescale[i]);
        }
      }
      cached.accumulate(
          cache.value, rows, count, width, scores, 0, 1, columns, vectors, output, 0, width);
    }
    for (int i = 0; i < vectors; i++) {
      ops.scale(output, i * width, width, 1 / sum[i]);
      System.arraycopy(output, i * width, to, offset(kvHead, row + first, i), width);
    }
  }

  private int offset(int kvHead, int first, int vector) {
    int token = first + vector / shape.group();
    int head = kvHead * shape.group() + vector % shape.group();
    return (token * shape.heads() + head) * shape.headDim();
  }

  private void takeQueries(float[] from, int kvHead, int first, int vectors) {
    float scale = (float) (1 / Math.sqrt(shape.headDim()));
    for (int i = 0; i < columns; i++) {
      int at = i < vectors ? offset(kvHead, first, i) : 0;
      for (int j = 0; j < shape.headDim(); j++) {
        float q = i < vectors ? from[at + j] * scale : 0;
        query.setAtIndex(ValueLayout.JAVA_FLOAT, (long) j * columns + i, q);
      }
    }
  }

  /**
   * Hides what comes after a vector's own token; the first token of all is seen by every vector.
   */
  private void mask(int token, int count, int firstPosition, int vectors) {
    for (int t = Math.max(0, firstPosition + 1 - token); t < count; t++) {
      int hidden = Math.min(vectors, (token + t - firstPosition) * shape.group());
      Arrays.fill(scores, t * columns, t * columns + hidden, Float.NEGATIVE_INFINITY);
    }
  }
}
