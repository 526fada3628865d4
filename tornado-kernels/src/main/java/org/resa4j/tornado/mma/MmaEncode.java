package org.resa4j.tornado.mma;

import org.resa4j.attention.AttentionShape;
import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionBuffers.Chunk;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.Paging;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.group.GroupAttend;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat2;

/**
 * Causal attention of a chunk's tokens on tensor cores: CUDA backend, fp16 cache. In splits that
 * {@code GroupCombine} brings together. For what {@link MmaEncodePairs} is not made for.
 *
 * <p>The queries of a KV head's group are the rows of one matrix, {@code token · G + g}; a warp has
 * {@link #WARP_ROWS} of them, a work-group a tile of up to {@link #MAX_WARPS} warps, of one
 * sequence. It takes {@link #TOKENS} tokens at a time, the next ones under way meanwhile: S^T = K
 * Q^T, the softmax's weights P with a running maximum, O = O · shrink + P V. Products of fp16 with
 * sums in fp32.
 *
 * <p>A lane has the scores of tokens r and r + 8 of each 16, which it packs as neighbours; V's rows
 * are put in the same order while copying, as in {@link MmaAttend}. The sums of P are one more
 * column of O, whose V is 1: so numerator and denominator hold the same rounded weights.
 *
 * <p>Measured on an NVIDIA H200 with 28 query and 4 KV heads of 128: 0.274 ms for 32 tokens of one
 * sequence of 64K, with the combining, 110 TFLOP/s. Registers leave room for one work-group of 7
 * warps on a multiprocessor, which issue an instruction every 3.8 cycles each, a thousand for 66
 * products; work-groups of 4 or 5 warps, two at a time, were slower.
 */
final class MmaEncode {
  static final int WARP_ROWS = 16;
  static final int MAX_WARPS = 8;
  static final int TOKENS = 32;

  private static final int WEIGHT_STRIDE = TOKENS / 2 + MmaTile.PADDING;

  /** K and V of {@link #TOKENS} tokens, twice; before that, the queries. */
  private static final int TILE_ROWS = 4 * TOKENS;

  /** 16 rows of 8 ones, in fp16. */
  private static final int ONES = 16 * 4;

  private static final int ONE_PAIR = 0x3c003c00;

  /** Scores, values, sums: each in a place of its own, as {@code mmaStore} writes unseen. */
  private static final int FRAGMENTS = TOKENS / 8 + GroupAttend.MAX_HEAD_DIM / 8 + 1;

  private MmaEncode() {}

