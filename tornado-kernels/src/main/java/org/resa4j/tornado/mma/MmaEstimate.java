package org.resa4j.tornado.mma;

import org.resa4j.attention.AttentionShape;
import org.resa4j.tornado.attention.AttendMode;
import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionBuffers.Rows;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.Paging;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
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
 * Estimate on tensor cores: {@code GroupEstimate}'s stage for the CUDA backend and an fp16 cache.
 *
 * <p>As kmax_j is at least kmin_j, max(q_j kmax_j, q_j kmin_j) is max(q_j, 0) kmax_j + min(q_j, 0)
 * kmin_j: two products of matrices. The mean query q is split into an fp16 value and what that
 * lacks, a column of B each, so that nothing is lost but what fp32 sums lose.
 *
 * <p>A work-group is one warp and takes {@link #BLOCKS} blocks of its run at a time, the next ones
 * under way meanwhile.
 *
 * <p>Measured on an NVIDIA H200 with 8 sequences of 64K tokens, 28 query and 4 KV heads of 128,
 * under a CUDA graph: 0.025 ms; of 256K tokens 0.082 ms, which is 3.3 TB/s.
 */
final class MmaEstimate {
  /** Blocks of a product. */
  static final int BLOCKS = 16;

  /** Minima, and maxima, of the blocks at hand and of the next. */
  private static final int TILE_ROWS = 4 * BLOCKS;

  private MmaEstimate() {}

  /**
   * @param resident work-groups that the device holds at once
   */
  static void launch(KernelGraph graph, AttentionBuffers buffers, int resident) {
    AttentionLayout layout = buffers.layout();
    AttentionShape shape = layout.shape();
    AttentionBuffers.Cache cache = buffers.cache();
    AttentionBuffers.Workspace work = buffers.work();
    int rowHeads = layout.sequences() * shape.kvHeads();
    int runs = Math.clamp(resident / rowHeads, 1, Math.ceilDiv(layout.blockCapacity(), BLOCKS));
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.ESTIMATE),
            MmaEstimate::estimate,
            graph.context(),
            work.rows(),
            work.tables(),
            work.query(),
            cache.blockMin().halfs(),
            cache.blockMax().halfs(),
            work.scores(),
            runs,
            shape.kvHeads(),
            shape.group(),
            shape.headDim(),
            layout.blockSize(),
            layout.blockCapacity(),
            layout.pageBlocks(),
            layout.cacheBlocks()),
        Grids.groups(rowHeads * runs, MmaTile.WARP));
  }

  static void estimate(
      KernelContext context,
      IntArray rows,
      IntArray tables,
      FloatArray query,
      HalfFloatArray blockMin,
      HalfFloatArray blockMax,
      FloatArray scores,
      int runs,
      int kvHeads,
      int group,
      int headDim,
      int blockSize,
      int blockCapacity,
      int pageBlocks,
      int cacheBlocks) {
    int[] tile = context.allocateIntLocalArray(TILE_ROWS * MmaTile.MAX_STRIDE);
    int[] cached = context.allocateIntLocalArray(2 * BLOCKS);
    // Masked, so that the device's compiler sees that it cancels out where mmaStore writes.
    int lane = context.localIdx & (MmaTile.WARP - 1);
    int rowHead = context.groupIdx / runs;
    int run = context.groupIdx - rowHead * runs;
    int row = rowHead / kvHeads;
    if (row < rows.get(Rows.COUNT)) {
      int blocks = AttendMode.allBlocks(rows, row, blockSize);
      int steps = (blocks + BLOCKS - 1) / BLOCKS;
      int step = steps * run / runs;
      int last = steps * (run + 1) / runs;
      int table = rows.get(Rows.HEADER + row * Rows.INTS + Rows.TABLE);
      int head = rowHead - row * kvHeads;
      int stride = headDim / 2 + MmaTile.PADDING;
      int pairs = headDim / 2;

      // Where this step's blocks lie and the next one's; past the last block, that again.
      cached[lane] =
          Paging.row(
              tables,
              table,
              TornadoMath.min(step * BLOCKS + lane, blocks - 1),
              pageBlocks,
              head,
              cacheBlocks);
      // Rows 0 and 1: max(q, 0) and its rest; rows 8 and 9: min(q, 0) and its rest; else zeros.
      for (int i = lane; i < 16 * stride; i += MmaTile.WARP) {
        tile[i] = 0;
      }
      context.localBarrier();
      for (int j = lane; j < pairs; j += MmaTile.WARP) {
        float x = 0;
        float y = 0;
        for (int g = 0; g < group; g++) {
          x += query.get((rowHead * group + g) * headDim + j * 2);
          y += query.get((rowHead * group + g) * headDim + j * 2 + 1);
        }
        x = x / group;
        y = y / group;
        float roundX = MmaTile.rounded(x);
        float roundY = MmaTile.rounded(y);
        float xUp = x > 0 ? 1f : 0f;
        float yUp = y > 0 ? 1f : 0f;
        tile[j] = MmaTile.pack(roundX * xUp, roundY * yUp);
        tile[stride + j] = MmaTile.pack((x - roundX) * xUp, (y - roundY) * yUp);
        tile[8 * stride + j] = MmaTile.pack(roundX * (1 - xUp), roundY * (1 - yUp));
        tile[9 * stride + j] = MmaTile.pack((x - roundX) * (1 - xUp), (y - roundY) * (1 - yUp));
      }
      context.localBarrier();
      int upAt = MmaTile.rowsOfB(lane, stride);
      HalfFloat[] u0 = context.mmaLoadA(tile, 16, upAt);
      HalfFloat[] u1 = context.mmaLoadA(tile, 16, upAt + 32);
      HalfFloat[] u2 = context.mmaLoadA(tile, 16, upAt + 64);
      HalfFloat[] u3 = context.mmaLoadA(tile, 16, upAt + 96);
      HalfFloat[] u4 = context.mmaLoadA(tile, 16, upAt + 128);
      HalfFloat[] u5 = context.mmaLoadA(tile, 16, upAt + 160);
      HalfFloat[] u6 = context.mmaLoadA(tile, 16, upAt + 192);
      HalfFloat[] u7 = context.mmaLoadA(tile, 16, upAt + 224);
      int downAt = upAt + 8 * stride * 4;
      HalfFloat[] d0 = context.mmaLoadA(tile, 16, downAt);
      HalfFloat[] d1 = context.mmaLoadA(tile, 16, downAt + 32);
      HalfFloat[] d2 = context.mmaLoadA(tile, 16, downAt + 64);
      HalfFloat[] d3 = context.mmaLoadA(tile, 16, downAt + 96);
      HalfFloat[] d4 = context.mmaLoadA(tile, 16, downAt + 128);
      HalfFloat[] d5 = context.mmaLoadA(tile, 16, downAt + 160);
      HalfFloat[] d6 = context.mmaLoadA(tile, 16, downAt + 192);
      HalfFloat[] d7 = context.mmaLoadA(tile, 16, downAt + 224);
      context.localBarrier();

      VectorFloat2 fragments = new VectorFloat2(2 * MmaTile.FRAGMENT);
      int buffer = 0;
      if (step < last) {
        for (int b = 0; b < BLOCKS; b++) {
          int from = cached[b] * headDim;
          loadBlock(context, lane, tile, buffer, b, from, blockMin, blockMax, stride, headDim);
        }
      }
      context.asyncCopyCommit();
      while (step < last) {
        // The other buffer's blocks are done with.
        context.localBarrier();
        int other = 2 * BLOCKS * stride - buffer;
        int at0 = buffer / (2 * BLOCKS * stride) * BLOCKS;
        if (step + 1 < last) {
          int ahead = BLOCKS - at0;
          for (int b = 0; b < BLOCKS; b++) {
            int from = cached[ahead + b] * headDim;
            loadBlock(context, lane, tile, other, b, from, blockMin, blockMax, stride, headDim);
          }
        }
        context.asyncCopyCommit();
        // Those of this step are under way; a step ahead of their copies come the ones after next.
        int next =
            Paging.row(
                tables,
                table,
                TornadoMath.min((step + 2) * BLOCKS + (lane & (BLOCKS - 1)), blocks - 1),
                pageBlocks,
                head,
                cacheBlocks);
        context.asyncCopyWaitGroup(1);
        if (lane < BLOCKS) {
          cached[at0 + lane] = next;
        }
        context.localBarrier();

        int maxAt = buffer * 4 + MmaTile.rowsA(lane, stride);
        int minAt = maxAt + BLOCKS * stride * 4;
        float[] s = context.mmaFragment(0f);
        float[] t = context.mmaFragment(0f);
        s = context.mma(context.mmaLoadA(tile, 16, maxAt), u0, s, MMAShape.M16N8K16);
        t = context.mma(context.mmaLoadA(tile, 16, minAt), d0, t, MMAShape.M16N8K16);
        s = context.mma(context.mmaLoadA(tile, 16, maxAt + 32), u1, s, MMAShape.M16N8K16);
        t = context.mma(context.mmaLoadA(tile, 16, minAt + 32), d1, t, MMAShape.M16N8K16);
        s = context.mma(context.mmaLoadA(tile, 16, maxAt + 64), u2, s, MMAShape.M16N8K16);
        t = context.mma(context.mmaLoadA(tile, 16, minAt + 64), d2, t, MMAShape.M16N8K16);
        s = context.mma(context.mmaLoadA(tile, 16, maxAt + 96), u3, s, MMAShape.M16N8K16);
        t = context.mma(context.mmaLoadA(tile, 16, minAt + 96), d3, t, MMAShape.M16N8K16);
        if (headDim > 64) {
          s = context.mma(context.mmaLoadA(tile, 16, maxAt + 128), u4, s, MMAShape.M16N8K16);
          t = context.mma(context.mmaLoadA(tile, 16, minAt + 128), d4, t, MMAShape.M16N8K16);
        }
        if (headDim > 80) {
          s = context.mma(context.mmaLoadA(tile, 16, maxAt + 160), u5, s, MMAShape.M16N8K16);
          t = context.mma(context.mmaLoadA(tile, 16, minAt + 160), d5, t, MMAShape.M16N8K16);
        }
        if (headDim > 96) {
          s = context.mma(context.mmaLoadA(tile, 16, maxAt + 192), u6, s, MMAShape.M16N8K16);
          t = context.mma(context.mmaLoadA(tile, 16, minAt + 192), d6, t, MMAShape.M16N8K16);
          s = context.mma(context.mmaLoadA(tile, 16, maxAt + 224), u7, s, MMAShape.M16N8K16);
          t = context.mma(context.mmaLoadA(tile, 16, minAt + 224), d7, t, MMAShape.M16N8K16);
        }
        int place = -(lane >> 2);
        int column = -((lane & 3) << 1);
        context.mmaStore(s, fragments.getArray(), place, column, 1);
        context.mmaStore(t, fragments.getArray(), 16 + place, column, 1);
        int block = step * BLOCKS + (lane >> 2);
        if ((lane & 3) == 0) {
          int to = rowHead * blockCapacity + block;
          int second = MmaTile.FRAGMENT;
          if (block < blockCapacity) {
            float score = fragments.get(MmaTile.UPPER).getX();
            score = score + fragments.get(MmaTile.UPPER).getY();
            score = score + fragments.get(second + MmaTile.UPPER).getX();
            score = score + fragments.get(second + MmaTile.UPPER).getY();
            scores.set(to, score);
          }
          if (block + 8 < blockCapacity) {
            float score = fragments.get(MmaTile.LOWER).getX();
            score = score + fragments.get(MmaTile.LOWER).getY();
            score = score + fragments.get(second + MmaTile.LOWER).getX();
            score = score + fragments.get(second + MmaTile.LOWER).getY();
            scores.set(to + 8, score);
          }
        }
        buffer = other;
        step = step + 1;
      }
    }
  }

  /**
   * Starts copying a block's maxima and minima. Where it lies is read by the caller: TornadoVM
   * mistakes a local array that a method is given to read from for an array with a header.
   */
  private static void loadBlock(
      KernelContext context,
      int lane,
      int[] tile,
      int to,
      int b,
      int from,
      HalfFloatArray blockMin,
      HalfFloatArray blockMax,
      int stride,
      int headDim) {
    for (int j = lane; j < headDim / 2; j += MmaTile.WARP) {
      context.asyncCopyToLocal(tile, to + b * stride + j, blockMax, from + j * 2);
      context.asyncCopyToLocal(tile, to + (BLOCKS + b) * stride + j, blockMin, from + j * 2);
    }
  }
}
