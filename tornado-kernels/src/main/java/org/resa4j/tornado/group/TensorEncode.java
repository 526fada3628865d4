package org.resa4j.tornado.group;

import org.resa4j.tornado.AttentionBuffers.Chunk;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat2;
import uk.ac.manchester.tornado.api.types.vectors.Half2;

/**
 * Causal attention of a chunk's tokens on tensor cores: CUDA backend, fp16 cache. In splits that
 * {@link GroupCombine} brings together.
 *
 * <p>The queries of a KV head's group are the rows of one matrix, {@code token · G + g}; a warp has
 * {@link #WARP_ROWS} of them, a work-group up to {@link #MAX_WARPS} warps. It takes {@link #TOKENS}
 * tokens at a time, the next ones under way meanwhile: S = Q K^T, the softmax's weights P with a
 * running maximum, O = O · shrink + P V. Products of fp16 with sums in fp32.
 *
 * <p>Fragments are opaque in TornadoVM. Accumulators come out through {@code mmaStore} into private
 * memory, which the device's compiler turns into registers, and go on in local memory; tiles there
 * have rows of d/2 + 4 ints, so that eight rows lie in different banks.
 *
 * <p>Measured on an NVIDIA H200 with 8 sequences of 64K tokens, 28 query and 4 KV heads of 128,
 * fp16: 0.33 ms for 32 tokens of one of the sequences, with the combining.
 */
final class TensorEncode {
  static final int WARP = 32;
  static final int WARP_ROWS = 16;
  static final int MAX_WARPS = 8;
  static final int TOKENS = 32;

  /** An int holds two values; 16 bytes of padding. */
  private static final int PADDING = 4;

  private static final int MAX_STRIDE = GroupAttend.MAX_HEAD_DIM / 2 + PADDING;
  private static final int WEIGHT_STRIDE = TOKENS / 2 + PADDING;

  /** K and V of {@link #TOKENS} tokens, twice; before that, the queries. */
  private static final int TILE_ROWS = 4 * TOKENS;

  /**
   * Pairs of private memory for a lane's four values of a fragment: the third and the seventh pair,
   * where {@code mmaStore} puts them past what it takes for an array's header.
   */
  private static final int FRAGMENT = 8;

  /** Each in a place of its own: TornadoVM does not see that {@code mmaStore} writes there. */
  private static final int FRAGMENTS = TOKENS / 8 + GroupAttend.MAX_HEAD_DIM / 8;

  private TensorEncode() {}