  static void launch(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    AttentionShape shape = layout.shape();
    AttentionBuffers.Cache cache = buffers.cache();
    AttentionBuffers.Workspace work = buffers.work();
    int warps = layout.encodeTileRows() / WARP_ROWS;
    int tiles = layout.encodeTiles();
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.ENCODE_ATTEND),
            MmaEncode::encode,
            graph.context(),
            work.chunk(),
            work.tables(),
            work.query(),
            cache.key().halfs(),
            cache.value().halfs(),
            work.partial(),
            work.partialSums(),
            warps,
            tiles,
            layout.encodeSplits(),
            shape.kvHeads(),
            shape.group(),
            shape.headDim(),
            layout.pageTokens(),
            layout.cacheTokens()),
        Grids.groups(shape.kvHeads() * layout.encodeSplits() * tiles, warps * MmaTile.WARP));
  }

  static void encode(
      KernelContext context,
      IntArray chunk,
      IntArray tables,
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
      int pageTokens,
      int cacheTokens) {
    int[] tile = context.allocateIntLocalArray(TILE_ROWS * MmaTile.MAX_STRIDE);
    int[] weights = context.allocateIntLocalArray(MAX_WARPS * WARP_ROWS * WEIGHT_STRIDE);
    int[] ones = context.allocateIntLocalArray(ONES);
    float[] maxima = context.allocateFloatLocalArray(MAX_WARPS * WARP_ROWS);

    int headSplit = context.groupIdx / tiles;
    int head = headSplit / splits;
    int split = headSplit - head * splits;
    int ofTile = context.groupIdx - headSplit * tiles;
    if (ofTile < chunk.get(Chunk.TILES)) {
      int tileAt = Chunk.HEADER + ofTile * Chunk.INTS;
      int firstRow = chunk.get(tileAt + Chunk.TILE_FIRST);
      int rows = firstRow + chunk.get(tileAt + Chunk.TILE_ROWS);
      int firstToken = firstRow / group;
      int tokenAt = Chunk.HEADER + firstToken * Chunk.INTS;
      int table = chunk.get(tokenAt + Chunk.TABLE);
      int position = chunk.get(tokenAt + Chunk.POSITION);
      int end = position + (rows - 1) / group - firstToken + 1;
      int steps = (end + TOKENS - 1) / TOKENS;
      int step = steps * split / splits;
      int lastStep = steps * (split + 1) / splits;
      int stride = headDim / 2 + MmaTile.PADDING;
      int item = context.localIdx;
      int lane = item & (MmaTile.WARP - 1);
      int warp = item / MmaTile.WARP;
      int heads = kvHeads * group;

      int pairs = headDim / 2;
      for (int i = item; i < warps * WARP_ROWS * pairs; i += warps * MmaTile.WARP) {
        int row = i / pairs;
        int j = i - row * pairs;
        int packed = 0;
        if (firstRow + row < rows) {
          int token = (firstRow + row) / group;
          int from = (token * heads + head * group + firstRow + row - token * group) * headDim;
          packed = MmaTile.pack(query.get(from + j * 2), query.get(from + j * 2 + 1));
        }
        tile[row * stride + j] = packed;
      }
      for (int i = item; i < ONES; i += warps * MmaTile.WARP) {
        ones[i] = ONE_PAIR;
      }
      for (int i = item; i < warps * WARP_ROWS; i += warps * MmaTile.WARP) {
        maxima[i] = GroupAttend.NO_SCORE;
      }
      context.localBarrier();
      // The first eight of the warp's rows, a, and the others, b.
      int aAt = warp * WARP_ROWS * stride * 4 + MmaTile.rowsOfB(lane, stride);
      int bAt = aAt + 8 * stride * 4;
      HalfFloat[] a0 = context.mmaLoadA(tile, 16, aAt);
      HalfFloat[] b0 = context.mmaLoadA(tile, 16, bAt);
      HalfFloat[] a1 = context.mmaLoadA(tile, 16, aAt + 32);
      HalfFloat[] b1 = context.mmaLoadA(tile, 16, bAt + 32);
      HalfFloat[] a2 = context.mmaLoadA(tile, 16, aAt + 64);
      HalfFloat[] b2 = context.mmaLoadA(tile, 16, bAt + 64);
      HalfFloat[] a3 = context.mmaLoadA(tile, 16, aAt + 96);
      HalfFloat[] b3 = context.mmaLoadA(tile, 16, bAt + 96);
      HalfFloat[] a4 = context.mmaLoadA(tile, 16, aAt + 128);
      HalfFloat[] b4 = context.mmaLoadA(tile, 16, bAt + 128);
      HalfFloat[] a5 = context.mmaLoadA(tile, 16, aAt + 160);
      HalfFloat[] b5 = context.mmaLoadA(tile, 16, bAt + 160);
      HalfFloat[] a6 = context.mmaLoadA(tile, 16, aAt + 192);
      HalfFloat[] b6 = context.mmaLoadA(tile, 16, bAt + 192);
      HalfFloat[] a7 = context.mmaLoadA(tile, 16, aAt + 224);
      HalfFloat[] b7 = context.mmaLoadA(tile, 16, bAt + 224);
      HalfFloat[] one = context.mmaLoadB(ones, 16, 0);
      context.localBarrier();

      // A lane has a token's scores for four rows, and the values of two: its own of each eight.
      int token = lane >> 2;
      int column = (lane & 3) * 2;
      int warpRow = warp * WARP_ROWS;
      int upper = warpRow + token;
      int lower = upper + 8;
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
      VectorFloat2 fragments = new VectorFloat2(FRAGMENTS * MmaTile.FRAGMENT);
      int place = -(lane >> 2);
      int placeColumn = -((lane & 3) << 1);

      int buffer = 0;
      int ahead = Paging.row(tables, table, position(step, end), pageTokens, head, cacheTokens);
      loadTokens(
          context,
          item,
          tile,
          buffer,
          key,
          value,
          tables,
          table,
          ahead,
          position(step, end),
          end,
          head,
          warps,
          stride,
          headDim,
          pageTokens,
          cacheTokens);
      // The next step's page is looked up a step before its tokens are copied.
      ahead = Paging.row(tables, table, position(step + 1, end), pageTokens, head, cacheTokens);
      while (step < lastStep) {
        // These tokens are there, and the other buffer's are done with.
        context.asyncCopyWaitGroup(0);
        context.localBarrier();
        loadTokens(
            context,
            item,
            tile,
            TOKENS * 2 * stride - buffer,
            key,
            value,
            tables,
            table,
            ahead,
            position(step + 1, end),
            end,
            head,
            warps,
            stride,
            headDim,
            pageTokens,
            cacheTokens);
        ahead = Paging.row(tables, table, position(step + 2, end), pageTokens, head, cacheTokens);

        for (int m = 0; m < TOKENS / 16; m++) {
          int at = buffer * 4 + MmaTile.rowsA(lane, stride) + m * 16 * stride * 4;
          float[] s = context.mmaFragment(0f);
          float[] t = context.mmaFragment(0f);
          HalfFloat[] k0 = context.mmaLoadA(tile, 16, at);
          s = context.mma(k0, a0, s, MMAShape.M16N8K16);
          t = context.mma(k0, b0, t, MMAShape.M16N8K16);
          HalfFloat[] k1 = context.mmaLoadA(tile, 16, at + 32);
          s = context.mma(k1, a1, s, MMAShape.M16N8K16);
          t = context.mma(k1, b1, t, MMAShape.M16N8K16);
          HalfFloat[] k2 = context.mmaLoadA(tile, 16, at + 64);
          s = context.mma(k2, a2, s, MMAShape.M16N8K16);
          t = context.mma(k2, b2, t, MMAShape.M16N8K16);
          HalfFloat[] k3 = context.mmaLoadA(tile, 16, at + 96);
          s = context.mma(k3, a3, s, MMAShape.M16N8K16);
          t = context.mma(k3, b3, t, MMAShape.M16N8K16);
          if (headDim > 64) {
            HalfFloat[] k4 = context.mmaLoadA(tile, 16, at + 128);
            s = context.mma(k4, a4, s, MMAShape.M16N8K16);
            t = context.mma(k4, b4, t, MMAShape.M16N8K16);
          }
          if (headDim > 80) {
            HalfFloat[] k5 = context.mmaLoadA(tile, 16, at + 160);
            s = context.mma(k5, a5, s, MMAShape.M16N8K16);
            t = context.mma(k5, b5, t, MMAShape.M16N8K16);
          }
          if (headDim > 96) {
            HalfFloat[] k6 = context.mmaLoadA(tile, 16, at + 192);
            s = context.mma(k6, a6, s, MMAShape.M16N8K16);
            t = context.mma(k6, b6, t, MMAShape.M16N8K16);
            HalfFloat[] k7 = context.mmaLoadA(tile, 16, at + 224);
            s = context.mma(k7, a7, s, MMAShape.M16N8K16);
            t = context.mma(k7, b7, t, MMAShape.M16N8K16);
          }
          context.mmaStore(s, fragments.getArray(), m * 32 + place, placeColumn, 1);
          context.mmaStore(t, fragments.getArray(), m * 32 + 16 + place, placeColumn, 1);
          int from = m * 2 * MmaTile.FRAGMENT;
          score[m * 8] = fragments.get(from + MmaTile.UPPER).getX();
          score[m * 8 + 1] = fragments.get(from + MmaTile.UPPER).getY();
          score[m * 8 + 2] = fragments.get(from + MmaTile.LOWER).getX();
          score[m * 8 + 3] = fragments.get(from + MmaTile.LOWER).getY();
          from = from + MmaTile.FRAGMENT;
          score[m * 8 + 4] = fragments.get(from + MmaTile.UPPER).getX();
          score[m * 8 + 5] = fragments.get(from + MmaTile.UPPER).getY();
          score[m * 8 + 6] = fragments.get(from + MmaTile.LOWER).getX();
          score[m * 8 + 7] = fragments.get(from + MmaTile.LOWER).getY();
        }
        // Before the tile's own tokens, all see all.
        if (step * TOKENS + TOKENS > position) {
          int row = firstRow + warpRow + column;
          int last0 = position + row / group - firstToken;
          int last1 = position + (row + 1) / group - firstToken;
          int last2 = position + (row + 8) / group - firstToken;
          int last3 = position + (row + 9) / group - firstToken;
          for (int m = 0; m < TOKENS / 16; m++) {
            int first = step * TOKENS + m * 16 + token;
            score[m * 8] = visible(score[m * 8], first, last0);
            score[m * 8 + 1] = visible(score[m * 8 + 1], first, last1);
            score[m * 8 + 2] = visible(score[m * 8 + 2], first + 8, last0);
            score[m * 8 + 3] = visible(score[m * 8 + 3], first + 8, last1);
            score[m * 8 + 4] = visible(score[m * 8 + 4], first, last2);
            score[m * 8 + 5] = visible(score[m * 8 + 5], first, last3);
            score[m * 8 + 6] = visible(score[m * 8 + 6], first + 8, last2);
            score[m * 8 + 7] = visible(score[m * 8 + 7], first + 8, last3);
          }
        }

        float most0 = GroupAttend.NO_SCORE;
        float most1 = GroupAttend.NO_SCORE;
        float most2 = GroupAttend.NO_SCORE;
        float most3 = GroupAttend.NO_SCORE;
        for (int m = 0; m < TOKENS / 16; m++) {
          most0 = TornadoMath.max(most0, TornadoMath.max(score[m * 8], score[m * 8 + 2]));
          most1 = TornadoMath.max(most1, TornadoMath.max(score[m * 8 + 1], score[m * 8 + 3]));
          most2 = TornadoMath.max(most2, TornadoMath.max(score[m * 8 + 4], score[m * 8 + 6]));
          most3 = TornadoMath.max(most3, TornadoMath.max(score[m * 8 + 5], score[m * 8 + 7]));
        }
        most0 = MmaTile.maxOfColumns(context, most0);
        most1 = MmaTile.maxOfColumns(context, most1);
        most2 = MmaTile.maxOfColumns(context, most2);
        most3 = MmaTile.maxOfColumns(context, most3);
        int columnAt = warpRow + column;
        if (lane < 4) {
          maxima[columnAt] = TornadoMath.max(maxima[columnAt], most0);
          maxima[columnAt + 1] = TornadoMath.max(maxima[columnAt + 1], most1);
          maxima[columnAt + 8] = TornadoMath.max(maxima[columnAt + 8], most2);
          maxima[columnAt + 9] = TornadoMath.max(maxima[columnAt + 9], most3);
        }
        context.localBarrier();
        most0 = maxima[columnAt];
        most1 = maxima[columnAt + 1];
        most2 = maxima[columnAt + 8];
        most3 = maxima[columnAt + 9];
        float upperMost = maxima[upper];
        float lowerMost = maxima[lower];
        float upperShrink = TornadoMath.exp((upperMax - upperMost) * scale);
        float lowerShrink = TornadoMath.exp((lowerMax - lowerMost) * scale);
        upperMax = upperMost;
        lowerMax = lowerMost;
        int weightsOf = columnAt * WEIGHT_STRIDE + token;
        for (int m = 0; m < TOKENS / 16; m++) {
          int to = weightsOf + m * 8;
          weights[to] =
              MmaTile.pack(
                  TornadoMath.exp((score[m * 8] - most0) * scale),
                  TornadoMath.exp((score[m * 8 + 2] - most0) * scale));
          weights[to + WEIGHT_STRIDE] =
              MmaTile.pack(
                  TornadoMath.exp((score[m * 8 + 1] - most1) * scale),
                  TornadoMath.exp((score[m * 8 + 3] - most1) * scale));
          weights[to + 8 * WEIGHT_STRIDE] =
              MmaTile.pack(
                  TornadoMath.exp((score[m * 8 + 4] - most2) * scale),
                  TornadoMath.exp((score[m * 8 + 6] - most2) * scale));
          weights[to + 9 * WEIGHT_STRIDE] =
              MmaTile.pack(
                  TornadoMath.exp((score[m * 8 + 5] - most3) * scale),
                  TornadoMath.exp((score[m * 8 + 7] - most3) * scale));
        }
        context.localBarrier();

        int weightAt = warpRow * WEIGHT_STRIDE * 4 + MmaTile.rowsA(lane, WEIGHT_STRIDE);
        HalfFloat[] p0 = context.mmaLoadA(weights, 16, weightAt);
        HalfFloat[] p1 = context.mmaLoadA(weights, 16, weightAt + 32);
        float[] sums = context.mmaFragment(0f);
        sums = context.mma(p0, one, sums, MMAShape.M16N8K16);
        sums = context.mma(p1, one, sums, MMAShape.M16N8K16);
        int sumsAt = TOKENS / 8 + GroupAttend.MAX_HEAD_DIM / 8;
        context.mmaStore(sums, fragments.getArray(), sumsAt * 16 + place, placeColumn, 1);
        int ofSums = sumsAt * MmaTile.FRAGMENT;
        upperSum = upperSum * upperShrink + fragments.get(ofSums + MmaTile.UPPER).getX();
        lowerSum = lowerSum * lowerShrink + fragments.get(ofSums + MmaTile.LOWER).getX();
        int valueAt = (buffer + TOKENS * stride) * 4 + MmaTile.rowsB(lane, stride);
        for (int n = 0; n < headDim / 8; n++) {
          float[] o = context.mmaFragment(0f);
          o = context.mma(p0, context.mmaLoadB(tile, 16, valueAt + n * 16), o, MMAShape.M16N8K16);
          o =
              context.mma(
                  p1,
                  context.mmaLoadB(tile, 16, valueAt + n * 16 + 16 * stride * 4),
                  o,
                  MMAShape.M16N8K16);
          context.mmaStore(o, fragments.getArray(), (TOKENS / 8 + n) * 16 + place, placeColumn, 1);
          int own = (TOKENS / 8 + n) * MmaTile.FRAGMENT + MmaTile.UPPER;
          int eighth = (TOKENS / 8 + n) * MmaTile.FRAGMENT + MmaTile.LOWER;
          weighted[n * 4] = weighted[n * 4] * upperShrink + fragments.get(own).getX();
          weighted[n * 4 + 1] = weighted[n * 4 + 1] * upperShrink + fragments.get(own).getY();
          weighted[n * 4 + 2] = weighted[n * 4 + 2] * lowerShrink + fragments.get(eighth).getX();
          weighted[n * 4 + 3] = weighted[n * 4 + 3] * lowerShrink + fragments.get(eighth).getY();
        }
        buffer = TOKENS * 2 * stride - buffer;
        step = step + 1;
      }

      if (firstRow + upper < rows) {
        int of = (firstRow + upper) / group;
        int to = (of * heads + head * group + firstRow + upper - of * group) * splits + split;
        if (column == 0) {
          partialSums.set(to * 2, upperMax * scale);
          partialSums.set(to * 2 + 1, upperSum);
        }
        for (int n = 0; n < headDim / 8; n++) {
          partial.set(to * headDim + n * 8 + column, weighted[n * 4]);
          partial.set(to * headDim + n * 8 + column + 1, weighted[n * 4 + 1]);
        }
      }
      if (firstRow + lower < rows) {
        int of = (firstRow + lower) / group;
        int to = (of * heads + head * group + firstRow + lower - of * group) * splits + split;
        if (column == 0) {
          partialSums.set(to * 2, lowerMax * scale);
          partialSums.set(to * 2 + 1, lowerSum);
        }
        for (int n = 0; n < headDim / 8; n++) {
          partial.set(to * headDim + n * 8 + column, weighted[n * 4 + 2]);
          partial.set(to * headDim + n * 8 + column + 1, weighted[n * 4 + 3]);
        }
      }
    }
  }

  private static float visible(float score, int token, int last) {
    return token > last ? GroupAttend.NO_SCORE : score;
  }

  /** Position of a step's first token; past the tile's last step, of that one's. */
  private static int position(int step, int end) {
    return TornadoMath.min(step, (end - 1) / TOKENS) * TOKENS;
  }

  /**
   * Starts copying K, and V in P's order, of a step's tokens; past the tile's last that again, as
   * what stands behind it may be no numbers. Where pages are of whole steps the tokens follow the
   * first, elsewhere each is looked up.
   */
  private static void loadTokens(
      KernelContext context,
      int item,
      int[] tile,
      int to,
      HalfFloatArray key,
      HalfFloatArray value,
      IntArray tables,
      int table,
      int first,
      int position,
      int end,
      int kvHead,
      int warps,
      int stride,
      int headDim,
      int pageTokens,
      int cacheTokens) {
    int lane = item & (MmaTile.WARP - 1);
    int last = end - 1 - position;
    for (int t = item / MmaTile.WARP; t < TOKENS; t += warps) {
      int at = TornadoMath.min(t, last);
      int cached = first + at;
      if (pageTokens % TOKENS != 0) {
        cached = Paging.row(tables, table, position + at, pageTokens, kvHead, cacheTokens);
      }
      int from = cached * headDim;
      int valueRow = TOKENS + (t & 16) + (t & 7) * 2 + (t & 8) / 8;
      MmaTile.copyRow(context, lane, tile, to + t * stride, key, from, headDim / 2);
      MmaTile.copyRow(context, lane, tile, to + valueRow * stride, value, from, headDim / 2);
    }
    context.asyncCopyCommit();
  }
}
