package org.resa4j.tornado.group;

import org.resa4j.attention.AttentionShape;
import org.resa4j.engine.Device;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.KvType;
import org.resa4j.error.DeviceException;
import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.AttentionTasks;
import org.resa4j.tornado.attention.CacheStorage;
import org.resa4j.tornado.attention.DriftBuffers;
import org.resa4j.tornado.attention.KernelGraph;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Attention in kernels of work-groups with local memory: for GPUs. On the CUDA backend with an fp16
 * cache, estimate, attend and encode run on tensor cores.
 */
public final class GroupAttentionTasks implements AttentionTasks {
  /** Work-groups of attend that a compute unit holds at once. */
  private static final int RESIDENT = 4;

  /** Tokens of a usual rectification; fewer splits would serve longer chunks. */
  private static final int RECTIFIED = 32;

  private final int selectItems;
  private final KernelContext context = new KernelContext();
  private final TensorTasks tensor;

  /**
   * @param device the device that the kernels will run on
   */
  public GroupAttentionTasks(Device device) {
    tensor = new TensorTasks(device, context);
    selectItems = device.kind() == Device.Kind.GPU ? 512 : 256;
  }

  @Override
  public String name() {
    return "group";
  }

  @Override
  public void check(AttentionShape shape, int blockSize) {
    if (shape.headDim() > GroupAttend.MAX_HEAD_DIM || shape.group() > GroupAttend.MAX_GROUP) {
      throw new DeviceException(
          "the group kernels take head dimensions to %d and groups to %d; asked for were d=%d, G=%d"
              .formatted(
                  GroupAttend.MAX_HEAD_DIM, GroupAttend.MAX_GROUP, shape.headDim(), shape.group()));
    }
  }

  @Override
  public CacheStorage storage(KvType type) {
    return type == KvType.F16 ? CacheStorage.HALF : CacheStorage.FLOAT;
  }

  @Override
  public int stepSplits(
      AttentionShape shape, CacheStorage storage, EngineOptions options, Device device) {
    int rowHeads = options.sequences() * shape.kvHeads();
    return tensor.takes(shape, storage)
        ? tensor.stepSplits(rowHeads)
        : splits(device.computeUnits() * RESIDENT, rowHeads);
  }

  @Override
  public int encodeSplits(
      AttentionShape shape, CacheStorage storage, EngineOptions options, Device device) {
    int tokens = Math.min(options.encodeTokens(), RECTIFIED);
    return tensor.takes(shape, storage)
        ? tensor.encodeSplits(shape, tokens)
        : splits(device.computeUnits() * RESIDENT, shape.kvHeads() * tokens);
  }

  /** As many as fit at once: one work-group more would take as long again as all of them. */
  static int splits(int resident, int others) {
    return Math.clamp(resident / others, 1, GroupCombine.MAX_SPLITS);
  }

  @Override
  public int encodeTileRows(AttentionShape shape, CacheStorage storage, EngineOptions options) {
    return tensor.takes(shape, storage)
        ? tensor.encodeTileRows(shape, options.encodeTokens())
        : Math.multiplyExact(options.encodeTokens(), shape.group());
  }

  @Override
  public void receiveTables(KernelGraph graph, IntArray sent, AttentionBuffers buffers) {
    int items = sent.getSize();
    graph.add(
        TaskPackage.createPackage(
            graph.id("receiveTables"),
            GroupPages::receiveTables,
            context,
            sent,
            buffers.work().tables(),
            items),
        groups(Math.ceilDiv(items, GroupPages.ITEMS), GroupPages.ITEMS));
  }

  @Override
  public void copyPage(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    AttentionShape shape = layout.shape();
    AttentionBuffers.Cache cache = buffers.cache();
    graph.add(
        half(buffers)
            ? TaskPackage.createPackage(
                graph.id("copyPage"),
                GroupPages::copyPageHalf,
                context,
                buffers.work().chunk(),
                cache.keyHalf(),
                cache.valueHalf(),
                cache.blockMinHalf(),
                cache.blockMaxHalf(),
                shape.kvHeads(),
                shape.headDim(),
                layout.blockSize(),
                layout.pageBlocks(),
                layout.cacheBlocks())
            : TaskPackage.createPackage(
                graph.id("copyPage"),
                GroupPages::copyPageFloat,
                context,
                buffers.work().chunk(),
                cache.keyFloat(),
                cache.valueFloat(),
                cache.blockMinFloat(),
                cache.blockMaxFloat(),
                shape.kvHeads(),
                shape.headDim(),
                layout.blockSize(),
                layout.pageBlocks(),
                layout.cacheBlocks()),
        groups((layout.pageTokens() + layout.pageBlocks()) * shape.kvHeads(), shape.headDim()));
  }

