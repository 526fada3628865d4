package org.resa4j.tornado.mma;

import org.resa4j.attention.AttentionShape;
import org.resa4j.tornado.attention.AttendMode;
import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.Paging;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
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
 * Attend on tensor cores: {@link GroupAttend}'s stage for the CUDA backend and an fp16 cache.
 *
 * <p>A work-group is one warp, so that its barriers cost next to nothing, and as many of them as
 * fit keep the memory busy. It takes {@link #TOKENS} tokens of its split at a time, the next ones
 * under way meanwhile: S^T = K Q^T with the group padded to 8, the softmax's weights P with a
 * running maximum, O = O · shrink + P V. Products of fp16 with sums in fp32.
 *
 * <p>A lane has the scores of tokens r and r + 8, which it packs as neighbours. So the columns of P
 * are in the order 0, 8, 1, 9 ..., and so are the rows of V, which are put there while copying.
 *
 * <p>Measured on an NVIDIA H200 with 8 sequences of 64K tokens, 28 query and 4 KV heads of 128,
 * under a CUDA graph and with the combining: 0.050 ms for a tenth of the blocks, 0.32 ms for all,
 * which is 3.4 TB/s. Unrolling the copies wholly made all of it 7% slower.
 */
final class MmaAttend {
  /** Rows of a fragment of K. */
  static final int TOKENS = 16;

  /** Query heads that a product has room for. */
  private static final int GROUP = 8;

  /** K, and V, of the tokens at hand and of the next. */
  private static final int TILE_ROWS = 4 * TOKENS;

  private static final int WEIGHT_STRIDE = TOKENS / 2 + MmaTile.PADDING;

  /** Each in a place of its own: TornadoVM does not see that {@code mmaStore} writes there. */
  private static final int FRAGMENTS = 1 + GroupAttend.MAX_HEAD_DIM / 8;

  private MmaAttend() {}

  static void launch(KernelGraph graph, AttentionBuffers buffers, int mode) {
    AttentionLayout layout = buffers.layout();
    AttentionShape shape = layout.shape();
    AttentionBuffers.Cache cache = buffers.cache();
    AttentionBuffers.Workspace work = buffers.work();
    int splits = AttendMode.splits(layout, mode);
    graph.add(
        TaskPackage.createPackage(
            graph.id(AttendMode.stage(mode)),
            MmaAttend::attend,
            graph.context(),
            AttendMode.header(buffers, mode),
            work.tables(),
            work.query(),
            cache.key().halfs(),
            cache.value().halfs(),
            work.selected(),
            work.partial(),
            work.partialSums(),
            mode,
            splits,
            shape.kvHeads(),
            shape.group(),
            shape.headDim(),
            layout.blockSize(),
            layout.blockCapacity(),
            layout.pageTokens(),
            layout.cacheTokens()),
        Grids.groups(AttendMode.rows(layout, mode) * shape.kvHeads() * splits, MmaTile.WARP));
  }

  /** As {@link GroupAttend#attendHalf}, for steps: the rows' selected blocks or all of them. */
  static void attend(
      KernelContext context,
      IntArray rows,
      IntArray tables,
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
      int blockCapacity,
      int pageTokens,
      int cacheTokens) {
    int[] tile = context.allocateIntLocalArray(TILE_ROWS * MmaTile.MAX_STRIDE);
    int[] weights = context.allocateIntLocalArray(2 * GROUP * WEIGHT_STRIDE);
    int[] cached = context.allocateIntLocalArray(2 * TOKENS);
    float[] maxima = context.allocateFloatLocalArray(GROUP);
    // Masked, so that the device's compiler sees that it cancels out where mmaStore writes.
    int lane = context.localIdx & (MmaTile.WARP - 1);
    int rowHead = context.groupIdx / splits;
    int split = context.groupIdx - rowHead * splits;
    int row = rowHead / kvHeads;
    int tokens = AttendMode.tokens(rows, row, mode);
    int blocks = AttendMode.blocks(rows, row, mode, tokens, blockSize);
    int used = AttendMode.usedSplits(splits, blocks, mode, blockSize);
    if (row < AttendMode.rowCount(rows, mode) && split < used) {
      int table = AttendMode.table(rows, row, mode);
      int kvHead = rowHead - row * kvHeads;
      int list = rowHead * blockCapacity;
      int n = blocks * split / used * blockSize;
      int last = blocks * (split + 1) / used * blockSize;
      int stride = headDim / 2 + MmaTile.PADDING;
      int pairs = headDim / 2;

      int at = lane & (TOKENS - 1);
      int second = lane / TOKENS;
      int position =
          AttendMode.position(selected, list, n + second * TOKENS + at, last, mode, blockSize);
      cached[lane] =
          cached(tables, table, position, tokens, pageTokens, kvHead, cacheTokens, headDim);
      context.localBarrier();
      int buffer = 0;
      if (n < last) {
        for (int t = 0; t < TOKENS; t++) {
          int from = cached[t] & ~1;
          loadToken(context, lane, tile, buffer, t, from, key, value, stride, headDim);
        }
      }
      context.asyncCopyCommit();
      // The other buffer takes the queries first.
      for (int i = lane; i < GROUP * pairs; i += MmaTile.WARP) {
        int g = i / pairs;
        int j = i - g * pairs;
        int packed = 0;
        if (g < group) {
          int from = (rowHead * group + g) * headDim + j * 2;
          packed = MmaTile.pack(query.get(from), query.get(from + 1));
        }
        tile[(2 * TOKENS + g) * stride + j] = packed;
      }
      for (int i = lane; i < 2 * GROUP * WEIGHT_STRIDE; i += MmaTile.WARP) {
        weights[i] = 0;
      }
      context.localBarrier();
      int queryAt = 2 * TOKENS * stride * 4 + MmaTile.rowsOfB(lane, stride);
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
      int token = lane >> 2;
      int head = (lane & 3) * 2;
      float max0 = GroupAttend.NO_SCORE;
      float max1 = GroupAttend.NO_SCORE;
      float rowMax = GroupAttend.NO_SCORE;
      float sum0 = 0;
      float sum1 = 0;
      float[] weighted = new float[GroupAttend.MAX_HEAD_DIM / 4];
      for (int i = 0; i < headDim / 4; i++) {
        weighted[i] = 0;
      }
      VectorFloat2 fragments = new VectorFloat2(FRAGMENTS * MmaTile.FRAGMENT);

      while (n < last) {
        int at0 = buffer / (2 * TOKENS * stride) * TOKENS;
        // The other buffer's tokens are done with.
        context.localBarrier();
        int other = 2 * TOKENS * stride - buffer;
        if (n + TOKENS < last) {
          int ahead = TOKENS - at0;
          for (int t = 0; t < TOKENS; t++) {
            int from = cached[ahead + t] & ~1;
            loadToken(context, lane, tile, other, t, from, key, value, stride, headDim);
          }
        }
        context.asyncCopyCommit();
        // Where the tokens after next lie is looked up a step ahead of their copies.
        int next = AttendMode.position(selected, list, n + 2 * TOKENS + at, last, mode, blockSize);
        int nextCached =
            cached(tables, table, next, tokens, pageTokens, kvHead, cacheTokens, headDim);
        context.asyncCopyWaitGroup(1);
        context.localBarrier();

        int keyAt = buffer * 4 + MmaTile.rowsA(lane, stride);
        float[] s = context.mmaFragment(0f);
        s = context.mma(context.mmaLoadA(tile, 16, keyAt), q0, s, MMAShape.M16N8K16);
        s = context.mma(context.mmaLoadA(tile, 16, keyAt + 32), q1, s, MMAShape.M16N8K16);
        s = context.mma(context.mmaLoadA(tile, 16, keyAt + 64), q2, s, MMAShape.M16N8K16);
        s = context.mma(context.mmaLoadA(tile, 16, keyAt + 96), q3, s, MMAShape.M16N8K16);
        if (headDim > 64) {
          s = context.mma(context.mmaLoadA(tile, 16, keyAt + 128), q4, s, MMAShape.M16N8K16);
        }
        if (headDim > 80) {
          s = context.mma(context.mmaLoadA(tile, 16, keyAt + 160), q5, s, MMAShape.M16N8K16);
        }
        if (headDim > 96) {
          s = context.mma(context.mmaLoadA(tile, 16, keyAt + 192), q6, s, MMAShape.M16N8K16);
          s = context.mma(context.mmaLoadA(tile, 16, keyAt + 224), q7, s, MMAShape.M16N8K16);
        }
        context.mmaStore(s, fragments.getArray(), -(lane >> 2), -((lane & 3) << 1), 1);
        int first = cached[at0 + token];
        int eighth = cached[at0 + token + 8];
        float s0 = visible(fragments.get(MmaTile.UPPER).getX(), first);
        float s1 = visible(fragments.get(MmaTile.UPPER).getY(), first);
        float s2 = visible(fragments.get(MmaTile.LOWER).getX(), eighth);
        float s3 = visible(fragments.get(MmaTile.LOWER).getY(), eighth);
        float most0 = MmaTile.maxOfColumns(context, TornadoMath.max(max0, TornadoMath.max(s0, s2)));
        float most1 = MmaTile.maxOfColumns(context, TornadoMath.max(max1, TornadoMath.max(s1, s3)));
        if (lane < 4) {
          maxima[head] = most0;
          maxima[head + 1] = most1;
        }
        context.localBarrier();
        most0 = maxima[head];
        most1 = maxima[head + 1];
        float rowMost = maxima[token];
        float p0 = TornadoMath.exp((s0 - most0) * scale);
        float p1 = TornadoMath.exp((s1 - most1) * scale);
        float p2 = TornadoMath.exp((s2 - most0) * scale);
        float p3 = TornadoMath.exp((s3 - most1) * scale);
        sum0 = sum0 * TornadoMath.exp((max0 - most0) * scale) + (p0 + p2);
        sum1 = sum1 * TornadoMath.exp((max1 - most1) * scale) + (p1 + p3);
        float shrink = TornadoMath.exp((rowMax - rowMost) * scale);
        max0 = most0;
        max1 = most1;
        rowMax = rowMost;
        weights[head * WEIGHT_STRIDE + token] = MmaTile.pack(p0, p2);
        weights[(head + 1) * WEIGHT_STRIDE + token] = MmaTile.pack(p1, p3);
        if (lane < TOKENS) {
          cached[at0 + lane] = nextCached;
        }
        context.localBarrier();

        HalfFloat[] p = context.mmaLoadA(weights, 16, MmaTile.rowsA(lane, WEIGHT_STRIDE));
        int valueAt = (buffer + TOKENS * stride) * 4 + MmaTile.rowsB(lane, stride);
        for (int j = 0; j < headDim / 8; j++) {
          float[] o = context.mmaFragment(0f);
          o = context.mma(p, context.mmaLoadB(tile, 16, valueAt + j * 16), o, MMAShape.M16N8K16);
          context.mmaStore(
              o, fragments.getArray(), (1 + j) * 16 - (lane >> 2), -((lane & 3) << 1), 1);
          int fragment = (1 + j) * MmaTile.FRAGMENT + MmaTile.UPPER;
          weighted[j * 2] = weighted[j * 2] * shrink + fragments.get(fragment).getX();
          weighted[j * 2 + 1] = weighted[j * 2 + 1] * shrink + fragments.get(fragment).getY();
        }
        buffer = other;
        n = n + TOKENS;
      }

      sum0 = sum0 + context.simdShuffleDown(sum0, 16);
      sum0 = sum0 + context.simdShuffleDown(sum0, 8);
      sum0 = sum0 + context.simdShuffleDown(sum0, 4);
      sum1 = sum1 + context.simdShuffleDown(sum1, 16);
      sum1 = sum1 + context.simdShuffleDown(sum1, 8);
      sum1 = sum1 + context.simdShuffleDown(sum1, 4);
      int to = rowHead * group * splits + split;
      if (lane < 4) {
        if (head < group) {
          partialSums.set((to + head * splits) * 2, max0 * scale);
          partialSums.set((to + head * splits) * 2 + 1, sum0);
        }
        if (head + 1 < group) {
          partialSums.set((to + (head + 1) * splits) * 2, max1 * scale);
          partialSums.set((to + (head + 1) * splits) * 2 + 1, sum1);
        }
      }
      if (token < group) {
        for (int j = 0; j < headDim / 8; j++) {
          int target = (to + token * splits) * headDim + j * 8 + head;
          partial.set(target, weighted[j * 2]);
          partial.set(target + 1, weighted[j * 2 + 1]);
        }
      }
    }
  }

  /**
   * Where in K, and in V, a token's values begin, an even number; of one that the row does not see,
   * where its last token's begin, and one more. One int for both: with local memory for two, a
   * work- group less would fit on a multiprocessor.
   */
  private static int cached(
      IntArray tables,
      int table,
      int position,
      int tokens,
      int pageTokens,
      int kvHead,
      int cacheTokens,
      int headDim) {
    int seen = TornadoMath.min(position, tokens - 1);
    int cached = Paging.row(tables, table, seen, pageTokens, kvHead, cacheTokens) * headDim;
    if (position >= tokens) {
      cached = cached + 1;
    }
    return cached;
  }

  private static float visible(float score, int cached) {
    return (cached & 1) == 0 ? score : GroupAttend.NO_SCORE;
  }

  /** Starts copying K and V of a buffer's token t, V to where P has its column. */
  private static void loadToken(
      KernelContext context,
      int lane,
      int[] tile,
      int buffer,
      int t,
      int from,
      HalfFloatArray key,
      HalfFloatArray value,
      int stride,
      int headDim) {
    int valueRow = TOKENS + (t & 7) * 2 + t / 8;
    for (int j = lane; j < headDim / 2; j += MmaTile.WARP) {
      context.asyncCopyToLocal(tile, buffer + t * stride + j, key, from + j * 2);
      context.asyncCopyToLocal(tile, buffer + valueRow * stride + j, value, from + j * 2);
    }
  }
}
