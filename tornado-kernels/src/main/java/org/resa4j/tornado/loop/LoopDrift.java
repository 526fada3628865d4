package org.resa4j.tornado.loop;

import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionBuffers.Chunk;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.CachedRows;
import org.resa4j.tornado.attention.DriftBuffers;
import org.resa4j.tornado.attention.Paging;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Drift: how far K and V in the cache are from the new ones that are to overwrite them. */
final class LoopDrift {
  private LoopDrift() {}

  static void launch(KernelGraph graph, AttentionBuffers buffers, DriftBuffers drift) {
    AttentionLayout layout = buffers.layout();
    AttentionBuffers.Workspace work = buffers.work();
    int items = layout.encodeTokens() * layout.shape().kvHeads();
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.ENCODE_DRIFT),
            LoopDrift::encodeDrift,
            work.chunk(),
            work.tables(),
            work.newKey(),
            work.newValue(),
            buffers.cache().key().floats(),
            buffers.cache().key().numbers(),
            buffers.cache().value().floats(),
            buffers.cache().value().numbers(),
            drift.cache(),
            drift.parts(),
            items,
            layout.shape().kvHeads(),
            layout.shape().headDim(),
            layout.pageTokens(),
            layout.cacheTokens(),
            buffers.cache().key().format()),
        Grids.coarse(items));
  }

  static void launchSums(KernelGraph graph, AttentionBuffers buffers, DriftBuffers drift) {
    AttentionLayout layout = buffers.layout();
    int items = drift.sums().getSize();
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.DRIFT_SUMS),
            LoopDrift::driftSums,
            buffers.work().chunk(),
            drift.parts(),
            drift.sums(),
            items,
            layout.encodeTokens() * layout.shape().kvHeads(),
            layout.shape().kvHeads()),
        Grids.coarse(items));
  }

  /**
   * Before an encode call's tokens are appended: one item for each token and KV head. Nothing is
   * done for a call that does not measure.
   */
  static void encodeDrift(
      IntArray chunk,
      IntArray tables,
      FloatArray newKey,
      FloatArray newValue,
      FloatArray keyFloats,
      IntArray keyNumbers,
      FloatArray valueFloats,
      IntArray valueNumbers,
      IntArray cache,
      FloatArray parts,
      int items,
      int kvHeads,
      int headDim,
      int pageTokens,
      int cacheTokens,
      int format) {
    for (@Parallel int item = 0; item < items; item++) {
      int token = item / kvHeads;
      int head = item - token * kvHeads;
      if (chunk.get(Chunk.MEASURE) == 1 && token < chunk.get(Chunk.COUNT)) {
        int at = Chunk.HEADER + token * Chunk.INTS;
        int cached =
            Paging.row(
                tables,
                chunk.get(at + Chunk.TABLE),
                chunk.get(at + Chunk.POSITION),
                pageTokens,
                head,
                cacheTokens);
        int from = item * headDim;
        int old = cached * headDim;
        float keyChange = 0;
        float keys = 0;
        float valueChange = 0;
        float values = 0;
        for (int j = 0; j < headDim; j++) {
          float k = newKey.get(from + j);
          float v = newValue.get(from + j);
          float dk = k - CachedRows.get(keyFloats, keyNumbers, format, old + j);
          float dv = v - CachedRows.get(valueFloats, valueNumbers, format, old + j);
          keyChange += dk * dk;
          keys += k * k;
          valueChange += dv * dv;
          values += v * v;
        }
        int to = (cache.get(0) * items + item) * DriftBuffers.COUNT;
        parts.set(to + DriftBuffers.KEY_CHANGE, keyChange);
        parts.set(to + DriftBuffers.KEY, keys);
        parts.set(to + DriftBuffers.VALUE_CHANGE, valueChange);
        parts.set(to + DriftBuffers.VALUE, values);
      }
    }
  }

  /**
   * Each cache's parts added up: one item for each cache and sum.
   *
   * @param capacity parts of a cache
   */
  static void driftSums(
      IntArray chunk, FloatArray parts, FloatArray sums, int items, int capacity, int kvHeads) {
    for (@Parallel int item = 0; item < items; item++) {
      int cache = item / DriftBuffers.COUNT;
      int which = item - cache * DriftBuffers.COUNT;
      int count = chunk.get(Chunk.COUNT) * kvHeads;
      float sum = 0;
      for (int part = 0; part < count; part++) {
        sum += parts.get((cache * capacity + part) * DriftBuffers.COUNT + which);
      }
      sums.set(item, sum);
    }
  }
}