  @Override
  public void append(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    AttentionShape shape = layout.shape();
    AttentionBuffers.Cache cache = buffers.cache();
    AttentionBuffers.Workspace work = buffers.work();
    graph.add(
        half(buffers)
            ? TaskPackage.createPackage(
                graph.id("append"),
                GroupAppend::appendHalf,
                context,
                work.rows(),
                work.tables(),
                work.newKey(),
                work.newValue(),
                cache.keyHalf(),
                cache.valueHalf(),
                cache.blockMinHalf(),
                cache.blockMaxHalf(),
                shape.kvHeads(),
                shape.headDim(),
                layout.blockSize(),
                layout.pageBlocks(),
                layout.cacheBlocks())
            : TaskPackage.createPackage(
                graph.id("append"),
                GroupAppend::appendFloat,
                context,
                work.rows(),
                work.tables(),
                work.newKey(),
                work.newValue(),
                cache.keyFloat(),
                cache.valueFloat(),
                cache.blockMinFloat(),
                cache.blockMaxFloat(),
                shape.kvHeads(),
                shape.headDim(),
                layout.blockSize(),
                layout.pageBlocks(),
                layout.cacheBlocks()),
        groups(layout.sequences() * shape.kvHeads(), shape.headDim()));
  }

  @Override
  public void estimate(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    AttentionShape shape = layout.shape();
    AttentionBuffers.Cache cache = buffers.cache();
    AttentionBuffers.Workspace work = buffers.work();
    if (onTensorCores(buffers)) {
      tensor.estimate(graph, buffers);
      return;
    }
    int runs = Math.ceilDiv(layout.blockCapacity(), GroupEstimate.BLOCKS);
    graph.add(
        half(buffers)
            ? TaskPackage.createPackage(
                graph.id("estimate"),
                GroupEstimate::estimateHalf,
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
                layout.cacheBlocks())
            : TaskPackage.createPackage(
                graph.id("estimate"),
                GroupEstimate::estimateFloat,
                context,
                work.rows(),
                work.tables(),
                work.query(),
                cache.blockMinFloat(),
                cache.blockMaxFloat(),
                work.scores(),
                runs,
                shape.kvHeads(),
                shape.group(),
                shape.headDim(),
                layout.blockSize(),
                layout.blockCapacity(),
                layout.pageBlocks(),
                layout.cacheBlocks()),
        groups(layout.sequences() * shape.kvHeads() * runs, GroupEstimate.ITEMS));
  }

  @Override
  public void select(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    AttentionShape shape = layout.shape();
    AttentionBuffers.Workspace work = buffers.work();
    graph.add(
        TaskPackage.createPackage(
            graph.id("select"),
            GroupSelect::selectBlocks,
            context,
            work.rows(),
            work.scores(),
            work.selected(),
            selectItems,
            shape.kvHeads(),
            layout.blockSize(),
            layout.blockCapacity()),
        groups(layout.sequences() * shape.kvHeads(), selectItems));
  }

  @Override
  public void attend(KernelGraph graph, AttentionBuffers buffers) {
    attend(
        graph,
        buffers,
        "attend",
        buffers.work().rows(),
        GroupAttend.SELECTED,
        buffers.layout().sequences(),
        buffers.layout().stepSplits());
    combine(
        graph,
        buffers,
        "attendCombine",
        buffers.work().rows(),
        GroupAttend.SELECTED,
        buffers.layout().sequences(),
        buffers.layout().stepSplits());
  }

  @Override
  public void attendDense(KernelGraph graph, AttentionBuffers buffers) {
    attend(
        graph,
        buffers,
        "attend",
        buffers.work().rows(),
        GroupAttend.DENSE,
        buffers.layout().sequences(),
        buffers.layout().stepSplits());
    combine(
        graph,
        buffers,
        "attendCombine",
        buffers.work().rows(),
        GroupAttend.DENSE,
        buffers.layout().sequences(),
        buffers.layout().stepSplits());
  }

  @Override
  public void encodeAppend(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    AttentionShape shape = layout.shape();
    AttentionBuffers.Cache cache = buffers.cache();
    AttentionBuffers.Workspace work = buffers.work();
    graph.add(
        half(buffers)
            ? TaskPackage.createPackage(
                graph.id("encodeAppend"),
                GroupAppend::encodeAppendHalf,
                context,
                work.chunk(),
                work.tables(),
                work.newKey(),
                work.newValue(),
                cache.keyHalf(),
                cache.valueHalf(),
                shape.kvHeads(),
                shape.headDim(),
                layout.pageTokens(),
                layout.cacheTokens())
            : TaskPackage.createPackage(
                graph.id("encodeAppend"),
                GroupAppend::encodeAppendFloat,
                context,
                work.chunk(),
                work.tables(),
                work.newKey(),
                work.newValue(),
                cache.keyFloat(),
                cache.valueFloat(),
                shape.kvHeads(),
                shape.headDim(),
                layout.pageTokens(),
                layout.cacheTokens()),
        groups(layout.encodeTokens() * shape.kvHeads(), shape.headDim()));
    graph.add(
        half(buffers)
            ? TaskPackage.createPackage(
                graph.id("encodeDescribe"),
                GroupAppend::encodeDescribeHalf,
                context,
                work.chunk(),
                work.tables(),
                cache.keyHalf(),
                cache.blockMinHalf(),
                cache.blockMaxHalf(),
                shape.kvHeads(),
                shape.headDim(),
                layout.blockSize(),
                layout.pageBlocks(),
                layout.cacheBlocks())
            : TaskPackage.createPackage(
                graph.id("encodeDescribe"),
                GroupAppend::encodeDescribeFloat,
                context,
                work.chunk(),
                work.tables(),
                cache.keyFloat(),
                cache.blockMinFloat(),
                cache.blockMaxFloat(),
                shape.kvHeads(),
                shape.headDim(),
                layout.blockSize(),
                layout.pageBlocks(),
                layout.cacheBlocks()),
        groups(layout.encodeBlocks() * shape.kvHeads(), shape.headDim()));
  }

