package org.resa4j.tornado.group;

import org.resa4j.attention.AttentionShape;
import org.resa4j.engine.Device;
import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.CacheStorage;
import org.resa4j.tornado.attention.KernelGraph;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Adds the stages that run on tensor cores: CUDA backend, fp16 cache. */
final class TensorTasks {
  /** Work-groups of attend and estimate that a compute unit holds at once. */
  private static final int RESIDENT = 12;

  private final boolean present;
  private final int computeUnits;
  private final KernelContext context;

  TensorTasks(Device device, KernelContext context) {
    this.context = context;
    present = device.backend().equals("cuda");
    computeUnits = device.computeUnits();
  }

  /** Whether there are tensor cores and kernels on them for the shape. */
  boolean takes(AttentionShape shape, CacheStorage storage) {
    return present && storage == CacheStorage.HALF && TensorTiling.takes(shape);
  }

  int stepSplits(int rowHeads) {
    return GroupAttentionTasks.splits(computeUnits * RESIDENT, rowHeads);
  }

  /** One work-group of encode fits on a compute unit. */
  int encodeSplits(AttentionShape shape, int tokens) {
    int tiles = TensorTiling.of(shape, tokens).tiles();
    return GroupAttentionTasks.splits(computeUnits, shape.kvHeads() * tiles);
  }

  int encodeTileRows(AttentionShape shape, int tokens) {
    return TensorTiling.of(shape, tokens).warps() * TensorEncode.WARP_ROWS;
  }

  void estimate(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    AttentionShape shape = layout.shape();
    AttentionBuffers.Cache cache = buffers.cache();
    AttentionBuffers.Workspace work = buffers.work();
    int rowHeads = layout.sequences() * shape.kvHeads();
    int tiles = Math.ceilDiv(layout.blockCapacity(), TensorEstimate.BLOCKS);
    int runs = Math.clamp(computeUnits * RESIDENT / rowHeads, 1, tiles);
    graph.add(
        TaskPackage.createPackage(
            graph.id("estimate"),
            TensorEstimate::estimate,
            context,
            work.rows(),
            work.tables(),
            work.query(),
            cache.blockMinHalf(),
            cache.blockMaxHalf(),
            work.scores(),
            runs,
            shape.kvHeads(),
            shape.group(),
            shape.headDim(),
            layout.blockSize(),
            layout.blockCapacity(),
            layout.pageBlocks(),
            layout.cacheBlocks()),
        GroupAttentionTasks.groups(rowHeads * runs, TensorTile.WARP));
  }

  void attend(
      KernelGraph graph,
      AttentionBuffers buffers,
      String id,
      IntArray rows,
      int mode,
      int count,
      int splits) {
    AttentionLayout layout = buffers.layout();
    AttentionShape shape = layout.shape();
    AttentionBuffers.Cache cache = buffers.cache();
    AttentionBuffers.Workspace work = buffers.work();
    graph.add(
        TaskPackage.createPackage(
            graph.id(id),
            TensorAttend::attend,
            context,
            rows,
            work.tables(),
            work.query(),
            cache.keyHalf(),
            cache.valueHalf(),
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
        GroupAttentionTasks.groups(count * shape.kvHeads() * splits, TensorTile.WARP));
  }

  void encode(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    AttentionShape shape = layout.shape();
    AttentionBuffers.Workspace work = buffers.work();
    int warps = layout.encodeTileRows() / TensorEncode.WARP_ROWS;
    int tiles = layout.encodeTiles();
    graph.add(
        TaskPackage.createPackage(
            graph.id("encodeAttend"),
            TensorEncode::encode,
            context,
            work.chunk(),
            work.tables(),
            work.query(),
            buffers.cache().keyHalf(),
            buffers.cache().valueHalf(),
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
        GroupAttentionTasks.groups(
            shape.kvHeads() * layout.encodeSplits() * tiles, warps * TensorTile.WARP));
  }
}
