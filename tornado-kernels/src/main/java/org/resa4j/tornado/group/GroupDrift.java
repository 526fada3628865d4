package org.resa4j.tornado.group;

import org.resa4j.attention.AttentionShape;
import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionBuffers.Chunk;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.CachedRows;
import org.resa4j.tornado.attention.DriftBuffers;
import org.resa4j.tornado.attention.Paging;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Drift: how far K and V in the cache are from the new ones that are to overwrite them. */
final class GroupDrift {
  /** Work-items that share a sum. */
  private static final int ITEMS = 128;

  private GroupDrift() {}

  static void launch(KernelGraph graph, AttentionBuffers buffers, DriftBuffers drift) {
    AttentionLayout layout = buffers.layout();
    AttentionShape shape = layout.shape();
    AttentionBuffers.Cache cache = buffers.cache();
    AttentionBuffers.Workspace work = buffers.work();
    int tokenHeads = layout.encodeTokens() * shape.kvHeads();
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.ENCODE_DRIFT),
            GroupDrift::encodeDrift,
            graph.context(),
            work.chunk(),
            work.tables(),
            work.newKey(),
            work.newValue(),
            cache.key().floats(),
            cache.key().halfs(),
            cache.key().numbers(),
            cache.value().floats(),
            cache.value().halfs(),
            cache.value().numbers(),
            drift.cache(),
            drift.parts(),
            tokenHeads,
            shape.kvHeads(),
            shape.headDim(),
            layout.pageTokens(),
            layout.cacheTokens(),
            cache.key().format()),
        Grids.groups(tokenHeads, shape.headDim()));
  }

  static void launchSums(KernelGraph graph, AttentionBuffers buffers, DriftBuffers drift) {
    int kvHeads = buffers.layout().shape().kvHeads();
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.DRIFT_SUMS),
            GroupDrift::driftSums,
            graph.context(),
            buffers.work().chunk(),
            drift.parts(),
            drift.sums(),
            buffers.layout().encodeTokens() * kvHeads,
            kvHeads),
        Grids.groups(drift.sums().getSize(), ITEMS));
  }

  /**
   * Before a chunk's tokens are appended: one work-group of d items for each token and KV head.
   * Nothing is done for a call that does not measure.
   */
  static void encodeDrift(
      KernelContext context,
      IntArray chunk,
      IntArray tables,
      FloatArray newKey,
      FloatArray newValue,
      FloatArray keyFloats,
      HalfFloatArray keyHalfs,
      IntArray keyNumbers,
      FloatArray valueFloats,
      HalfFloatArray valueHalfs,
      IntArray valueNumbers,
      IntArray cache,
      FloatArray parts,
      int tokenHeads,
      int kvHeads,
      int headDim,
      int pageTokens,
      int cacheTokens,
      int format) {
    float[] squares =
        context.allocateFloatLocalArray(DriftBuffers.COUNT * GroupAttend.MAX_HEAD_DIM);
    int item = context.localIdx;
    int tokenHead = context.groupIdx;
    int token = tokenHead / kvHeads;
    if (chunk.get(Chunk.MEASURE) == 1 && token < chunk.get(Chunk.COUNT)) {
      int at = Chunk.HEADER + token * Chunk.INTS;
      int cached =
          Paging.row(
              tables,
              chunk.get(at + Chunk.TABLE),
              chunk.get(at + Chunk.POSITION),
              pageTokens,
              tokenHead - token * kvHeads,
              cacheTokens);
      int old = cached * headDim + item;
      float k = newKey.get(tokenHead * headDim + item);
      float v = newValue.get(tokenHead * headDim + item);
      float oldKey = CachedRows.get(keyFloats, keyHalfs, keyNumbers, format, old);
      float oldValue = CachedRows.get(valueFloats, valueHalfs, valueNumbers, format, old);
      float dk = k - oldKey;
      float dv = v - oldValue;
      squares[DriftBuffers.KEY_CHANGE * headDim + item] = dk * dk;
      squares[DriftBuffers.KEY * headDim + item] = k * k;
      squares[DriftBuffers.VALUE_CHANGE * headDim + item] = dv * dv;
      squares[DriftBuffers.VALUE * headDim + item] = v * v;
      context.localBarrier();
      for (int which = item; which < DriftBuffers.COUNT; which += headDim) {
        float sum = 0;
        for (int j = 0; j < headDim; j++) {
          sum += squares[which * headDim + j];
        }
        parts.set((cache.get(0) * tokenHeads + tokenHead) * DriftBuffers.COUNT + which, sum);
      }
    }
  }

  /**
   * Each cache's parts added up: one work-group for each cache and sum.
   *
   * @param capacity parts of a cache
   */
  static void driftSums(
      KernelContext context,
      IntArray chunk,
      FloatArray parts,
      FloatArray sums,
      int capacity,
      int kvHeads) {
    float[] shares = context.allocateFloatLocalArray(ITEMS);
    int item = context.localIdx;
    int cache = context.groupIdx / DriftBuffers.COUNT;
    int which = context.groupIdx - cache * DriftBuffers.COUNT;
    int count = chunk.get(Chunk.COUNT) * kvHeads;
    float share = 0;
    for (int part = item; part < count; part += ITEMS) {
      share += parts.get((cache * capacity + part) * DriftBuffers.COUNT + which);
    }
    shares[item] = share;
    context.localBarrier();
    if (item == 0) {
      float sum = 0;
      for (int i = 0; i < ITEMS; i++) {
        sum += shares[i];
      }
      sums.set(context.groupIdx, sum);
    }
  }
}