  @Override
  public void encodeDrift(KernelGraph graph, AttentionBuffers buffers, DriftBuffers drift) {
    AttentionLayout layout = buffers.layout();
    AttentionShape shape = layout.shape();
    AttentionBuffers.Cache cache = buffers.cache();
    AttentionBuffers.Workspace work = buffers.work();
    int tokenHeads = layout.encodeTokens() * shape.kvHeads();
    graph.add(
        half(buffers)
            ? TaskPackage.createPackage(
                graph.id("encodeDrift"),
                GroupDrift::encodeDriftHalf,
                context,
                work.chunk(),
                work.tables(),
                work.newKey(),
                work.newValue(),
                cache.keyHalf(),
                cache.valueHalf(),
                drift.cache(),
                drift.parts(),
                tokenHeads,
                shape.kvHeads(),
                shape.headDim(),
                layout.pageTokens(),
                layout.cacheTokens())
            : TaskPackage.createPackage(
                graph.id("encodeDrift"),
                GroupDrift::encodeDriftFloat,
                context,
                work.chunk(),
                work.tables(),
                work.newKey(),
                work.newValue(),
                cache.keyFloat(),
                cache.valueFloat(),
                drift.cache(),
                drift.parts(),
                tokenHeads,
                shape.kvHeads(),
                shape.headDim(),
                layout.pageTokens(),
                layout.cacheTokens()),
        groups(tokenHeads, shape.headDim()));
  }

  @Override
  public void driftSums(KernelGraph graph, AttentionBuffers buffers, DriftBuffers drift) {
    AttentionLayout layout = buffers.layout();
    int kvHeads = layout.shape().kvHeads();
    graph.add(
        TaskPackage.createPackage(
            graph.id("driftSums"),
            GroupDrift::driftSums,
            context,
            buffers.work().chunk(),
            drift.parts(),
            drift.sums(),
            layout.encodeTokens() * kvHeads,
            kvHeads),
        groups(drift.sums().getSize(), GroupDrift.ITEMS));
  }

  @Override
  public void encodeAttend(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    IntArray chunk = buffers.work().chunk();
    if (onTensorCores(buffers)) {
      tensor.encode(graph, buffers);
    } else {
      attend(
          graph,
          buffers,
          "encodeAttend",
          chunk,
          GroupAttend.CAUSAL,
          layout.encodeTokens(),
          layout.encodeSplits());
    }
    combine(
        graph,
        buffers,
        "encodeCombine",
        chunk,
        GroupAttend.CAUSAL,
        layout.encodeTokens(),
        layout.encodeSplits());
  }

  private void attend(
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
    if (onTensorCores(buffers)) {
      tensor.attend(graph, buffers, id, rows, mode, count, splits);
      return;
    }
    graph.add(
        half(buffers)
            ? TaskPackage.createPackage(
                graph.id(id),
                GroupAttend::attendHalf,
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
                layout.cacheTokens())
            : TaskPackage.createPackage(
                graph.id(id),
                GroupAttend::attendFloat,
                context,
                rows,
                work.tables(),
                work.query(),
                cache.keyFloat(),
                cache.valueFloat(),
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
        groups(count * shape.kvHeads() * splits, GroupAttend.ITEMS));
  }

  private void combine(
      KernelGraph graph,
      AttentionBuffers buffers,
      String id,
      IntArray rows,
      int mode,
      int count,
      int splits) {
    AttentionShape shape = buffers.layout().shape();
    AttentionBuffers.Workspace work = buffers.work();
    graph.add(
        TaskPackage.createPackage(
            graph.id(id),
            GroupCombine::combine,
            context,
            rows,
            work.partial(),
            work.partialSums(),
            work.output(),
            mode,
            splits,
            shape.heads(),
            shape.headDim()),
        groups(count * shape.heads(), shape.headDim()));
  }

  private static boolean half(AttentionBuffers buffers) {
    return buffers.layout().storage() == CacheStorage.HALF;
  }

  private boolean onTensorCores(AttentionBuffers buffers) {
    return tensor.takes(buffers.layout().shape(), buffers.layout().storage());
  }

  static WorkerGrid groups(int groups, int items) {
    WorkerGrid grid = new WorkerGrid1D(Math.multiplyExact(groups, items));
    grid.setLocalWork(items, 1, 1);
    return grid;
  }
}
