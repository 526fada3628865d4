package org.resa4j.tornado.group;

import org.resa4j.attention.AttentionShape;
import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionBuffers.Chunk;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.CachedRows;
import org.resa4j.tornado.attention.Paging;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Causal attention of a chunk's tokens without tensor cores, in splits that {@link GroupCombine}
 * brings together.
 *
 * <p>The queries of a KV head's group are the rows of one matrix, {@code token · G + g}; a
 * work-group has a tile of up to {@link #ROWS} of them, of one sequence, and takes {@link #TOKENS}
 * tokens at a time: S = Q K^T, the softmax's weights P with a running maximum, O = O · shrink + P
 * V. Q and K are in local memory {@link #DEPTH} dimensions at a time, P and V {@link #PART} tokens.
 *
 * <p>16 items side by side share {@link #OWN} rows. Each has {@link #SHARE} scores of a row, 16
 * tokens apart, and of its values four dimensions of each {@link #BLOCK}. Private arrays have
 * constant indices and so are registers; what an item reads of local memory lies in fours, which
 * NVIDIA's compiler reads at once where it sees that they are aligned.
 */
final class GroupEncode {
  private static final int ITEMS = 128;

  /** Query vectors of a tile. */
  static final int ROWS = 64;

  private static final int TOKENS = 64;

  /** Dimensions of Q and K that are in local memory. */
  private static final int DEPTH = 32;

  /** Tokens of P and V that are in local memory. */
  private static final int PART = 32;

  /** Items that share rows. */
  private static final int SIDE = 16;

  /** Rows of an item. */
  private static final int OWN = ROWS * SIDE / ITEMS;

  /** Tokens of an item. */
  private static final int SHARE = TOKENS / SIDE;

  /** Dimensions that the sharing items have four each of. */
  private static final int BLOCK = 4 * SIDE;

  private static final int BLOCKS = GroupAttend.MAX_HEAD_DIM / BLOCK;

  /** Of an item's values of one row. */
  private static final int VALUES = 4 * BLOCKS;

  /**
   * Of the rows of Q, or of P, that items share; four more keep the banks of the next ones apart.
   */
  private static final int ROWS_STRIDE = OWN * DEPTH + 4;

  /** Of a token of K. */
  private static final int KEY_STRIDE = DEPTH + 4;

  private static final int QUERY_VALUES = ROWS / OWN * ROWS_STRIDE;
  private static final int KEY_VALUES = TOKENS * KEY_STRIDE;

  /** Of what the items that share rows tell each other of these. */
  private static final int TOLD_STRIDE = OWN * SIDE + 4;

  private static final int TOLD = ROWS / OWN * TOLD_STRIDE;

  /** Rows or tokens of which all items together load {@link #DEPTH} dimensions at once. */
  private static final int LINES = ITEMS / DEPTH;

  /** Values of Q, and of K, that an item loads. */
  private static final int LOADS = ROWS / LINES;

  /** A score below every maximum by so much that its weight is 0. */
  private static final float UNSEEN = 2 * GroupAttend.NO_SCORE;

  private GroupEncode() {}

  static void launch(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    AttentionShape shape = layout.shape();
    AttentionBuffers.Workspace work = buffers.work();
    CachedRows key = buffers.cache().key();
    CachedRows value = buffers.cache().value();
    int tiles = layout.encodeTiles();
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.ENCODE_ATTEND),
            GroupEncode::encode,
            graph.context(),
            work.chunk(),
            work.tables(),
            work.query(),
            key.floats(),
            key.halfs(),
            key.numbers(),
            value.floats(),
            value.halfs(),
            value.numbers(),
            work.partial(),
            work.partialSums(),
            key.format(),
            tiles,
            layout.encodeSplits(),
            shape.kvHeads(),
            shape.group(),
            shape.headDim(),
            layout.pageTokens(),
            layout.cacheTokens()),
        Grids.groups(shape.kvHeads() * layout.encodeSplits() * tiles, ITEMS));
  }

  /** Of each row and split the weighted values and their sum of weights. */
  static void encode(
      KernelContext context,
      IntArray chunk,
      IntArray tables,
      FloatArray query,
      FloatArray keyFloats,
      HalfFloatArray keyHalfs,
      IntArray keyNumbers,
      FloatArray valueFloats,
      HalfFloatArray valueHalfs,
      IntArray valueNumbers,
      FloatArray partial,
      FloatArray partialSums,
      int format,
      int tiles,
      int splits,
      int kvHeads,
      int group,
      int headDim,
      int pageTokens,
      int cacheTokens) {
    // Q, then K [token][dimension]; or V [token][dimension].
    float[] tile = context.allocateFloatLocalArray(QUERY_VALUES + KEY_VALUES);
    // P; or each item's maximum, or sum, of its rows.
    float[] weights = context.allocateFloatLocalArray(QUERY_VALUES);
    int[] queries = context.allocateIntLocalArray(ROWS);
    int[] cached = context.allocateIntLocalArray(TOKENS);

    int headSplit = context.groupIdx / tiles;
    int head = headSplit / splits;
    int split = headSplit - head * splits;
    int ofTile = context.groupIdx - headSplit * tiles;
    if (ofTile < chunk.get(Chunk.TILES)) {
      int tileAt = Chunk.HEADER + ofTile * Chunk.INTS;
      int firstRow = chunk.get(tileAt + Chunk.TILE_FIRST);
      int rows = chunk.get(tileAt + Chunk.TILE_ROWS);
      int firstToken = firstRow / group;
      int tokenAt = Chunk.HEADER + firstToken * Chunk.INTS;
      int table = chunk.get(tokenAt + Chunk.TABLE);
      int position = chunk.get(tokenAt + Chunk.POSITION);
      int end = position + (firstRow + rows - 1) / group - firstToken + 1;
      int steps = (end + TOKENS - 1) / TOKENS;
      int firstStep = steps * split / splits;
      int lastStep = steps * (split + 1) / splits;
      // 1, which TornadoVM does not see: it would write out loops of constant length.
      int one = TornadoMath.min(rows, 1);
      int item = context.localIdx;
      int column = item % SIDE;
      int sharing = item / SIDE;
      int ownRow = sharing * OWN;
      // Whether any of a warp's rows is one; else it only loads.
      boolean busy = item / (2 * SIDE) * (2 * OWN) < rows;

      if (item < ROWS) {
        int row = firstRow + TornadoMath.min(item, rows - 1);
        int token = row / group;
        queries[item] = ((token * kvHeads + head) * group + row - token * group) * headDim;
      }
      float scale = 1 / TornadoMath.sqrt((float) headDim);
      float[] loaded = new float[PART];
      float[] keys = new float[4 * SHARE];
      float[] values = new float[4 * VALUES];
      float[] scores = new float[OWN * SHARE];
      float[] weighted = new float[OWN * VALUES];
      float[] maxima = new float[OWN];
      float[] highest = new float[OWN];
      float[] sums = new float[OWN];
      for (int i = 0; i < OWN; i++) {
        maxima[i] = GroupAttend.NO_SCORE;
        sums[i] = 0;
      }
      for (int i = 0; i < OWN * VALUES; i++) {
        weighted[i] = 0;
      }

      for (int step = firstStep; step < lastStep; step++) {
        int first = step * TOKENS;
        if (item < TOKENS) {
          cached[item] =
              Paging.row(
                      tables,
                      table,
                      TornadoMath.min(first + item, end - 1),
                      pageTokens,
                      head,
                      cacheTokens)
                  * headDim;
        }
        context.localBarrier();

        for (int i = 0; i < OWN * SHARE; i++) {
          scores[i] = 0;
        }
        int line = item / DEPTH;
        int k = item % DEPTH;
        for (int dims = 0; dims < headDim * one; dims += DEPTH) {
          int j = dims + k;
          if (headDim % DEPTH != 0) {
            j = TornadoMath.min(j, headDim - 1);
          }
          for (int u = 0; u < LOADS; u++) {
            loaded[u] = query.get(queries[line + u * LINES] + j);
          }
          for (int u = 0; u < LOADS; u++) {
            loaded[LOADS + u] =
                CachedRows.get(
                    keyFloats, keyHalfs, keyNumbers, format, cached[line + u * LINES] + j);
          }
          if (headDim % DEPTH != 0) {
            if (dims + k >= headDim) {
              for (int u = 0; u < LOADS; u++) {
                loaded[u] = 0;
              }
            }
          }
          for (int u = 0; u < LOADS; u++) {
            int row = u * LINES;
            tile[row / OWN * ROWS_STRIDE + row % OWN * DEPTH + item] = loaded[u] * scale;
            tile[QUERY_VALUES + (line + row) * KEY_STRIDE + k] = loaded[LOADS + u];
          }
          context.localBarrier();
          if (busy) {
            int quad = 0;
            while (quad < DEPTH / 4) {
              int keyAt = QUERY_VALUES + column * KEY_STRIDE + quad * 4;
              for (int t = 0; t < SHARE; t++) {
                for (int dim = 0; dim < 4; dim++) {
                  keys[t * 4 + dim] = tile[keyAt + t * SIDE * KEY_STRIDE + dim];
                }
              }
              for (int i = 0; i < OWN; i++) {
                int at = sharing * ROWS_STRIDE + i * DEPTH + quad * 4;
                addScores(scores, i, tile[at], tile[at + 1], tile[at + 2], tile[at + 3], keys);
              }
              // A limit never reached keeps compilers from stepping addresses, whose alignment
              // they would then not see.
              quad = TornadoMath.min(quad + 1, DEPTH * rows);
            }
          }
          context.localBarrier();
        }

        // Before the tile's own tokens, all see all.
        if (first + TOKENS > position) {
          for (int i = 0; i < OWN; i++) {
            int last = position + (firstRow + ownRow + i) / group - firstToken;
            for (int t = 0; t < SHARE; t++) {
              if (first + t * SIDE + column > last) {
                scores[i * SHARE + t] = UNSEEN;
              }
            }
          }
        }
        int told = sharing * TOLD_STRIDE;
        for (int i = 0; i < OWN; i++) {
          float most = scores[i * SHARE];
          for (int t = 1; t < SHARE; t++) {
            most = TornadoMath.max(most, scores[i * SHARE + t]);
          }
          weights[told + i * SIDE + column] = most;
        }
        context.localBarrier();
        for (int i = 0; i < OWN; i++) {
          float most = maxima[i];
          for (int from = 0; from < SIDE; from++) {
            most = TornadoMath.max(most, weights[told + i * SIDE + from]);
          }
          highest[i] = most;
        }
        weigh(0, highest, maxima, sums, scores, weighted);
        weigh(1, highest, maxima, sums, scores, weighted);
        weigh(2, highest, maxima, sums, scores, weighted);
        weigh(3, highest, maxima, sums, scores, weighted);
        weigh(4, highest, maxima, sums, scores, weighted);
        weigh(5, highest, maxima, sums, scores, weighted);
        weigh(6, highest, maxima, sums, scores, weighted);
        weigh(7, highest, maxima, sums, scores, weighted);

        int dim = TornadoMath.min(item, headDim - 1);
        for (int part = 0; part < TOKENS / PART * one; part++) {
          for (int t = 0; t < PART; t++) {
            loaded[t] =
                CachedRows.get(
                    valueFloats, valueHalfs, valueNumbers, format, cached[part * PART + t] + dim);
          }
          context.localBarrier();
          for (int t = 0; t < PART; t++) {
            tile[t * GroupAttend.MAX_HEAD_DIM + item] = loaded[t];
          }
          for (int i = 0; i < OWN; i++) {
            for (int t = 0; t < PART / SIDE; t++) {
              // No index of a private array but constant ones.
              float weight = scores[i * SHARE + t];
              if (part > 0) {
                weight = scores[i * SHARE + PART / SIDE + t];
              }
              weights[sharing * ROWS_STRIDE + i * PART + t * SIDE + column] = weight;
            }
          }
          context.localBarrier();
          if (busy) {
            int quad = 0;
            while (quad < PART / 4) {
              int v = quad * 4 * GroupAttend.MAX_HEAD_DIM + column * 4;
              for (int t = 0; t < 4; t++) {
                for (int i = 0; i < VALUES; i++) {
                  if (i / 4 * BLOCK < headDim) {
                    values[t * VALUES + i] =
                        tile[v + t * GroupAttend.MAX_HEAD_DIM + i / 4 * BLOCK + i % 4];
                  }
                }
              }
              int p = sharing * ROWS_STRIDE + quad * 4;
              addValues(
                  weighted,
                  0,
                  weights[p],
                  weights[p + 1],
                  weights[p + 2],
                  weights[p + 3],
                  values,
                  headDim);
              addValues(
                  weighted,
                  1,
                  weights[p + PART],
                  weights[p + PART + 1],
                  weights[p + PART + 2],
                  weights[p + PART + 3],
                  values,
                  headDim);
              addValues(
                  weighted,
                  2,
                  weights[p + 2 * PART],
                  weights[p + 2 * PART + 1],
                  weights[p + 2 * PART + 2],
                  weights[p + 2 * PART + 3],
                  values,
                  headDim);
              addValues(
                  weighted,
                  3,
                  weights[p + 3 * PART],
                  weights[p + 3 * PART + 1],
                  weights[p + 3 * PART + 2],
                  weights[p + 3 * PART + 3],
                  values,
                  headDim);
              addValues(
                  weighted,
                  4,
                  weights[p + 4 * PART],
                  weights[p + 4 * PART + 1],
                  weights[p + 4 * PART + 2],
                  weights[p + 4 * PART + 3],
                  values,
                  headDim);
              addValues(
                  weighted,
                  5,
                  weights[p + 5 * PART],
                  weights[p + 5 * PART + 1],
                  weights[p + 5 * PART + 2],
                  weights[p + 5 * PART + 3],
                  values,
                  headDim);
              addValues(
                  weighted,
                  6,
                  weights[p + 6 * PART],
                  weights[p + 6 * PART + 1],
                  weights[p + 6 * PART + 2],
                  weights[p + 6 * PART + 3],
                  values,
                  headDim);
              addValues(
                  weighted,
                  7,
                  weights[p + 7 * PART],
                  weights[p + 7 * PART + 1],
                  weights[p + 7 * PART + 2],
                  weights[p + 7 * PART + 3],
                  values,
                  headDim);
              quad = TornadoMath.min(quad + 1, PART * rows);
            }
          }
        }
        context.localBarrier();
      }

      for (int i = 0; i < OWN; i++) {
        weights[sharing * TOLD_STRIDE + i * SIDE + column] = sums[i];
        weights[TOLD + ownRow + i] = maxima[i];
      }
      context.localBarrier();
      if (item < TornadoMath.min(rows, ROWS)) {
        float sum = 0;
        for (int from = 0; from < SIDE; from++) {
          sum += weights[item / OWN * TOLD_STRIDE + item % OWN * SIDE + from];
        }
        int to = (queries[item] / headDim * splits + split) * 2;
        partialSums.set(to, weights[TOLD + item]);
        partialSums.set(to + 1, sum);
      }
      // By way of local memory, half of the rows at a time: PoCL 3.1 writes past a row's end where
      // an item asks for each of its values whether there is such a dimension.
      for (int half = 0; half < 2 * one; half++) {
        if (sharing / (ROWS / OWN / 2) == half) {
          int to = sharing % (ROWS / OWN / 2) * OWN * GroupAttend.MAX_HEAD_DIM + column * 4;
          for (int i = 0; i < OWN; i++) {
            for (int v = 0; v < VALUES; v++) {
              tile[to + i * GroupAttend.MAX_HEAD_DIM + v / 4 * BLOCK + v % 4] =
                  weighted[i * VALUES + v];
            }
          }
        }
        context.localBarrier();
        int last = TornadoMath.min(rows - half * (ROWS / 2), ROWS / 2) * headDim;
        for (int i = item; i < last; i += ITEMS) {
          int row = i / headDim;
          int j = i - row * headDim;
          int to = (queries[half * (ROWS / 2) + row] / headDim * splits + split) * headDim + j;
          partial.set(to, tile[row * GroupAttend.MAX_HEAD_DIM + j]);
        }
        context.localBarrier();
      }
    }
  }

  /** Adds four dimensions' products to an item's scores of a row. */
  private static void addScores(
      float[] scores, int row, float q0, float q1, float q2, float q3, float[] keys) {
    for (int t = 0; t < SHARE; t++) {
      float score = scores[row * SHARE + t];
      score += q0 * keys[t * 4];
      score += q1 * keys[t * 4 + 1];
      score += q2 * keys[t * 4 + 2];
      score += q3 * keys[t * 4 + 3];
      scores[row * SHARE + t] = score;
    }
  }

  /** Turns an item's scores of a row to weights, under a new maximum. */
  private static void weigh(
      int row, float[] highest, float[] maxima, float[] sums, float[] scores, float[] weighted) {
    float most = highest[row];
    float shrink = TornadoMath.exp(maxima[row] - most);
    float sum = sums[row] * shrink;
    for (int t = 0; t < SHARE; t++) {
      float score = scores[row * SHARE + t];
      float weight = TornadoMath.exp(score - most);
      scores[row * SHARE + t] = weight;
      sum += weight;
    }
    for (int v = 0; v < VALUES; v++) {
      weighted[row * VALUES + v] = weighted[row * VALUES + v] * shrink;
    }
    maxima[row] = most;
    sums[row] = sum;
  }

  /** Adds four tokens' values times their weights to an item's sums of a row. */
  private static void addValues(
      float[] weighted,
      int row,
      float p0,
      float p1,
      float p2,
      float p3,
      float[] values,
      int headDim) {
    for (int i = 0; i < VALUES; i++) {
      if (i / 4 * BLOCK < headDim) {
        float sum = weighted[row * VALUES + i];
        sum += p0 * values[i];
        sum += p1 * values[VALUES + i];
        sum += p2 * values[2 * VALUES + i];
        sum += p3 * values[3 * VALUES + i];
        weighted[row * VALUES + i] = sum;
      }
    }
  }
}
