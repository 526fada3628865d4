package org.resa4j.tornado.group;

import org.resa4j.tornado.AttentionBuffers.Chunk;
import org.resa4j.tornado.AttentionBuffers.Rows;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Attend: softmax(q k / sqrt(d)) v over the kept blocks, or over all tokens, in splits that {@link
 * GroupCombine} brings together.
 *
 * <p>One work-group for each row, KV head and split; it takes {@link #TOKENS} tokens at a time for
 * all query heads of the group. First {@link #SLICES} lanes share each token's key, then each item
 * has a dimension of the values.
 */
final class GroupAttend {
  /** Work-items of a work-group. */
  static final int ITEMS = 128;

  static final int MAX_GROUP = 8;
  static final int MAX_HEAD_DIM = 128;

  /** The rows' selected blocks. */
  static final int SELECTED = 0;

  /** All of the rows' tokens. */
  static final int DENSE = 1;

  /** All tokens up to its own for each token of a chunk, which then stands in the rows' place. */
  static final int CAUSAL = 2;

  /**
   * Stands for a maximum over no score: finite, since the device may compute without infinities.
   */
  static final float NO_SCORE = -1e30f;

  private static final int TOKENS = 32;
  private static final int SLICES = 16;
  private static final int LANES = ITEMS / SLICES;
  private static final int LANE_TOKENS = TOKENS / LANES;
  private static final int MAX_SLICE_DIMS = MAX_HEAD_DIM / SLICES;

  /** (query head, token) pairs of an item: item and item + ITEMS. */
  private static final int PAIRS = MAX_GROUP * TOKENS / ITEMS;

  private GroupAttend() {}

  /** KV cache in fp32. */
  static void attendFloat(
      KernelContext context,
      IntArray rows,
      FloatArray query,
      FloatArray key,
      FloatArray value,
      IntArray selected,
      FloatArray partial,
      FloatArray partialSums,
      int mode,
      int splits,
      int kvHeads,
      int group,
      int headDim,
      int blockSize,
      int blockCapacity) {
    float[] queries = context.allocateFloatLocalArray(MAX_GROUP * MAX_HEAD_DIM);
    float[] sums = context.allocateFloatLocalArray(MAX_GROUP * TOKENS * (SLICES + 1));
    float[] scores = context.allocateFloatLocalArray(MAX_GROUP * TOKENS);
    float[] weights = context.allocateFloatLocalArray(MAX_GROUP * TOKENS);
    float[] shrinks = context.allocateFloatLocalArray(MAX_GROUP);
    int[] positions = context.allocateIntLocalArray(TOKENS);
    int item = context.localIdx;
    int rowHead = context.groupIdx / splits;
    int split = context.groupIdx - rowHead * splits;
    int row = rowHead / kvHeads;
    if (row < rowCount(rows, mode)) {
      int tokens = tokens(rows, row, mode);
      int blocks = blocks(rows, row, mode, tokens, blockSize);
      int slot = sequence(rows, row, mode) * kvHeads + rowHead - row * kvHeads;
      int base = slot * blockCapacity * blockSize * headDim;
      int first = blocks * split / splits * blockSize;
      int last = blocks * (split + 1) / splits * blockSize;
      loadQueries(context, queries, query, rowHead * group * headDim, group, headDim);

      int slice = item % SLICES;
      int lane = item / SLICES;
      int dim = TornadoMath.min(item, headDim - 1);
      float[] keys = new float[LANE_TOKENS * MAX_SLICE_DIMS];
      float[] values = new float[TOKENS];
      float[] dots = new float[LANE_TOKENS * MAX_GROUP];
      float[] weighted = new float[MAX_GROUP];
      float[] maximum = new float[PAIRS];
      float[] sum = new float[PAIRS];
      for (int g = 0; g < group; g++) {
        weighted[g] = 0;
      }
      for (int w = 0; w < PAIRS; w++) {
        maximum[w] = NO_SCORE;
        sum[w] = 0;
      }

      for (int n = first; n < last; n += TOKENS) {
        context.localBarrier();
        if (item < TOKENS) {
          positions[item] =
              position(selected, rowHead * blockCapacity, n + item, last, tokens, mode, blockSize);
        }
        context.localBarrier();
        for (int u = 0; u < LANE_TOKENS; u++) {
          int from = base + TornadoMath.max(positions[lane + u * LANES], 0) * headDim;
          for (int i = 0; i < MAX_SLICE_DIMS; i++) {
            int j = slice + i * SLICES;
            keys[u * MAX_SLICE_DIMS + i] = j < headDim ? key.get(from + j) : 0;
          }
        }
        // Under way while the scores are computed.
        for (int t = 0; t < TOKENS; t++) {
          values[t] = value.get(base + TornadoMath.max(positions[t], 0) * headDim + dim);
        }
        score(context, queries, keys, dots, sums, group, headDim);
        weigh(context, sums, positions, scores, weights, shrinks, maximum, sum, group, headDim);
        for (int g = 0; g < group; g++) {
          float added = 0;
          for (int t = 0; t < TOKENS; t++) {
            added += weights[g * TOKENS + t] * values[t];
          }
          weighted[g] = weighted[g] * shrinks[g] + added;
        }
      }
      write(
          context,
          weighted,
          maximum,
          sum,
          scores,
          partial,
          partialSums,
          rowHead * group,
          split,
          splits,
          group,
          headDim);
    }
  }

  /** KV cache in fp16. */
  static void attendHalf(
      KernelContext context,
      IntArray rows,
      FloatArray query,
      HalfFloatArray key,
      HalfFloatArray value,
      IntArray selected,
      FloatArray partial,
      FloatArray partialSums,
      int mode,
      int splits,
      int kvHeads,
      int group,
      int headDim,
      int blockSize,
      int blockCapacity) {
    float[] queries = context.allocateFloatLocalArray(MAX_GROUP * MAX_HEAD_DIM);
    float[] sums = context.allocateFloatLocalArray(MAX_GROUP * TOKENS * (SLICES + 1));
    float[] scores = context.allocateFloatLocalArray(MAX_GROUP * TOKENS);
    float[] weights = context.allocateFloatLocalArray(MAX_GROUP * TOKENS);
    float[] shrinks = context.allocateFloatLocalArray(MAX_GROUP);
    int[] positions = context.allocateIntLocalArray(TOKENS);
    int item = context.localIdx;
    int rowHead = context.groupIdx / splits;
    int split = context.groupIdx - rowHead * splits;
    int row = rowHead / kvHeads;
    if (row < rowCount(rows, mode)) {
      int tokens = tokens(rows, row, mode);
      int blocks = blocks(rows, row, mode, tokens, blockSize);
      int slot = sequence(rows, row, mode) * kvHeads + rowHead - row * kvHeads;
      int base = slot * blockCapacity * blockSize * headDim;
      int first = blocks * split / splits * blockSize;
      int last = blocks * (split + 1) / splits * blockSize;
      loadQueries(context, queries, query, rowHead * group * headDim, group, headDim);

      int slice = item % SLICES;
      int lane = item / SLICES;
      int dim = TornadoMath.min(item, headDim - 1);
      float[] keys = new float[LANE_TOKENS * MAX_SLICE_DIMS];
      float[] values = new float[TOKENS];
      float[] dots = new float[LANE_TOKENS * MAX_GROUP];
      float[] weighted = new float[MAX_GROUP];
      float[] maximum = new float[PAIRS];
      float[] sum = new float[PAIRS];
      for (int g = 0; g < group; g++) {
        weighted[g] = 0;
      }
      for (int w = 0; w < PAIRS; w++) {
        maximum[w] = NO_SCORE;
        sum[w] = 0;
      }

      for (int n = first; n < last; n += TOKENS) {
        context.localBarrier();
        if (item < TOKENS) {
          positions[item] =
              position(selected, rowHead * blockCapacity, n + item, last, tokens, mode, blockSize);
        }
        context.localBarrier();
        for (int u = 0; u < LANE_TOKENS; u++) {
          int from = base + TornadoMath.max(positions[lane + u * LANES], 0) * headDim;
          for (int i = 0; i < MAX_SLICE_DIMS; i++) {
            int j = slice + i * SLICES;
            keys[u * MAX_SLICE_DIMS + i] = j < headDim ? key.get(from + j).getFloat32() : 0;
          }
        }
        // Under way while the scores are computed.
        for (int t = 0; t < TOKENS; t++) {
          values[t] =
              value.get(base + TornadoMath.max(positions[t], 0) * headDim + dim).getFloat32();
        }
        score(context, queries, keys, dots, sums, group, headDim);
        weigh(context, sums, positions, scores, weights, shrinks, maximum, sum, group, headDim);
        for (int g = 0; g < group; g++) {
          float added = 0;
          for (int t = 0; t < TOKENS; t++) {
            added += weights[g * TOKENS + t] * values[t];
          }
          weighted[g] = weighted[g] * shrinks[g] + added;
        }
      }
      write(
          context,
          weighted,
          maximum,
          sum,
          scores,
          partial,
          partialSums,
          rowHead * group,
          split,
          splits,
          group,
          headDim);
    }
  }

  private static int rowCount(IntArray rows, int mode) {
    return mode == CAUSAL ? rows.get(Chunk.COUNT) : rows.get(Rows.COUNT);
  }

  private static int sequence(IntArray rows, int row, int mode) {
    return mode == CAUSAL
        ? rows.get(Chunk.SEQUENCE)
        : rows.get(Rows.HEADER + row * Rows.INTS + Rows.SEQUENCE);
  }

  /** n, the tokens that a row sees. */
  private static int tokens(IntArray rows, int row, int mode) {
    return mode == CAUSAL
        ? rows.get(Chunk.POSITION) + row + 1
        : rows.get(Rows.HEADER + row * Rows.INTS + Rows.POSITION) + 1;
  }

  private static int blocks(IntArray rows, int row, int mode, int tokens, int blockSize) {
    return mode == SELECTED
        ? rows.get(Rows.HEADER + row * Rows.INTS + Rows.KEEP_BLOCKS)
        : (tokens + blockSize - 1) / blockSize;
  }

  /** Position in the cache of the n-th token of the row's blocks; -1 past the split or the row. */
  private static int position(
      IntArray selected, int list, int n, int last, int tokens, int mode, int blockSize) {
    int position = -1;
    if (n < last) {
      position = n;
      if (mode == SELECTED) {
        int index = n / blockSize;
        position = selected.get(list + index) * blockSize + n - index * blockSize;
      }
      if (position >= tokens) {
        position = -1;
      }
    }
    return position;
  }

  /** queries [g][d]. */
  private static void loadQueries(
      KernelContext context, float[] queries, FloatArray query, int from, int group, int headDim) {
    for (int i = context.localIdx; i < group * headDim; i += ITEMS) {
      queries[i] = query.get(from + i);
    }
  }

  /** sums [g][token][slice + 1], each item's share of the scores; the stride keeps banks apart. */
  private static void score(
      KernelContext context,
      float[] queries,
      float[] keys,
      float[] dots,
      float[] sums,
      int group,
      int headDim) {
    int slice = context.localIdx % SLICES;
    int lane = context.localIdx / SLICES;
    for (int g = 0; g < group; g++) {
      for (int u = 0; u < LANE_TOKENS; u++) {
        dots[g * LANE_TOKENS + u] = 0;
      }
      for (int i = 0; i < MAX_SLICE_DIMS; i++) {
        int j = slice + i * SLICES;
        if (j < headDim) {
          float q = queries[g * headDim + j];
          for (int u = 0; u < LANE_TOKENS; u++) {
            dots[g * LANE_TOKENS + u] =
                dots[g * LANE_TOKENS + u] + q * keys[u * MAX_SLICE_DIMS + i];
          }
        }
      }
      for (int u = 0; u < LANE_TOKENS; u++) {
        sums[(g * TOKENS + lane + u * LANES) * (SLICES + 1) + slice] = dots[g * LANE_TOKENS + u];
      }
    }
    context.localBarrier();
  }

  /**
   * weights [g][token] = exp(score - maximum), and shrinks [g], by which what was summed under the
   * former maximum goes down.
   */
  private static void weigh(
      KernelContext context,
      float[] sums,
      int[] positions,
      float[] scores,
      float[] weights,
      float[] shrinks,
      float[] maximum,
      float[] sum,
      int group,
      int headDim) {
    float scale = 1 / TornadoMath.sqrt((float) headDim);
    for (int w = 0; w < PAIRS; w++) {
      int pair = context.localIdx + w * ITEMS;
      if (pair < group * TOKENS) {
        float score = 0;
        for (int slice = 0; slice < SLICES; slice++) {
          score += sums[pair * (SLICES + 1) + slice];
        }
        scores[pair] = positions[pair % TOKENS] < 0 ? NO_SCORE : score * scale;
      }
    }
    context.localBarrier();
    for (int w = 0; w < PAIRS; w++) {
      int pair = context.localIdx + w * ITEMS;
      if (pair < group * TOKENS) {
        int g = pair / TOKENS;
        float most = maximum[w];
        for (int t = 0; t < TOKENS; t++) {
          most = TornadoMath.max(most, scores[g * TOKENS + t]);
        }
        float shrink = TornadoMath.exp(maximum[w] - most);
        float weight = positions[pair % TOKENS] < 0 ? 0 : TornadoMath.exp(scores[pair] - most);
        weights[pair] = weight;
        shrinks[g] = shrink;
        maximum[w] = most;
        sum[w] = sum[w] * shrink + weight;
      }
    }
    context.localBarrier();
  }

  /** partial [head][split][d] and partialSums [head][split][2], heads from {@code head} on. */
  private static void write(
      KernelContext context,
      float[] weighted,
      float[] maximum,
      float[] sum,
      float[] scores,
      FloatArray partial,
      FloatArray partialSums,
      int head,
      int split,
      int splits,
      int group,
      int headDim) {
    int item = context.localIdx;
    context.localBarrier();
    for (int w = 0; w < PAIRS; w++) {
      int pair = item + w * ITEMS;
      if (pair < group * TOKENS) {
        scores[pair] = sum[w];
        if (pair % TOKENS == 0) {
          int to = (head + pair / TOKENS) * splits + split;
          partialSums.set(to * 2, maximum[w]);
        }
      }
    }
    context.localBarrier();
    if (item < group) {
      float total = 0;
      for (int t = 0; t < TOKENS; t++) {
        total += scores[item * TOKENS + t];
      }
      partialSums.set(((head + item) * splits + split) * 2 + 1, total);
    }
    if (item < headDim) {
      for (int g = 0; g < group; g++) {
        partial.set(((head + g) * splits + split) * headDim + item, weighted[g]);
      }
    }
  }
}
