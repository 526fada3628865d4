package org.resa4j.tornado.group;

import org.resa4j.attention.AttentionShape;
import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.attention.AttendMode;
import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.CachedRows;
import org.resa4j.tornado.attention.EightBits;
import org.resa4j.tornado.attention.Paging;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Attend: softmax(q k / sqrt(d)) v over the kept blocks, or over all tokens, in splits that {@link
 * GroupCombine} brings together.
 *
 * <p>What a row does not see is not read either, as it may be another sequence's and no number: in
 * its place comes the row's last token, with weight 0.
 *
 * <p>One work-group for each row, KV head and split; it takes {@link #TOKENS} tokens at a time for
 * all query heads of the group. First {@link #SLICES} lanes share each token's key, then each item
 * has a dimension of the values. Of a cache in eight bits a lane reads two ints of a key.
 *
 * <p>Measured on an NVIDIA H200 with 8 sequences of 64K tokens, 28 query and 4 KV heads of 128,
 * fp16: 0.08 ms for a tenth of the blocks on CUDA with the combining, 0.59 ms for all.
 */
public final class GroupAttend {
  /** Work-items of a work-group. */
  private static final int ITEMS = 128;

  public static final int MAX_GROUP = 8;
  public static final int MAX_HEAD_DIM = 128;

  /**
   * Stands for a maximum over no score: finite, since the device may compute without infinities.
   */
  public static final float NO_SCORE = -1e30f;

  private static final int SLICES = 16;
  private static final int LANES = ITEMS / SLICES;

  /** Tokens of an item's keys; named one by one where the scores are computed. */
  private static final int LANE_TOKENS = 4;

  private static final int TOKENS = LANE_TOKENS * LANES;
  private static final int MAX_SLICE_DIMS = MAX_HEAD_DIM / SLICES;

  /** Of the slices of a score: odd, to keep the banks apart. */
  private static final int STRIDE = SLICES + 1;

  private GroupAttend() {}

  static void launch(KernelGraph graph, AttentionBuffers buffers, int mode) {
    AttentionLayout layout = buffers.layout();
    AttentionShape shape = layout.shape();
    AttentionBuffers.Workspace work = buffers.work();
    CachedRows key = buffers.cache().key();
    CachedRows value = buffers.cache().value();
    int splits = AttendMode.splits(layout, mode);
    graph.add(
        TaskPackage.createPackage(
            graph.id(AttendMode.stage(mode)),
            GroupAttend::attend,
            graph.context(),
            AttendMode.header(buffers, mode),
            work.tables(),
            work.query(),
            key.floats(),
            key.halfs(),
            key.numbers(),
            value.floats(),
            value.halfs(),
            value.numbers(),
            work.selected(),
            work.partial(),
            work.partialSums(),
            mode + AttendMode.COUNT * key.format(),
            splits,
            packed(shape),
            layout.blockSize(),
            layout.blockCapacity(),
            layout.pageTokens(),
            layout.cacheTokens()),
        Grids.groups(AttendMode.rows(layout, mode) * shape.kvHeads() * splits, ITEMS));
  }

  private static int packed(AttentionShape shape) {
    return shape.kvHeads() << 16 | shape.group() << 8 | shape.headDim();
  }

  /**
   * Of each row, KV head and split the weighted values and their sum of weights.
   *
   * @param modeAndFormat the mode, plus {@link AttendMode#COUNT} times the format of the cache: a
   *     task has 20 arguments at most
   * @param shape KV heads, group and head dimension, of 16, 8 and 8 bits
   */
  static void attend(
      KernelContext context,
      IntArray rows,
      IntArray tables,
      FloatArray query,
      FloatArray keyFloats,
      HalfFloatArray keyHalfs,
      IntArray keyNumbers,
      FloatArray valueFloats,
      HalfFloatArray valueHalfs,
      IntArray valueNumbers,
      IntArray selected,
      FloatArray partial,
      FloatArray partialSums,
      int modeAndFormat,
      int splits,
      int shape,
      int blockSize,
      int blockCapacity,
      int pageTokens,
      int cacheTokens) {
    int mode = modeAndFormat % AttendMode.COUNT;
    int format = modeAndFormat / AttendMode.COUNT;
    int kvHeads = shape >> 16;
    int group = (shape >> 8) & 255;
    int headDim = shape & 255;
    float[] queries = context.allocateFloatLocalArray(MAX_GROUP * MAX_HEAD_DIM);
    float[] sums = context.allocateFloatLocalArray(MAX_GROUP * TOKENS * STRIDE);
    float[] scores = context.allocateFloatLocalArray(MAX_GROUP * TOKENS);
    float[] weights = context.allocateFloatLocalArray(MAX_GROUP * TOKENS);
    float[] shrinks = context.allocateFloatLocalArray(MAX_GROUP);
    float[] maxima = context.allocateFloatLocalArray(MAX_GROUP * TOKENS);
    float[] totals = context.allocateFloatLocalArray(MAX_GROUP * TOKENS);
    int[] positions = context.allocateIntLocalArray(TOKENS);
    int[] cached = context.allocateIntLocalArray(TOKENS);
    int item = context.localIdx;
    int rowHead = context.groupIdx / splits;
    int split = context.groupIdx - rowHead * splits;
    int row = rowHead / kvHeads;
    int tokens = AttendMode.tokens(rows, row, mode);
    int blocks = AttendMode.blocks(rows, row, mode, tokens, blockSize);
    int used = AttendMode.usedSplits(splits, blocks, mode, blockSize);
    if (row < AttendMode.rowCount(rows, mode) && split < used) {
      int table = AttendMode.table(rows, row, mode);
      int head = rowHead - row * kvHeads;
      int first = blocks * split / used * blockSize;
      int last = blocks * (split + 1) / used * blockSize;
      for (int g = 0; g < group; g++) {
        float q = 0;
        if (item < headDim) {
          q = query.get((rowHead * group + g) * headDim + item);
        }
        queries[g * MAX_HEAD_DIM + item] = q;
      }

      float scale = 1 / TornadoMath.sqrt((float) headDim);
      int slice = item % SLICES;
      int lane = item / SLICES;
      int dim = TornadoMath.min(item, headDim - 1);
      float[] keys = new float[LANE_TOKENS * MAX_SLICE_DIMS];
      float[] values = new float[TOKENS];
      float[] weighted = new float[MAX_GROUP];
      for (int g = 0; g < group; g++) {
        weighted[g] = 0;
      }
      for (int pair = item; pair < group * TOKENS; pair += ITEMS) {
        maxima[pair] = NO_SCORE;
        totals[pair] = 0;
      }

      for (int n = first; n < last; n += TOKENS) {
        context.localBarrier();
        if (item < TOKENS) {
          int position =
              AttendMode.position(
                  selected, rowHead * blockCapacity, n + item, last, mode, blockSize);
          positions[item] = position;
          cached[item] =
              Paging.row(
                  tables,
                  table,
                  TornadoMath.min(position, tokens - 1),
                  pageTokens,
                  head,
                  cacheTokens);
        }
        context.localBarrier();
        for (int u = 0; u < LANE_TOKENS; u++) {
          int from = cached[lane + u * LANES] * headDim;
          if (format == CachedRows.EIGHT) {
            for (int i = 0; i < MAX_SLICE_DIMS; i += EightBits.PACKED) {
              int j = TornadoMath.min(packedDim(slice, i), headDim - EightBits.PACKED);
              int packed = keyNumbers.get(EightBits.packed(from + j));
              float one = keyFloats.get(EightBits.scale(from + j));
              for (int k = 0; k < EightBits.PACKED; k++) {
                keys[u * MAX_SLICE_DIMS + i + k] = one * EightBits.number(packed, k);
              }
            }
          } else {
            for (int i = 0; i < MAX_SLICE_DIMS; i++) {
              int j = TornadoMath.min(slice + i * SLICES, headDim - 1);
              float k = Reals.get(keyFloats, keyHalfs, format, from + j);
              keys[u * MAX_SLICE_DIMS + i] = k;
            }
          }
        }
        // Under way while the scores are computed.
        for (int t = 0; t < TOKENS; t++) {
          values[t] =
              CachedRows.get(
                  valueFloats, valueHalfs, valueNumbers, format, cached[t] * headDim + dim);
        }
        // sums [g][token][slice + 1], each item's share of the scores.
        for (int g = 0; g < group; g++) {
          float dot0 = 0;
          float dot1 = 0;
          float dot2 = 0;
          float dot3 = 0;
          for (int i = 0; i < MAX_SLICE_DIMS; i++) {
            int j = slice + i * SLICES;
            if (format == CachedRows.EIGHT) {
              j = packedDim(slice, i);
            }
            float q = queries[g * MAX_HEAD_DIM + j];
            dot0 += q * keys[i];
            dot1 += q * keys[MAX_SLICE_DIMS + i];
            dot2 += q * keys[2 * MAX_SLICE_DIMS + i];
            dot3 += q * keys[3 * MAX_SLICE_DIMS + i];
          }
          int to = (g * TOKENS + lane) * STRIDE + slice;
          sums[to] = dot0;
          sums[to + LANES * STRIDE] = dot1;
          sums[to + 2 * LANES * STRIDE] = dot2;
          sums[to + 3 * LANES * STRIDE] = dot3;
        }

        // weights [g][token], and shrinks [g] of what was summed under the former maximum.
        context.localBarrier();
        for (int pair = item; pair < group * TOKENS; pair += ITEMS) {
          float score = 0;
          for (int i = 0; i < SLICES; i++) {
            score += sums[pair * STRIDE + i];
          }
          score = score * scale;
          if (positions[pair % TOKENS] >= tokens) {
            score = NO_SCORE;
          }
          scores[pair] = score;
        }
        context.localBarrier();
        for (int pair = item; pair < group * TOKENS; pair += ITEMS) {
          int g = pair / TOKENS;
          float before = maxima[pair];
          float most = before;
          for (int t = 0; t < TOKENS; t++) {
            most = TornadoMath.max(most, scores[g * TOKENS + t]);
          }
          float shrink = TornadoMath.exp(before - most);
          float weight = TornadoMath.exp(scores[pair] - most);
          if (positions[pair % TOKENS] >= tokens) {
            weight = 0;
          }
          weights[pair] = weight;
          shrinks[g] = shrink;
          maxima[pair] = most;
          totals[pair] = totals[pair] * shrink + weight;
        }
        context.localBarrier();
        for (int g = 0; g < group; g++) {
          float added = 0;
          for (int t = 0; t < TOKENS; t++) {
            added += weights[g * TOKENS + t] * values[t];
          }
          weighted[g] = weighted[g] * shrinks[g] + added;
        }
      }
      int to = rowHead * group * splits + split;
      context.localBarrier();
      if (item < group) {
        float total = 0;
        for (int t = 0; t < TOKENS; t++) {
          total += totals[item * TOKENS + t];
        }
        partialSums.set((to + item * splits) * 2, maxima[item * TOKENS]);
        partialSums.set((to + item * splits) * 2 + 1, total);
      }
      if (item < headDim) {
        for (int g = 0; g < group; g++) {
          partial.set((to + g * splits) * headDim + item, weighted[g]);
        }
      }
    }
  }

  /** The i-th dimension of a slice where four lie in an int: lanes side by side read such ints. */
  private static int packedDim(int slice, int i) {
    return (slice + i / EightBits.PACKED * SLICES) * EightBits.PACKED + i % EightBits.PACKED;
  }
}
