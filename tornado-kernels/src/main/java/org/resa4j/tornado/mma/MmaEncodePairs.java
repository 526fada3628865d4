package org.resa4j.tornado.mma;

import org.resa4j.attention.AttentionShape;
import org.resa4j.engine.CachePlan;
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
 * As {@link MmaEncode}, for heads of {@value #HEAD_DIM} and pages of whole steps: causal attention
 * of a chunk's tokens on tensor cores, in splits that {@code GroupCombine} brings together.
 *
 * <p>A work-group has {@link #ROWS} rows, token · G + g, and one multiprocessor. Two warps, a pair,
 * have the same 32 rows: each computes the scores of half of a step's {@link #TOKENS} tokens and
 * half of the columns of O. So there are registers for all of the pair's queries and for O's
 * fragments, which stay fragments from step to step. In a step a warp computes the scores, S^T = K
 * Q^T, and leaves their weights P in local memory; meanwhile it multiplies P of the step before by
 * V, and this step's V and the next one's K are under way. So a first step has no P yet, and there
 * is one step more than there are tokens for.
 *
 * <p>Fragments cannot be scaled where they are, so there is no running maximum but a reference for
 * each row, its largest score in the first step: P = exp(S - reference). Where a weight reaches
 * {@link #MOST} its step is not taken: O is added to what the row has so far, as splits are to each
 * other, and the step is the first of a new segment, with a reference of its own. A weight may grow
 * by exp(10) before that, and scores that do not grow so much pay nothing.
 *
 * <p>P's columns, and V's rows, are in the order 0, 8, 1, 9 ... of each 16, and the sums of P are
 * one more column of O, as in {@link MmaEncode}.
 *
 * <p>Measured on an NVIDIA H100, one sequence, 28 query and 4 KV heads, 32 queries, under a CUDA
 * graph: 0.204 ms at 64K, 147 TFLOP/s; 0.696 ms at 256K, 174 TFLOP/s.
 */
final class MmaEncodePairs {
  /** Rows of a work-group. */
  static final int ROWS = 128;

  static final int HEAD_DIM = 128;
  static final int TOKENS = 32;

  private static final int WARPS = 8;
  private static final int ITEMS = WARPS * MmaTile.WARP;

  /** Rows of a pair of warps. */
  private static final int PAIR_ROWS = 32;

  private static final int STRIDE = HEAD_DIM / 2 + MmaTile.PADDING;
  private static final int ROW_BYTES = STRIDE * 4;

  /** Ints of a step's K, or V. */
  private static final int SLOT = TOKENS * STRIDE;

  private static final int WEIGHT_STRIDE = TOKENS / 2 + MmaTile.PADDING;

  /** 16 rows of 8 ones, in fp16. */
  private static final int ONES = 16 * 4;

  private static final int ONE_PAIR = 0x3c003c00;

  /** From here on weights are too large: twice as much is infinite in fp16. */
  private static final float MOST = 32768f;

  /** What a token scores that a row does not see: a weight of 0, whatever the reference. */
  private static final float UNSEEN = 4 * GroupAttend.NO_SCORE;

  /** Scores, values, sums: each in a place of its own, as {@code mmaStore} writes unseen. */
  private static final int FRAGMENTS = 4 + 16 + 1;

  private MmaEncodePairs() {}

  /** Whether the kernel is made for shape and pages. */
  static boolean takes(CachePlan plan) {
    return plan.shape().headDim() == HEAD_DIM && plan.options().pageTokens() % TOKENS == 0;
  }

  static void launch(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    AttentionShape shape = layout.shape();
    AttentionBuffers.Cache cache = buffers.cache();
    AttentionBuffers.Workspace work = buffers.work();
    int tiles = layout.encodeTiles();
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.ENCODE_ATTEND),
            MmaEncodePairs::encode,
            graph.context(),
            work.chunk(),
            work.tables(),
            work.query(),
            cache.key().halfs(),
            cache.value().halfs(),
            work.partial(),
            work.partialSums(),
            tiles,
            layout.encodeSplits(),
            shape.kvHeads(),
            shape.group(),
            layout.pageTokens(),
            layout.cacheTokens()),
        Grids.groups(shape.kvHeads() * layout.encodeSplits() * tiles, ITEMS));
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
      int tiles,
      int splits,
      int kvHeads,
      int group,
      int pageTokens,
      int cacheTokens) {
    // Twice K of a step and V of the step before; before that, the queries.
    int[] tile = context.allocateIntLocalArray(4 * SLOT);
    int[] weights = context.allocateIntLocalArray(ROWS * WEIGHT_STRIDE);
    // Of each half of the tokens: the larger is a row's reference.
    float[] maxima = context.allocateFloatLocalArray(2 * ROWS);
    float[] highest = context.allocateFloatLocalArray(ROWS);
    // Whether a weight was too large, in even and in odd steps.
    int[] grown = context.allocateIntLocalArray(2);

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
      int first = steps * split / splits;
      int last = steps * (split + 1) / splits;
      int item = context.localIdx;
      int lane = item & (MmaTile.WARP - 1);
      int warp = (item >> 5) & (WARPS - 1);
      int half = warp & 1;
      int pairRow = (warp >> 1) * PAIR_ROWS;
      int heads = kvHeads * group;
      // Before the tile's own tokens, all see all.
      int edge = position / TOKENS;
      float scale = 1 / TornadoMath.sqrt((float) HEAD_DIM);

      for (int i = item; i < ROWS * HEAD_DIM / 2; i += ITEMS) {
        int row = i / (HEAD_DIM / 2);
        int j = i - row * (HEAD_DIM / 2);
        int packed = 0;
        if (row < rows) {
          int from = queryRow(firstRow + row, head, heads, group) * HEAD_DIM + j * 2;
          packed = MmaTile.pack(query.get(from), query.get(from + 1));
        }
        tile[row * STRIDE + j] = packed;
      }
      for (int i = item; i < ONES; i += ITEMS) {
        weights[i] = ONE_PAIR;
      }
      for (int i = item; i < ROWS; i += ITEMS) {
        maxima[i] = GroupAttend.NO_SCORE;
        maxima[ROWS + i] = GroupAttend.NO_SCORE;
        highest[i] = GroupAttend.NO_SCORE;
      }
      if (item == 0) {
        grown[0] = 0;
        grown[1] = 0;
      }
      context.localBarrier();
      // Eight of the pair's rows each.
      int aAt = pairRow * ROW_BYTES + MmaTile.rowsOfB(lane, STRIDE);
      int bAt = aAt + 8 * ROW_BYTES;
      int cAt = aAt + 16 * ROW_BYTES;
      int dAt = aAt + 24 * ROW_BYTES;
      HalfFloat[] a0 = context.mmaLoadA(tile, 16, aAt);
      HalfFloat[] b0 = context.mmaLoadA(tile, 16, bAt);
      HalfFloat[] c0 = context.mmaLoadA(tile, 16, cAt);
      HalfFloat[] d0 = context.mmaLoadA(tile, 16, dAt);
      HalfFloat[] a1 = context.mmaLoadA(tile, 16, aAt + 32);
      HalfFloat[] b1 = context.mmaLoadA(tile, 16, bAt + 32);
      HalfFloat[] c1 = context.mmaLoadA(tile, 16, cAt + 32);
      HalfFloat[] d1 = context.mmaLoadA(tile, 16, dAt + 32);
      HalfFloat[] a2 = context.mmaLoadA(tile, 16, aAt + 64);
      HalfFloat[] b2 = context.mmaLoadA(tile, 16, bAt + 64);
      HalfFloat[] c2 = context.mmaLoadA(tile, 16, cAt + 64);
      HalfFloat[] d2 = context.mmaLoadA(tile, 16, dAt + 64);
      HalfFloat[] a3 = context.mmaLoadA(tile, 16, aAt + 96);
      HalfFloat[] b3 = context.mmaLoadA(tile, 16, bAt + 96);
      HalfFloat[] c3 = context.mmaLoadA(tile, 16, cAt + 96);
      HalfFloat[] d3 = context.mmaLoadA(tile, 16, dAt + 96);
      HalfFloat[] a4 = context.mmaLoadA(tile, 16, aAt + 128);
      HalfFloat[] b4 = context.mmaLoadA(tile, 16, bAt + 128);
      HalfFloat[] c4 = context.mmaLoadA(tile, 16, cAt + 128);
      HalfFloat[] d4 = context.mmaLoadA(tile, 16, dAt + 128);
      HalfFloat[] a5 = context.mmaLoadA(tile, 16, aAt + 160);
      HalfFloat[] b5 = context.mmaLoadA(tile, 16, bAt + 160);
      HalfFloat[] c5 = context.mmaLoadA(tile, 16, cAt + 160);
      HalfFloat[] d5 = context.mmaLoadA(tile, 16, dAt + 160);
      HalfFloat[] a6 = context.mmaLoadA(tile, 16, aAt + 192);
      HalfFloat[] b6 = context.mmaLoadA(tile, 16, bAt + 192);
      HalfFloat[] c6 = context.mmaLoadA(tile, 16, cAt + 192);
      HalfFloat[] d6 = context.mmaLoadA(tile, 16, dAt + 192);
      HalfFloat[] a7 = context.mmaLoadA(tile, 16, aAt + 224);
      HalfFloat[] b7 = context.mmaLoadA(tile, 16, bAt + 224);
      HalfFloat[] c7 = context.mmaLoadA(tile, 16, cAt + 224);
      HalfFloat[] d7 = context.mmaLoadA(tile, 16, dAt + 224);
      HalfFloat[] one = context.mmaLoadB(weights, 16, 0);
      context.localBarrier();

      // Where a lane reads and writes, by way of local memory: so the device's compiler does not
      // compute it again in every step. The masks say that no sum of offsets wraps, which saves an
      // instruction for each that follows.
      int lower = lane & 15;
      int offsets = lower * 16 + lower * 32;
      weights[item] = half * 16 * ROW_BYTES + offsets * 5;
      weights[ITEMS + item] = SLOT * 4 + half * HEAD_DIM + MmaTile.rowsB(lane, STRIDE);
      weights[2 * ITEMS + item] = (pairRow + half * 16) * WEIGHT_STRIDE * 4 + offsets;
      weights[3 * ITEMS + item] = (pairRow + (half ^ 1) * 16) * WEIGHT_STRIDE * 4 + offsets;
      weights[4 * ITEMS + item] =
          (pairRow + (lane & 3) * 2) * WEIGHT_STRIDE + half * 8 + (lane >> 2);
      weights[5 * ITEMS + item] = warp * 2 * STRIDE + lane;
      weights[6 * ITEMS + item] = warp * 2 * HEAD_DIM + lane * 2;
      weights[7 * ITEMS + item] = warp * HEAD_DIM + lane * 2;
      context.localBarrier();
      int keyAt = weights[item] & 0x3fff;
      int valueAt = weights[ITEMS + item] & 0x3fff;
      int ownAt = weights[2 * ITEMS + item] & 0x3fff;
      int otherAt = weights[3 * ITEMS + item] & 0x3fff;
      int weightTo = weights[4 * ITEMS + item] & 0xfff;
      int copyTo = weights[5 * ITEMS + item] & 0x3ff;
      int copyKey = weights[6 * ITEMS + item] & 0x7ff;
      int copyValue = weights[7 * ITEMS + item] & 0x3ff;
      context.localBarrier();

      // P and V of the step before the first: nothing.
      for (int i = item; i < SLOT; i += ITEMS) {
        tile[SLOT + i] = 0;
        tile[3 * SLOT + i] = 0;
      }
      for (int i = item; i < ROWS * WEIGHT_STRIDE; i += ITEMS) {
        weights[i] = 0;
      }
      int step = first;
      int keyFrom = Paging.row(tables, table, position(step, steps), pageTokens, head, cacheTokens);
      keyFrom = keyFrom * HEAD_DIM + copyKey;
      for (int i = 0; i < 4; i++) {
        int row = i / 2 * 16 + (i & 1);
        int to = (step & 1) * (2 * SLOT) + copyTo + row * STRIDE;
        copy(context, tile, to, key, keyFrom + row * HEAD_DIM);
      }
      context.asyncCopyCommit();
      context.asyncCopyWaitGroup(0);

      // A lane has two tokens' scores for eight rows, and the values of four rows.
      int token = lane >> 2;
      int column = (lane & 3) * 2;
      int ownRow = pairRow + half * 16;
      int otherRow = pairRow + (half ^ 1) * 16;
      float[] score = new float[16];
      float[] reference = new float[8];
      for (int i = 0; i < 8; i++) {
        reference[i] = 0;
      }
      VectorFloat2 fragments = new VectorFloat2(FRAGMENTS * MmaTile.FRAGMENT);
      int place = -(lane >> 2);
      int placeColumn = -((lane & 3) << 1);

      int segments = 0;
      int more = 1;
      // A split without tokens leaves sums of 0.
      if (first >= last) {
        step = last + 1;
      }
      while (more == 1) {
        float[] o0 = context.mmaFragment(0f);
        float[] o1 = context.mmaFragment(0f);
        float[] o2 = context.mmaFragment(0f);
        float[] o3 = context.mmaFragment(0f);
        float[] o4 = context.mmaFragment(0f);
        float[] o5 = context.mmaFragment(0f);
        float[] o6 = context.mmaFragment(0f);
        float[] o7 = context.mmaFragment(0f);
        float[] u0 = context.mmaFragment(0f);
        float[] u1 = context.mmaFragment(0f);
        float[] u2 = context.mmaFragment(0f);
        float[] u3 = context.mmaFragment(0f);
        float[] u4 = context.mmaFragment(0f);
        float[] u5 = context.mmaFragment(0f);
        float[] u6 = context.mmaFragment(0f);
        float[] u7 = context.mmaFragment(0f);
        float[] sums = context.mmaFragment(0f);
        // Where this step's V and the next one's K lie: looked up a step ahead of their copies.
        int valueRow =
            Paging.row(tables, table, position(step, steps), pageTokens, head, cacheTokens);
        int keyRow =
            Paging.row(tables, table, position(step + 1, steps), pageTokens, head, cacheTokens);
        int valueFrom = valueRow * HEAD_DIM;
        int fresh = 1;
        int over = 0;
        context.localBarrier();
        while (step <= last && over == 0) {
          int odd = step & 1;
          int even = odd ^ 1;
          HalfFloat[] p0 = context.mmaLoadA(weights, 16, ownAt);
          HalfFloat[] p1 = context.mmaLoadA(weights, 16, ownAt + 32);
          HalfFloat[] r0 = context.mmaLoadA(weights, 16, otherAt);
          HalfFloat[] r1 = context.mmaLoadA(weights, 16, otherAt + 32);
          // Behind the last token the cache may hold no numbers: V's must not meet weights of 0.
          if (step == steps) {
            for (int t = end - (step - 1) * TOKENS + warp; t < TOKENS; t += WARPS) {
              int to =
                  (2 * odd + 1) * SLOT + ((t & 16) + (t & 7) * 2 + ((t >> 3) & 1)) * STRIDE + lane;
              tile[to] = 0;
              tile[to + MmaTile.WARP] = 0;
            }
          }
          // All have their P and the step before is done with: to be written anew.
          context.localBarrier();
          grown[even] = 0;

          int at = odd * (2 * SLOT * 4) + keyAt;
          int valuesAt = odd * (2 * SLOT * 4) + valueAt;
          int slotTo = even * (2 * SLOT) + copyTo;
          int fromKey = keyRow * HEAD_DIM + copyKey;
          int fromValue = valueFrom + copyValue;
          float[] s0 = context.mmaFragment(0f);
          float[] s1 = context.mmaFragment(0f);
          float[] s2 = context.mmaFragment(0f);
          float[] s3 = context.mmaFragment(0f);
          HalfFloat[] k0 = context.mmaLoadA(tile, 16, at);
          s0 = context.mma(k0, a0, s0, MMAShape.M16N8K16);
          s1 = context.mma(k0, b0, s1, MMAShape.M16N8K16);
          s2 = context.mma(k0, c0, s2, MMAShape.M16N8K16);
          s3 = context.mma(k0, d0, s3, MMAShape.M16N8K16);
          HalfFloat[] k1 = context.mmaLoadA(tile, 16, at + 32);
          s0 = context.mma(k1, a1, s0, MMAShape.M16N8K16);
          s1 = context.mma(k1, b1, s1, MMAShape.M16N8K16);
          s2 = context.mma(k1, c1, s2, MMAShape.M16N8K16);
          s3 = context.mma(k1, d1, s3, MMAShape.M16N8K16);
          HalfFloat[] v0 = context.mmaLoadB(tile, 16, valuesAt);
          o0 = context.mma(p0, v0, o0, MMAShape.M16N8K16);
          u0 = context.mma(r0, v0, u0, MMAShape.M16N8K16);
          HalfFloat[] w0 = context.mmaLoadB(tile, 16, valuesAt + 16 * ROW_BYTES);
          o0 = context.mma(p1, w0, o0, MMAShape.M16N8K16);
          u0 = context.mma(r1, w0, u0, MMAShape.M16N8K16);
          copy(context, tile, slotTo + SLOT, value, fromValue);
          copy(context, tile, slotTo + SLOT + STRIDE, value, fromValue + 8 * HEAD_DIM);
          HalfFloat[] k2 = context.mmaLoadA(tile, 16, at + 64);
          s0 = context.mma(k2, a2, s0, MMAShape.M16N8K16);
          s1 = context.mma(k2, b2, s1, MMAShape.M16N8K16);
          s2 = context.mma(k2, c2, s2, MMAShape.M16N8K16);
          s3 = context.mma(k2, d2, s3, MMAShape.M16N8K16);
          HalfFloat[] k3 = context.mmaLoadA(tile, 16, at + 96);
          s0 = context.mma(k3, a3, s0, MMAShape.M16N8K16);
          s1 = context.mma(k3, b3, s1, MMAShape.M16N8K16);
          s2 = context.mma(k3, c3, s2, MMAShape.M16N8K16);
          s3 = context.mma(k3, d3, s3, MMAShape.M16N8K16);
          HalfFloat[] v1 = context.mmaLoadB(tile, 16, valuesAt + 16);
          o1 = context.mma(p0, v1, o1, MMAShape.M16N8K16);
          u1 = context.mma(r0, v1, u1, MMAShape.M16N8K16);
          HalfFloat[] w1 = context.mmaLoadB(tile, 16, valuesAt + 16 * ROW_BYTES + 16);
          o1 = context.mma(p1, w1, o1, MMAShape.M16N8K16);
          u1 = context.mma(r1, w1, u1, MMAShape.M16N8K16);
          copy(context, tile, slotTo + SLOT + 16 * STRIDE, value, fromValue + 16 * HEAD_DIM);
          copy(context, tile, slotTo + SLOT + 17 * STRIDE, value, fromValue + 24 * HEAD_DIM);
          HalfFloat[] k4 = context.mmaLoadA(tile, 16, at + 128);
          s0 = context.mma(k4, a4, s0, MMAShape.M16N8K16);
          s1 = context.mma(k4, b4, s1, MMAShape.M16N8K16);
          s2 = context.mma(k4, c4, s2, MMAShape.M16N8K16);
          s3 = context.mma(k4, d4, s3, MMAShape.M16N8K16);
          HalfFloat[] k5 = context.mmaLoadA(tile, 16, at + 160);
          s0 = context.mma(k5, a5, s0, MMAShape.M16N8K16);
          s1 = context.mma(k5, b5, s1, MMAShape.M16N8K16);
          s2 = context.mma(k5, c5, s2, MMAShape.M16N8K16);
          s3 = context.mma(k5, d5, s3, MMAShape.M16N8K16);
          HalfFloat[] v2 = context.mmaLoadB(tile, 16, valuesAt + 32);
          o2 = context.mma(p0, v2, o2, MMAShape.M16N8K16);
          u2 = context.mma(r0, v2, u2, MMAShape.M16N8K16);
          HalfFloat[] w2 = context.mmaLoadB(tile, 16, valuesAt + 16 * ROW_BYTES + 32);
          o2 = context.mma(p1, w2, o2, MMAShape.M16N8K16);
          u2 = context.mma(r1, w2, u2, MMAShape.M16N8K16);
          copy(context, tile, slotTo, key, fromKey);
          copy(context, tile, slotTo + STRIDE, key, fromKey + HEAD_DIM);
          HalfFloat[] k6 = context.mmaLoadA(tile, 16, at + 192);
          s0 = context.mma(k6, a6, s0, MMAShape.M16N8K16);
          s1 = context.mma(k6, b6, s1, MMAShape.M16N8K16);
          s2 = context.mma(k6, c6, s2, MMAShape.M16N8K16);
          s3 = context.mma(k6, d6, s3, MMAShape.M16N8K16);
          HalfFloat[] k7 = context.mmaLoadA(tile, 16, at + 224);
          s0 = context.mma(k7, a7, s0, MMAShape.M16N8K16);
          s1 = context.mma(k7, b7, s1, MMAShape.M16N8K16);
          s2 = context.mma(k7, c7, s2, MMAShape.M16N8K16);
          s3 = context.mma(k7, d7, s3, MMAShape.M16N8K16);
          HalfFloat[] v3 = context.mmaLoadB(tile, 16, valuesAt + 48);
          o3 = context.mma(p0, v3, o3, MMAShape.M16N8K16);
          u3 = context.mma(r0, v3, u3, MMAShape.M16N8K16);
          HalfFloat[] w3 = context.mmaLoadB(tile, 16, valuesAt + 16 * ROW_BYTES + 48);
          o3 = context.mma(p1, w3, o3, MMAShape.M16N8K16);
          u3 = context.mma(r1, w3, u3, MMAShape.M16N8K16);
          copy(context, tile, slotTo + 16 * STRIDE, key, fromKey + 16 * HEAD_DIM);
          copy(context, tile, slotTo + 17 * STRIDE, key, fromKey + 17 * HEAD_DIM);
          context.asyncCopyCommit();
          valueFrom = keyRow * HEAD_DIM;
          keyRow =
              Paging.row(tables, table, position(step + 2, steps), pageTokens, head, cacheTokens);

          context.mmaStore(s0, fragments.getArray(), place, placeColumn, 1);
          context.mmaStore(s1, fragments.getArray(), 16 + place, placeColumn, 1);
          context.mmaStore(s2, fragments.getArray(), 32 + place, placeColumn, 1);
          context.mmaStore(s3, fragments.getArray(), 48 + place, placeColumn, 1);
          for (int n = 0; n < 4; n++) {
            score[n * 4] = fragments.get(n * MmaTile.FRAGMENT + MmaTile.UPPER).getX();
            score[n * 4 + 1] = fragments.get(n * MmaTile.FRAGMENT + MmaTile.UPPER).getY();
            score[n * 4 + 2] = fragments.get(n * MmaTile.FRAGMENT + MmaTile.LOWER).getX();
            score[n * 4 + 3] = fragments.get(n * MmaTile.FRAGMENT + MmaTile.LOWER).getY();
          }
          if (step >= edge) {
            int seen = step * TOKENS + half * 16 + token - position + firstToken;
            for (int n = 0; n < 4; n++) {
              int row = firstRow + pairRow + n * 8 + column;
              int last0 = row / group;
              int last1 = (row + 1) / group;
              score[n * 4] = visible(score[n * 4], seen, last0);
              score[n * 4 + 1] = visible(score[n * 4 + 1], seen, last1);
              score[n * 4 + 2] = visible(score[n * 4 + 2], seen + 8, last0);
              score[n * 4 + 3] = visible(score[n * 4 + 3], seen + 8, last1);
            }
          }
          if (fresh == 1) {
            for (int n = 0; n < 4; n++) {
              float most0 = TornadoMath.max(score[n * 4], score[n * 4 + 2]);
              float most1 = TornadoMath.max(score[n * 4 + 1], score[n * 4 + 3]);
              most0 = MmaTile.maxOfColumns(context, most0);
              most1 = MmaTile.maxOfColumns(context, most1);
              if (lane < 4) {
                int to = half * ROWS + pairRow + n * 8 + column;
                maxima[to] = most0;
                maxima[to + 1] = most1;
              }
            }
            context.localBarrier();
            for (int n = 0; n < 4; n++) {
              int from = pairRow + n * 8 + column;
              reference[n * 2] = reference(maxima[from], maxima[ROWS + from]) * scale;
              reference[n * 2 + 1] = reference(maxima[from + 1], maxima[ROWS + from + 1]) * scale;
            }
            fresh = 0;
          }

          float most = 0;
          float p0x = TornadoMath.exp(score[0] * scale - reference[0]);
          float p0y = TornadoMath.exp(score[2] * scale - reference[0]);
          weights[weightTo] = MmaTile.pack(p0x, p0y);
          most = TornadoMath.max(most, TornadoMath.max(p0x, p0y));
          float q0x = TornadoMath.exp(score[1] * scale - reference[1]);
          float q0y = TornadoMath.exp(score[3] * scale - reference[1]);
          weights[weightTo + WEIGHT_STRIDE] = MmaTile.pack(q0x, q0y);
          most = TornadoMath.max(most, TornadoMath.max(q0x, q0y));
          float p1x = TornadoMath.exp(score[4] * scale - reference[2]);
          float p1y = TornadoMath.exp(score[6] * scale - reference[2]);
          weights[weightTo + 8 * WEIGHT_STRIDE] = MmaTile.pack(p1x, p1y);
          most = TornadoMath.max(most, TornadoMath.max(p1x, p1y));
          float q1x = TornadoMath.exp(score[5] * scale - reference[3]);
          float q1y = TornadoMath.exp(score[7] * scale - reference[3]);
          weights[weightTo + 9 * WEIGHT_STRIDE] = MmaTile.pack(q1x, q1y);
          most = TornadoMath.max(most, TornadoMath.max(q1x, q1y));
          float p2x = TornadoMath.exp(score[8] * scale - reference[4]);
          float p2y = TornadoMath.exp(score[10] * scale - reference[4]);
          weights[weightTo + 16 * WEIGHT_STRIDE] = MmaTile.pack(p2x, p2y);
          most = TornadoMath.max(most, TornadoMath.max(p2x, p2y));
          HalfFloat[] v4 = context.mmaLoadB(tile, 16, valuesAt + 64);
          o4 = context.mma(p0, v4, o4, MMAShape.M16N8K16);
          u4 = context.mma(r0, v4, u4, MMAShape.M16N8K16);
          HalfFloat[] w4 = context.mmaLoadB(tile, 16, valuesAt + 16 * ROW_BYTES + 64);
          o4 = context.mma(p1, w4, o4, MMAShape.M16N8K16);
          u4 = context.mma(r1, w4, u4, MMAShape.M16N8K16);
          float q2x = TornadoMath.exp(score[9] * scale - reference[5]);
          float q2y = TornadoMath.exp(score[11] * scale - reference[5]);
          weights[weightTo + 17 * WEIGHT_STRIDE] = MmaTile.pack(q2x, q2y);
          most = TornadoMath.max(most, TornadoMath.max(q2x, q2y));
          HalfFloat[] v5 = context.mmaLoadB(tile, 16, valuesAt + 80);
          o5 = context.mma(p0, v5, o5, MMAShape.M16N8K16);
          u5 = context.mma(r0, v5, u5, MMAShape.M16N8K16);
          HalfFloat[] w5 = context.mmaLoadB(tile, 16, valuesAt + 16 * ROW_BYTES + 80);
          o5 = context.mma(p1, w5, o5, MMAShape.M16N8K16);
          u5 = context.mma(r1, w5, u5, MMAShape.M16N8K16);
          float p3x = TornadoMath.exp(score[12] * scale - reference[6]);
          float p3y = TornadoMath.exp(score[14] * scale - reference[6]);
          weights[weightTo + 24 * WEIGHT_STRIDE] = MmaTile.pack(p3x, p3y);
          most = TornadoMath.max(most, TornadoMath.max(p3x, p3y));
          HalfFloat[] v6 = context.mmaLoadB(tile, 16, valuesAt + 96);
          o6 = context.mma(p0, v6, o6, MMAShape.M16N8K16);
          u6 = context.mma(r0, v6, u6, MMAShape.M16N8K16);
          HalfFloat[] w6 = context.mmaLoadB(tile, 16, valuesAt + 16 * ROW_BYTES + 96);
          o6 = context.mma(p1, w6, o6, MMAShape.M16N8K16);
          u6 = context.mma(r1, w6, u6, MMAShape.M16N8K16);
          float q3x = TornadoMath.exp(score[13] * scale - reference[7]);
          float q3y = TornadoMath.exp(score[15] * scale - reference[7]);
          weights[weightTo + 25 * WEIGHT_STRIDE] = MmaTile.pack(q3x, q3y);
          most = TornadoMath.max(most, TornadoMath.max(q3x, q3y));
          HalfFloat[] v7 = context.mmaLoadB(tile, 16, valuesAt + 112);
          o7 = context.mma(p0, v7, o7, MMAShape.M16N8K16);
          u7 = context.mma(r0, v7, u7, MMAShape.M16N8K16);
          HalfFloat[] w7 = context.mmaLoadB(tile, 16, valuesAt + 16 * ROW_BYTES + 112);
          o7 = context.mma(p1, w7, o7, MMAShape.M16N8K16);
          u7 = context.mma(r1, w7, u7, MMAShape.M16N8K16);
          sums = context.mma(p0, one, sums, MMAShape.M16N8K16);
          sums = context.mma(p1, one, sums, MMAShape.M16N8K16);
          if (most >= MOST) {
            grown[odd] = 1;
          }
          context.asyncCopyWaitGroup(0);
          context.localBarrier();
          over = grown[odd];
          step = step + 1;
        }

        context.mmaStore(o0, fragments.getArray(), 64 + place, placeColumn, 1);
        context.mmaStore(o1, fragments.getArray(), 80 + place, placeColumn, 1);
        context.mmaStore(o2, fragments.getArray(), 96 + place, placeColumn, 1);
        context.mmaStore(o3, fragments.getArray(), 112 + place, placeColumn, 1);
        context.mmaStore(o4, fragments.getArray(), 128 + place, placeColumn, 1);
        context.mmaStore(o5, fragments.getArray(), 144 + place, placeColumn, 1);
        context.mmaStore(o6, fragments.getArray(), 160 + place, placeColumn, 1);
        context.mmaStore(o7, fragments.getArray(), 176 + place, placeColumn, 1);
        context.mmaStore(u0, fragments.getArray(), 192 + place, placeColumn, 1);
        context.mmaStore(u1, fragments.getArray(), 208 + place, placeColumn, 1);
        context.mmaStore(u2, fragments.getArray(), 224 + place, placeColumn, 1);
        context.mmaStore(u3, fragments.getArray(), 240 + place, placeColumn, 1);
        context.mmaStore(u4, fragments.getArray(), 256 + place, placeColumn, 1);
        context.mmaStore(u5, fragments.getArray(), 272 + place, placeColumn, 1);
        context.mmaStore(u6, fragments.getArray(), 288 + place, placeColumn, 1);
        context.mmaStore(u7, fragments.getArray(), 304 + place, placeColumn, 1);
        context.mmaStore(sums, fragments.getArray(), 320 + place, placeColumn, 1);
        for (int i = 0; i < 4; i++) {
          int row = (i < 2 ? ownRow : otherRow) + token + (i & 1) * 8;
          float before = highest[row];
          float now = reference(maxima[row], maxima[ROWS + row]) * scale;
          float most = TornadoMath.max(before, now);
          float keep = TornadoMath.exp(before - most);
          float factor = TornadoMath.exp(now - most);
          if (row < rows) {
            int to = queryRow(firstRow + row, head, heads, group) * splits + split;
            int own = (i & 1) * 4 + MmaTile.UPPER;
            if (i < 2 && column == 0) {
              float sum = fragments.get(20 * MmaTile.FRAGMENT + own).getX() * factor;
              if (segments > 0) {
                sum += partialSums.get(to * 2 + 1) * keep;
              }
              partialSums.set(to * 2, most);
              partialSums.set(to * 2 + 1, sum);
            }
            for (int n = 0; n < 8; n++) {
              int from = (4 + i / 2 * 8 + n) * MmaTile.FRAGMENT + own;
              int at = to * HEAD_DIM + half * (HEAD_DIM / 2) + n * 8 + column;
              float x = fragments.get(from).getX() * factor;
              float y = fragments.get(from).getY() * factor;
              if (segments > 0) {
                x += partial.get(at) * keep;
                y += partial.get(at + 1) * keep;
              }
              partial.set(at, x);
              partial.set(at + 1, y);
            }
          }
        }
        more = 0;
        if (over == 1 && step <= last) {
          // The step that grew was not taken: once more, with its own reference.
          more = 1;
          step = step - 1;
          segments = segments + 1;
          context.localBarrier();
          for (int i = item; i < ROWS; i += ITEMS) {
            highest[i] =
                TornadoMath.max(highest[i], reference(maxima[i], maxima[ROWS + i]) * scale);
          }
          for (int i = item; i < ROWS * WEIGHT_STRIDE; i += ITEMS) {
            weights[i] = 0;
          }
          if (item == 0) {
            grown[0] = 0;
            grown[1] = 0;
          }
        }
      }
    }
  }

  /** A row of the chunk's query vectors, of which a KV head has G for each token. */
  private static int queryRow(int row, int head, int heads, int group) {
    int token = row / group;
    return token * heads + head * group + row - token * group;
  }

  private static float visible(float score, int token, int last) {
    return token > last ? UNSEEN : score;
  }

  /**
   * Of a row's largest scores among each half of the tokens. Not of the array that has them:
   * TornadoVM gets the index wrong where a local array is read in another method.
   */
  private static float reference(float most, float other) {
    return TornadoMath.max(TornadoMath.max(most, other), GroupAttend.NO_SCORE);
  }

  /** Position of a step's first token; past the tile's last step, of that one's. */
  private static int position(int step, int steps) {
    return TornadoMath.min(step, steps - 1) * TOKENS;
  }

  /** Starts copying a lane's two ints of a row. */
  private static void copy(
      KernelContext context, int[] tile, int to, HalfFloatArray array, int from) {
    context.asyncCopyToLocal(tile, to, array, from);
    context.asyncCopyToLocal(tile, to + MmaTile.WARP, array, from + HEAD_DIM / 2);
  }
}
