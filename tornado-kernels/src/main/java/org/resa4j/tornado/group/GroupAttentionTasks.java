package org.resa4j.tornado.group;

import org.resa4j.DeviceException;
import org.resa4j.engine.AttentionShape;
import org.resa4j.engine.Device;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.KvType;
import org.resa4j.tornado.AttentionBuffers;
import org.resa4j.tornado.AttentionLayout;
import org.resa4j.tornado.AttentionTasks;
import org.resa4j.tornado.CacheStorage;
import org.resa4j.tornado.KernelGraph;
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

  /** Work-groups of the tensor-core attend and estimate that a compute unit holds at once. */
  private static final int TENSOR_RESIDENT = 12;

  /** Tokens of a usual rectification; fewer splits would serve longer chunks. */
  private static final int RECTIFIED = 32;

  private final boolean tensorCores;
  private final int computeUnits;
  private final int selectItems;
  private final KernelContext context = new KernelContext();

  /**
   * @param device the device that the kernels will run on
   */
  public GroupAttentionTasks(Device device) {
    tensorCores = device.backend().equals("cuda");
    computeUnits = device.computeUnits();
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
    int resident = onTensorCores(shape, storage) ? TENSOR_RESIDENT : RESIDENT;
    return splits(device.computeUnits() * resident, options.sequences() * shape.kvHeads());
  }

  @Override
  public int encodeSplits(
      AttentionShape shape, CacheStorage storage, EngineOptions options, Device device) {
    int tokens = Math.min(options.encodeTokens(), RECTIFIED);
    return onTensorCores(shape, storage)
        ? splits(device.computeUnits(), shape.kvHeads() * TensorTiling.of(shape, tokens).tiles())
        : splits(device.computeUnits() * RESIDENT, shape.kvHeads() * tokens);
  }

  /** As many as fit at once: one work-group more would take as long again as all of them. */
  private static int splits(int resident, int others) {
    return Math.clamp(resident / others, 1, GroupCombine.MAX_SPLITS);
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
                work.newKey(),
                work.newValue(),
                cache.keyHalf(),
                cache.valueHalf(),
                cache.blockMinHalf(),
                cache.blockMaxHalf(),
                shape.kvHeads(),
                shape.headDim(),
                layout.blockSize(),
                layout.blockCapacity())
            : TaskPackage.createPackage(
                graph.id("append"),
                GroupAppend::appendFloat,
                context,
                work.rows(),
                work.newKey(),
                work.newValue(),
                cache.keyFloat(),
                cache.valueFloat(),
                cache.blockMinFloat(),
                cache.blockMaxFloat(),
                shape.kvHeads(),
                shape.headDim(),
                layout.blockSize(),
                layout.blockCapacity()),
        groups(layout.sequences() * shape.kvHeads(), shape.headDim()));
  }

  @Override
  public void estimate(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    AttentionShape shape = layout.shape();
    AttentionBuffers.Cache cache = buffers.cache();
    AttentionBuffers.Workspace work = buffers.work();
    if (onTensorCores(buffers)) {
      tensorEstimate(graph, buffers);
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
                work.query(),
                cache.blockMinHalf(),
                cache.blockMaxHalf(),
                work.scores(),
                runs,
                shape.kvHeads(),
                shape.group(),
                shape.headDim(),
                layout.blockSize(),
                layout.blockCapacity())
            : TaskPackage.createPackage(
                graph.id("estimate"),
                GroupEstimate::estimateFloat,
                context,
                work.rows(),
                work.query(),
                cache.blockMinFloat(),
                cache.blockMaxFloat(),
                work.scores(),
                runs,
                shape.kvHeads(),
                shape.group(),
                shape.headDim(),
                layout.blockSize(),
                layout.blockCapacity()),
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
                work.newKey(),
                work.newValue(),
                cache.keyHalf(),
                cache.valueHalf(),
                shape.kvHeads(),
                shape.headDim(),
                layout.contextPadded())
            : TaskPackage.createPackage(
                graph.id("encodeAppend"),
                GroupAppend::encodeAppendFloat,
                context,
                work.chunk(),
                work.newKey(),
                work.newValue(),
                cache.keyFloat(),
                cache.valueFloat(),
                shape.kvHeads(),
                shape.headDim(),
                layout.contextPadded()),
        groups(layout.encodeTokens() * shape.kvHeads(), shape.headDim()));
    // The first and the last of the touched blocks may be touched in part.
    int touched = Math.ceilDiv(layout.encodeTokens(), layout.blockSize()) + 1;
    graph.add(
        half(buffers)
            ? TaskPackage.createPackage(
                graph.id("encodeDescribe"),
                GroupAppend::encodeDescribeHalf,
                context,
                work.chunk(),
                cache.keyHalf(),
                cache.blockMinHalf(),
                cache.blockMaxHalf(),
                shape.kvHeads(),
                shape.headDim(),
                layout.blockSize(),
                layout.blockCapacity())
            : TaskPackage.createPackage(
                graph.id("encodeDescribe"),
                GroupAppend::encodeDescribeFloat,
                context,
                work.chunk(),
                cache.keyFloat(),
                cache.blockMinFloat(),
                cache.blockMaxFloat(),
                shape.kvHeads(),
                shape.headDim(),
                layout.blockSize(),
                layout.blockCapacity()),
        groups(touched * shape.kvHeads(), shape.headDim()));
  }

  @Override
  public void encodeAttend(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    IntArray chunk = buffers.work().chunk();
    if (onTensorCores(buffers)) {
      tensorEncode(graph, buffers);
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

  private void tensorEstimate(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    AttentionShape shape = layout.shape();
    AttentionBuffers.Cache cache = buffers.cache();
    AttentionBuffers.Workspace work = buffers.work();
    int rowHeads = layout.sequences() * shape.kvHeads();
    int tiles = Math.ceilDiv(layout.blockCapacity(), TensorEstimate.BLOCKS);
    int runs = Math.clamp(computeUnits * TENSOR_RESIDENT / rowHeads, 1, tiles);
    graph.add(
        TaskPackage.createPackage(
            graph.id("estimate"),
            TensorEstimate::estimate,
            context,
            work.rows(),
            work.query(),
            cache.blockMinHalf(),
            cache.blockMaxHalf(),
            work.scores(),
            runs,
            shape.kvHeads(),
            shape.group(),
            shape.headDim(),
            layout.blockSize(),
            layout.blockCapacity()),
        groups(rowHeads * runs, TensorTile.WARP));
  }

  private void tensorAttend(
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
            layout.blockCapacity()),
        groups(count * shape.kvHeads() * splits, TensorTile.WARP));
  }

  private void tensorEncode(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    AttentionShape shape = layout.shape();
    AttentionBuffers.Workspace work = buffers.work();
    TensorTiling tiling = TensorTiling.of(shape, layout.encodeTokens());
    graph.add(
        TaskPackage.createPackage(
            graph.id("encodeAttend"),
            TensorEncode::encode,
            context,
            work.chunk(),
            work.query(),
            buffers.cache().keyHalf(),
            buffers.cache().valueHalf(),
            work.partial(),
            work.partialSums(),
            tiling.warps(),
            tiling.tiles(),
            layout.encodeSplits(),
            shape.kvHeads(),
            shape.group(),
            shape.headDim(),
            layout.contextPadded()),
        groups(
            shape.kvHeads() * layout.encodeSplits() * tiling.tiles(),
            tiling.warps() * TensorTile.WARP));
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
      tensorAttend(graph, buffers, id, rows, mode, count, splits);
      return;
    }
    graph.add(
        half(buffers)
            ? TaskPackage.createPackage(
                graph.id(id),
                GroupAttend::attendHalf,
                context,
                rows,
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
                layout.blockCapacity())
            : TaskPackage.createPackage(
                graph.id(id),
                GroupAttend::attendFloat,
                context,
                rows,
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
                layout.blockCapacity()),
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

  /** Whether tensor cores take the shape: steps of 16 values. */
  private boolean onTensorCores(AttentionBuffers buffers) {
    return onTensorCores(buffers.layout().shape(), buffers.layout().storage());
  }

  private boolean onTensorCores(AttentionShape shape, CacheStorage storage) {
    return tensorCores && storage == CacheStorage.HALF && TensorTiling.takes(shape);
  }

  private static WorkerGrid groups(int groups, int items) {
    WorkerGrid grid = new WorkerGrid1D(Math.multiplyExact(groups, items));
    grid.setLocalWork(items, 1, 1);
    return grid;
  }
}
