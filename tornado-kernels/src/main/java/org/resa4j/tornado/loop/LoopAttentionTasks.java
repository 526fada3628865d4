package org.resa4j.tornado.loop;

import java.util.List;
import org.resa4j.attention.AttentionShape;
import org.resa4j.engine.Device;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.KvType;
import org.resa4j.error.DeviceException;
import org.resa4j.error.Setting;
import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.AttentionTasks;
import org.resa4j.tornado.attention.CacheStorage;
import org.resa4j.tornado.attention.DriftBuffers;
import org.resa4j.tornado.attention.KernelGraph;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Attention in loop-parallel kernels: for CPUs, FPGAs and any OpenCL 1.2 device. Coarse items, a
 * whole head or run of blocks each, with inner loops over the head dimension that the device's
 * compiler can vectorise.
 */
public final class LoopAttentionTasks implements AttentionTasks {

  @Override
  public String name() {
    return "loop";
  }

  @Override
  public CacheStorage storage(KvType type) {
    if (type == KvType.F16) {
      throw new DeviceException(
          "the loop kernels hold the KV cache in fp32", List.of(Setting.KV_TYPE));
    }
    return CacheStorage.FLOAT;
  }

  @Override
  public void check(AttentionShape shape, int blockSize) {
    if (shape.headDim() > LoopEstimate.MAX_HEAD_DIM
        || shape.group() > LoopAttend.MAX_GROUP
        || shape.group() * shape.headDim() > LoopAttend.MAX_GROUP_VALUES
        || blockSize > LoopAttend.MAX_BLOCK) {
      throw new DeviceException(
          ("the loop kernels take head dimensions to %d, groups to %d, their product to %d and"
                  + " blocks to %d; asked for were d=%d, G=%d, b=%d")
              .formatted(
                  LoopEstimate.MAX_HEAD_DIM,
                  LoopAttend.MAX_GROUP,
                  LoopAttend.MAX_GROUP_VALUES,
                  LoopAttend.MAX_BLOCK,
                  shape.headDim(),
                  shape.group(),
                  blockSize));
    }
  }

  @Override
  public int stepSplits(
      AttentionShape shape, CacheStorage storage, EngineOptions options, Device device) {
    // Four items for each compute unit even out what they take.
    return Math.max(1, Math.ceilDiv(device.computeUnits() * 4, shape.kvHeads()));
  }

  @Override
  public int encodeSplits(
      AttentionShape shape, CacheStorage storage, EngineOptions options, Device device) {
    return 0;
  }

  @Override
  public int encodeTileRows(AttentionShape shape, CacheStorage storage, EngineOptions options) {
    return LoopEncode.tileTokens(shape.group()) * shape.group();
  }

  @Override
  public void receiveTables(KernelGraph graph, IntArray sent, AttentionBuffers buffers) {
    int items = sent.getSize();
    graph.add(
        TaskPackage.createPackage(
            graph.id("receiveTables"),
            LoopPages::receiveTables,
            sent,
            buffers.work().tables(),
            items),
        new WorkerGrid1D(items));
  }

  @Override
  public void copyPage(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    AttentionBuffers.Cache cache = buffers.cache();
    int items = (layout.pageTokens() + layout.pageBlocks()) * layout.shape().kvHeads();
    graph.add(
        TaskPackage.createPackage(
            graph.id("copyPage"),
            LoopPages::copyPage,
            buffers.work().chunk(),
            cache.keyFloat(),
            cache.valueFloat(),
            cache.blockMinFloat(),
            cache.blockMaxFloat(),
            items,
            layout.shape().kvHeads(),
            layout.shape().headDim(),
            layout.blockSize(),
            layout.pageBlocks(),
            layout.cacheBlocks()),
        coarse(items));
  }

  @Override
  public void append(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    AttentionBuffers.Cache cache = buffers.cache();
    AttentionBuffers.Workspace work = buffers.work();
    int items = layout.sequences() * layout.shape().kvHeads();
    graph.add(
        TaskPackage.createPackage(
            graph.id("append"),
            LoopAppend::append,
            work.rows(),
            work.tables(),
            work.newKey(),
            work.newValue(),
            cache.keyFloat(),
            cache.valueFloat(),
            cache.blockMinFloat(),
            cache.blockMaxFloat(),
            items,
            layout.shape().kvHeads(),
            layout.shape().headDim(),
            layout.blockSize(),
            layout.pageBlocks(),
            layout.cacheBlocks()),
        coarse(items));
  }

  @Override
  public void estimate(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    AttentionBuffers.Workspace work = buffers.work();
    int runs = Math.ceilDiv(layout.blockCapacity(), LoopEstimate.BLOCKS);
    int items = layout.sequences() * layout.shape().kvHeads() * runs;
    graph.add(
        TaskPackage.createPackage(
            graph.id("estimate"),
            LoopEstimate::estimate,
            work.rows(),
            work.tables(),
            work.query(),
            buffers.cache().blockMinFloat(),
            buffers.cache().blockMaxFloat(),
            work.scores(),
            items,
            layout.shape().kvHeads(),
            layout.shape().group(),
            layout.shape().headDim(),
            layout.blockSize(),
            layout.blockCapacity(),
            layout.pageBlocks(),
            layout.cacheBlocks(),
            runs),
        coarse(items));
  }