  static void encode(
      KernelContext context,
      IntArray chunk,
      FloatArray query,
      HalfFloatArray key,
      HalfFloatArray value,
      FloatArray partial,
      FloatArray partialSums,
      int warps,
      int tiles,
      int splits,
      int kvHeads,
      int group,
      int headDim,
      int contextPadded) {
    int[] tile = context.allocateIntLocalArray(TILE_ROWS * MAX_STRIDE);
    int[] weights = context.allocateIntLocalArray(MAX_WARPS * WARP_ROWS * WEIGHT_STRIDE);
    float[] maxima = context.allocateFloatLocalArray(MAX_WARPS * WARP_ROWS);

    int headSplit = context.groupIdx / tiles;
    int head = headSplit / splits;
    int split = headSplit - head * splits;
    int firstRow = (context.groupIdx - headSplit * tiles) * warps * WARP_ROWS;
    int rows = chunk.get(Chunk.COUNT) * group;
    if (firstRow < rows) {
      int position = chunk.get(Chunk.POSITION);
      int end = position + chunk.get(Chunk.COUNT);
      int steps = (end + TOKENS - 1) / TOKENS;
      int step = steps * split / splits;
      int lastStep = steps * (split + 1) / splits;
      int base = (chunk.get(Chunk.SEQUENCE) * kvHeads + head) * contextPadded;
      int stride = headDim / 2 + PADDING;
      int item = context.localIdx;
      int lane = item & (WARP - 1);
      int warp = item / WARP;

      // A thread has two rows, and two neighbouring columns of each 8.
      int upper = warp * WARP_ROWS + (lane >> 2);
      int lower = upper + 8;
      int column = lane & 3;
      int heads = kvHeads * group;
      int upperToken = (firstRow + upper) / group;
      int lowerToken = (firstRow + lower) / group;

      int pairs = headDim / 2;
      for (int i = item; i < warps * WARP_ROWS * pairs; i += warps * WARP) {
        int row = i / pairs;
        int j = i - row * pairs;
        int packed = 0;
        if (firstRow + row < rows) {
          int token = (firstRow + row) / group;
          int from = (token * heads + head * group + firstRow + row - token * group) * headDim;
          packed = pack(query.get(from + j * 2), query.get(from + j * 2 + 1));
        }
        tile[row * stride + j] = packed;
      }
      context.localBarrier();
      int queryAt = warp * WARP_ROWS * stride * 4 + rowsA(lane, stride);
      HalfFloat[] q0 = context.mmaLoadA(tile, 16, queryAt);
      HalfFloat[] q1 = context.mmaLoadA(tile, 16, queryAt + 32);
      HalfFloat[] q2 = context.mmaLoadA(tile, 16, queryAt + 64);
      HalfFloat[] q3 = context.mmaLoadA(tile, 16, queryAt + 96);
      HalfFloat[] q4 = context.mmaLoadA(tile, 16, queryAt + 128);
      HalfFloat[] q5 = context.mmaLoadA(tile, 16, queryAt + 160);
      HalfFloat[] q6 = context.mmaLoadA(tile, 16, queryAt + 192);
      HalfFloat[] q7 = context.mmaLoadA(tile, 16, queryAt + 224);
      context.localBarrier();

      float scale = 1 / TornadoMath.sqrt((float) headDim);
      float upperMax = GroupAttend.NO_SCORE;
      float lowerMax = GroupAttend.NO_SCORE;
      float upperSum = 0;
      float lowerSum = 0;
      float[] score = new float[TOKENS / 2];
      float[] weighted = new float[GroupAttend.MAX_HEAD_DIM / 2];
      for (int i = 0; i < headDim / 2; i++) {
        weighted[i] = 0;
      }
      VectorFloat2 fragments = new VectorFloat2(FRAGMENTS * FRAGMENT);

      int buffer = 0;
      loadTokens(
          context,
          item,
          tile,
          buffer,
          key,
          value,
          base,
          step,
          warps,
          stride,
          headDim,
          contextPadded);
      while (step < lastStep) {
        // The other buffer's tokens are done with; these ones are there but for one group.
        context.localBarrier();
        loadTokens(
            context,
            item,
            tile,
            TOKENS * 2 * stride - buffer,
            key,
            value,
            base,
            step + 1,
            warps,
            stride,
            headDim,
            contextPadded);
        context.asyncCopyWaitGroup(1);
        context.localBarrier();

        int keyAt = buffer * 4 + rowsOfB(lane, stride);
        for (int n = 0; n < TOKENS / 8; n++) {
          int at = keyAt + n * 8 * stride * 4;
          float[] s = context.mmaFragment(0f);
          s = context.mma(q0, context.mmaLoadA(tile, 16, at), s, MMAShape.M16N8K16);
          s = context.mma(q1, context.mmaLoadA(tile, 16, at + 32), s, MMAShape.M16N8K16);
          s = context.mma(q2, context.mmaLoadA(tile, 16, at + 64), s, MMAShape.M16N8K16);
          s = context.mma(q3, context.mmaLoadA(tile, 16, at + 96), s, MMAShape.M16N8K16);
          if (headDim > 64) {
            s = context.mma(q4, context.mmaLoadA(tile, 16, at + 128), s, MMAShape.M16N8K16);
          }
          if (headDim > 80) {
            s = context.mma(q5, context.mmaLoadA(tile, 16, at + 160), s, MMAShape.M16N8K16);
          }
          if (headDim > 96) {
            s = context.mma(q6, context.mmaLoadA(tile, 16, at + 192), s, MMAShape.M16N8K16);
            s = context.mma(q7, context.mmaLoadA(tile, 16, at + 224), s, MMAShape.M16N8K16);
          }
          context.mmaStore(s, fragments.getArray(), n * 16 - (lane >> 2), -((lane & 3) << 1), 1);
          int token = step * TOKENS + n * 8 + column * 2 - position;
          score[n * 4] = visible(fragments.get(n * FRAGMENT + 2).getX(), token, upperToken);
          score[n * 4 + 1] = visible(fragments.get(n * FRAGMENT + 2).getY(), token + 1, upperToken);
          score[n * 4 + 2] = visible(fragments.get(n * FRAGMENT + 6).getX(), token, lowerToken);
          score[n * 4 + 3] = visible(fragments.get(n * FRAGMENT + 6).getY(), token + 1, lowerToken);
        }

        float upperMost = upperMax;
        float lowerMost = lowerMax;
        for (int n = 0; n < TOKENS / 8; n++) {
          upperMost = TornadoMath.max(upperMost, TornadoMath.max(score[n * 4], score[n * 4 + 1]));
          lowerMost =
              TornadoMath.max(lowerMost, TornadoMath.max(score[n * 4 + 2], score[n * 4 + 3]));
        }
        upperMost = TornadoMath.max(upperMost, context.simdShuffleDown(upperMost, 1));
        upperMost = TornadoMath.max(upperMost, context.simdShuffleDown(upperMost, 2));
        lowerMost = TornadoMath.max(lowerMost, context.simdShuffleDown(lowerMost, 1));
        lowerMost = TornadoMath.max(lowerMost, context.simdShuffleDown(lowerMost, 2));
        if (column == 0) {
          maxima[upper] = upperMost;
          maxima[lower] = lowerMost;
        }
        context.localBarrier();
        upperMost = maxima[upper];
        lowerMost = maxima[lower];
        float upperShrink = TornadoMath.exp((upperMax - upperMost) * scale);
        float lowerShrink = TornadoMath.exp((lowerMax - lowerMost) * scale);
        upperMax = upperMost;
        lowerMax = lowerMost;
        upperSum = upperSum * upperShrink;
        lowerSum = lowerSum * lowerShrink;
        for (int n = 0; n < TOKENS / 8; n++) {
          float p0 = TornadoMath.exp((score[n * 4] - upperMost) * scale);
          float p1 = TornadoMath.exp((score[n * 4 + 1] - upperMost) * scale);
          float p2 = TornadoMath.exp((score[n * 4 + 2] - lowerMost) * scale);
          float p3 = TornadoMath.exp((score[n * 4 + 3] - lowerMost) * scale);
          upperSum = upperSum + (p0 + p1);
          lowerSum = lowerSum + (p2 + p3);
          weights[upper * WEIGHT_STRIDE + n * 4 + column] = pack(p0, p1);
          weights[lower * WEIGHT_STRIDE + n * 4 + column] = pack(p2, p3);
        }
        context.localBarrier();

        int weightAt = warp * WARP_ROWS * WEIGHT_STRIDE * 4 + rowsA(lane, WEIGHT_STRIDE);
        HalfFloat[] p0 = context.mmaLoadA(weights, 16, weightAt);
        HalfFloat[] p1 = context.mmaLoadA(weights, 16, weightAt + 32);
        int valueAt = (buffer + TOKENS * stride) * 4 + (lane & 15) * (stride * 4 - 16);
        for (int n = 0; n < headDim / 8; n++) {
          float[] o = context.mmaFragment(0f);
          o = context.mma(p0, context.mmaLoadB(tile, 16, valueAt + n * 16), o, MMAShape.M16N8K16);
          o =
              context.mma(
                  p1,
                  context.mmaLoadB(tile, 16, valueAt + n * 16 + 16 * stride * 4),
                  o,
                  MMAShape.M16N8K16);
          context.mmaStore(
              o, fragments.getArray(), (TOKENS / 8 + n) * 16 - (lane >> 2), -((lane & 3) << 1), 1);
          weighted[n * 4] =
              weighted[n * 4] * upperShrink + fragments.get((TOKENS / 8 + n) * FRAGMENT + 2).getX();
          weighted[n * 4 + 1] =
              weighted[n * 4 + 1] * upperShrink
                  + fragments.get((TOKENS / 8 + n) * FRAGMENT + 2).getY();
          weighted[n * 4 + 2] =
              weighted[n * 4 + 2] * lowerShrink
                  + fragments.get((TOKENS / 8 + n) * FRAGMENT + 6).getX();
          weighted[n * 4 + 3] =
              weighted[n * 4 + 3] * lowerShrink
                  + fragments.get((TOKENS / 8 + n) * FRAGMENT + 6).getY();
        }
        buffer = TOKENS * 2 * stride - buffer;
        step = step + 1;
      }

      upperSum = upperSum + context.simdShuffleDown(upperSum, 1);
      upperSum = upperSum + context.simdShuffleDown(upperSum, 2);
      lowerSum = lowerSum + context.simdShuffleDown(lowerSum, 1);
      lowerSum = lowerSum + context.simdShuffleDown(lowerSum, 2);
      if (firstRow + upper < rows) {
        int to =
            ((upperToken * heads + head * group + firstRow + upper - upperToken * group) * splits
                + split);
        if (column == 0) {
          partialSums.set(to * 2, upperMax * scale);
          partialSums.set(to * 2 + 1, upperSum);
        }
        for (int n = 0; n < headDim / 8; n++) {
          partial.set(to * headDim + n * 8 + column * 2, weighted[n * 4]);
          partial.set(to * headDim + n * 8 + column * 2 + 1, weighted[n * 4 + 1]);
        }
      }
      if (firstRow + lower < rows) {
        int to =
            ((lowerToken * heads + head * group + firstRow + lower - lowerToken * group) * splits
                + split);
        if (column == 0) {
          partialSums.set(to * 2, lowerMax * scale);
          partialSums.set(to * 2 + 1, lowerSum);
        }
        for (int n = 0; n < headDim / 8; n++) {
          partial.set(to * headDim + n * 8 + column * 2, weighted[n * 4 + 2]);
          partial.set(to * headDim + n * 8 + column * 2 + 1, weighted[n * 4 + 3]);
        }
      }
    }
  }

  /**
   * Byte offset that takes {@code mmaLoadA}'s own address of a lane, in a 16 x 16 tile without
   * padding, to row {@code lane % 16} of a tile of this stride in ints, its second half for lanes
   * from 16 on.
   */
  private static int rowsA(int lane, int stride) {
    return (lane & 15) * (stride * 4 - 32);
  }

  /**
   * The same for a tile of 8 tokens by 16 values that {@code mmaLoadA} reads as the B of a product:
   * B wants its columns, and a row of the tile is one. Only lanes below 16 count: the 8 tokens,
   * then their second 8 values.
   */
  private static int rowsOfB(int lane, int stride) {
    int row = lane & 7;
    int half = (lane >> 3) & 1;
    return row * stride * 4 + half * 16 - (half * 8 + row) * 32 - (lane >> 4) * 16;
  }

  private static float visible(float score, int token, int last) {
    return token > last ? GroupAttend.NO_SCORE : score;
  }

  /** Two values as fp16, the first in the low bits. */
  private static int pack(float x, float y) {
    Half2 pair = Half2.fromFloats(x, y);
    Half2 zero = Half2.fromFloats(0f, 0f);
    // TornadoVM reads the bits of a result, not of a vector's element: hence the sums.
    HalfFloat low = HalfFloat.add(pair.getX(), zero.getX());
    HalfFloat high = HalfFloat.add(pair.getY(), zero.getY());
    return (low.getHalfFloatValue() & 0xffff) | ((high.getHalfFloatValue() & 0xffff) << 16);
  }

  /** Starts copying K and then V of a step's tokens; past the cache, its last token again. */
  private static void loadTokens(
      KernelContext context,
      int item,
      int[] tile,
      int to,
      HalfFloatArray key,
      HalfFloatArray value,
      int base,
      int step,
      int warps,
      int stride,
      int headDim,
      int contextPadded) {
    int lane = item & (WARP - 1);
    for (int t = item / WARP; t < TOKENS; t += warps) {
      int token = TornadoMath.min(step * TOKENS + t, contextPadded - 1);
      int from = (base + token) * headDim;
      for (int j = lane; j < headDim / 2; j += WARP) {
        context.asyncCopyToLocal(tile, to + t * stride + j, key, from + j * 2);
        context.asyncCopyToLocal(tile, to + (TOKENS + t) * stride + j, value, from + j * 2);
      }
    }
    context.asyncCopyCommit();
  }
}