  @Override
  public void select(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    AttentionBuffers.Workspace work = buffers.work();
    int items = layout.sequences() * layout.shape().kvHeads();
    graph.add(
        TaskPackage.createPackage(
            graph.id("select"),
            LoopSelect::selectBlocks,
            work.rows(),
            work.scores(),
            work.selected(),
            items,
            layout.shape().kvHeads(),
            layout.blockSize(),
            layout.blockCapacity()),
        coarse(items));
  }

  @Override
  public void attend(KernelGraph graph, AttentionBuffers buffers) {
    attend(graph, buffers, false);
  }

  @Override
  public void attendDense(KernelGraph graph, AttentionBuffers buffers) {
    attend(graph, buffers, true);
  }

  private static void attend(KernelGraph graph, AttentionBuffers buffers, boolean dense) {
    AttentionLayout layout = buffers.layout();
    AttentionBuffers.Workspace work = buffers.work();
    AttentionShape shape = layout.shape();
    int items = layout.sequences() * shape.kvHeads() * layout.stepSplits();
    graph.add(
        TaskPackage.createPackage(
            graph.id("attend"),
            LoopAttend::attend,
            work.rows(),
            work.tables(),
            work.query(),
            buffers.cache().keyFloat(),
            buffers.cache().valueFloat(),
            work.selected(),
            work.partial(),
            work.partialSums(),
            dense ? 1 : 0,
            items,
            layout.stepSplits(),
            shape.kvHeads(),
            shape.group(),
            shape.headDim(),
            layout.blockSize(),
            layout.blockCapacity(),
            layout.pageBlocks(),
            layout.cacheBlocks()),
        coarse(items));
    int outputs = layout.sequences() * shape.heads();
    graph.add(
        TaskPackage.createPackage(
            graph.id("attendCombine"),
            LoopAttend::combine,
            work.rows(),
            work.partial(),
            work.partialSums(),
            work.output(),
            outputs,
            layout.stepSplits(),
            shape.heads(),
            shape.headDim()),
        coarse(outputs));
  }

  @Override
  public void encodeAppend(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    AttentionBuffers.Cache cache = buffers.cache();
    AttentionBuffers.Workspace work = buffers.work();
    int items = layout.encodeTokens() * layout.shape().kvHeads();
    graph.add(
        TaskPackage.createPackage(
            graph.id("encodeAppend"),
            LoopAppend::encodeAppend,
            work.chunk(),
            work.tables(),
            work.newKey(),
            work.newValue(),
            cache.keyFloat(),
            cache.valueFloat(),
            items,
            layout.shape().kvHeads(),
            layout.shape().headDim(),
            layout.pageTokens(),
            layout.cacheTokens()),
        coarse(items));
    int descriptors = layout.encodeBlocks() * layout.shape().kvHeads();
    graph.add(
        TaskPackage.createPackage(
            graph.id("encodeDescribe"),
            LoopAppend::encodeDescribe,
            work.chunk(),
            work.tables(),
            cache.keyFloat(),
            cache.blockMinFloat(),
            cache.blockMaxFloat(),
            descriptors,
            layout.shape().kvHeads(),
            layout.shape().headDim(),
            layout.blockSize(),
            layout.pageBlocks(),
            layout.cacheBlocks()),
        coarse(descriptors));
  }

  @Override
  public void encodeDrift(KernelGraph graph, AttentionBuffers buffers, DriftBuffers drift) {
    AttentionLayout layout = buffers.layout();
    AttentionBuffers.Workspace work = buffers.work();
    int items = layout.encodeTokens() * layout.shape().kvHeads();
    graph.add(
        TaskPackage.createPackage(
            graph.id("encodeDrift"),
            LoopDrift::encodeDrift,
            work.chunk(),
            work.tables(),
            work.newKey(),
            work.newValue(),
            buffers.cache().keyFloat(),
            buffers.cache().valueFloat(),
            drift.cache(),
            drift.parts(),
            items,
            layout.shape().kvHeads(),
            layout.shape().headDim(),
            layout.pageTokens(),
            layout.cacheTokens()),
        coarse(items));
  }

  @Override
  public void driftSums(KernelGraph graph, AttentionBuffers buffers, DriftBuffers drift) {
    AttentionLayout layout = buffers.layout();
    int items = drift.sums().getSize();
    graph.add(
        TaskPackage.createPackage(
            graph.id("driftSums"),
            LoopDrift::driftSums,
            buffers.work().chunk(),
            drift.parts(),
            drift.sums(),
            items,
            layout.encodeTokens() * layout.shape().kvHeads(),
            layout.shape().kvHeads()),
        coarse(items));
  }

  @Override
  public void encodeAttend(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    AttentionBuffers.Workspace work = buffers.work();
    AttentionShape shape = layout.shape();
    int items = layout.encodeTiles() * shape.kvHeads();
    graph.add(
        TaskPackage.createPackage(
            graph.id("encodeAttend"),
            LoopEncode::encodeAttend,
            work.chunk(),
            work.tables(),
            work.query(),
            buffers.cache().keyFloat(),
            buffers.cache().valueFloat(),
            work.output(),
            items,
            shape.kvHeads(),
            shape.group(),
            shape.headDim(),
            layout.pageTokens(),
            layout.cacheTokens()),
        coarse(items));
  }

  /** Each item a work-group of its own, so that a CPU's threads share them out. */
  private static WorkerGrid coarse(int items) {
    WorkerGrid grid = new WorkerGrid1D(items);
    grid.setLocalWork(1, 1, 1);
    return grid;
  }
}
