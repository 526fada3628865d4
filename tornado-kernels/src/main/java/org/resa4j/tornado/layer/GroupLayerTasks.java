package org.resa4j.tornado.layer;

import org.resa4j.model.ModelConfig;
import org.resa4j.tornado.attention.KernelGraph;
import org.resa4j.tornado.group.TensorTile;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Kernels of work-groups with local memory: for GPUs. */
final class GroupLayerTasks extends LayerTasks {
  /** From so many rows on, weights are shared by tiles of rows. */
  private static final int MANY_ROWS = 16;

  /** Work-items of a work-group where each works alone. */
  private static final int ITEMS = 128;

  private final KernelContext context = new KernelContext();

  GroupLayerTasks(ModelConfig config, Activations act, IntArray active, int count, int rows) {
    super(config, act, active, count, rows);
  }

  @Override
  void receive(KernelGraph graph, String id, IntArray sent, IntArray resident) {
    int items = sent.getSize();
    graph.add(
        TaskPackage.createPackage(
            graph.id(id), GroupLayerKernels::receiveInts, context, sent, resident, items),
        itemsOf(items));
  }

  @Override
  void receive(KernelGraph graph, String id, FloatArray sent, FloatArray resident) {
    int items = sent.getSize();
    graph.add(
        TaskPackage.createPackage(
            graph.id(id), GroupLayerKernels::receiveFloats, context, sent, resident, items),
        itemsOf(items));
  }

  @Override
  public void embed(KernelGraph graph, IntArray tokens, Weights embedding) {
    int items = rows * config.hidden();
    graph.add(
        embedding.half()
            ? TaskPackage.createPackage(
                graph.id("embed"),
                GroupLayerKernels::embedHalf,
                context,
                active,
                count,
                tokens,
                embedding.halfs(),
                act.x(),
                items,
                config.hidden())
            : TaskPackage.createPackage(
                graph.id("embed"),
                GroupLayerKernels::embed,
                context,
                active,
                count,
                tokens,
                embedding.floats(),
                act.x(),
                items,
                config.hidden()),
        itemsOf(items));
  }

  @Override
  void rotate(
      KernelGraph graph,
      LayerArrays weights,
      int kvHeads,
      FloatArray query,
      FloatArray newKey,
      FloatArray newValue) {
    int heads = config.attention().heads();
    int items = rows * (heads + 2 * kvHeads);
    graph.add(
        TaskPackage.createPackage(
            graph.id("rotate"),
            GroupLayerKernels::rotateHeads,
            context,
            active,
            count,
            act.qkv(),
            act.angles(),
            weights.vectors(),
            weights.biasOffset(),
            weights.headNormOffset(),
            query,
            newKey,
            newValue,
            heads,
            kvHeads,
            config.attention().headDim(),
            config.rmsEpsilon()),
        groupsOf(items, GroupLayerKernels.HEAD_ITEMS));
  }

  @Override
  void addBias(
      KernelGraph graph, String id, FloatArray x, FloatArray vectors, int offset, int width) {
    int items = rows * width;
    graph.add(
        TaskPackage.createPackage(
            graph.id(id),
            GroupLayerKernels::addBias,
            context,
            active,
            count,
            x,
            vectors,
            offset,
            items,
            width),
        itemsOf(items));
  }

  @Override
  void swiGlu(KernelGraph graph) {
    int items = rows * config.intermediate();
    graph.add(
        TaskPackage.createPackage(
            graph.id("swiGlu"),
            GroupLayerKernels::swiGlu,
            context,
            active,
            count,
            act.gateUp(),
            act.gated(),
            items,
            config.intermediate()),
        itemsOf(items));
  }

  @Override
  void norm(KernelGraph graph, String id, FloatArray weights, int offset) {
    groupNorm(graph, id, weights, offset, 0);
  }

  @Override
  void chunkNorm(KernelGraph graph, FloatArray finalNorm) {
    groupNorm(graph, "finalNorm", finalNorm, 0, 1);
  }

  @Override
  void argmax(KernelGraph graph, IntArray chosen) {
    int items = rows * ARGMAX_PARTS;
    graph.add(
        TaskPackage.createPackage(
            graph.id("argmaxParts"),
            GroupLayerKernels::argmaxParts,
            context,
            active,
            count,
            act.logits(),
            act.best(),
            items,
            ARGMAX_PARTS,
            config.vocabulary()),
        itemsOf(items));
    graph.add(
        TaskPackage.createPackage(
            graph.id("argmax"),
            GroupLayerKernels::argmax,
            context,
            active,
            count,
            act.logits(),
            act.best(),
            chosen,
            ARGMAX_PARTS,
            config.vocabulary()),
        groupsOf(rows, ARGMAX_PARTS));
  }

  @Override
  void linear(
      KernelGraph graph,
      String id,
      FloatArray input,
      Weights weights,
      FloatArray output,
      boolean add) {
    int adds = add ? 1 : 0;
    int inputs = weights.inputs();
    int outputs = weights.outputs();
    if (act.half().isPresent() && weights.half() && inputs % TensorLinearKernels.INPUTS == 0) {
      tensorLinear(graph, id, input, weights, output, adds);
    } else if (rows >= MANY_ROWS) {
      int tiles = Math.ceilDiv(outputs, TiledLinearKernels.TILE);
      graph.add(
          weights.half()
              ? TaskPackage.createPackage(
                  graph.id(id),
                  TiledLinearKernels::multiplyHalf,
                  context,
                  active,
                  count,
                  input,
                  weights.halfs(),
                  output,
                  adds,
                  inputs,
                  outputs,
                  tiles)
              : TaskPackage.createPackage(
                  graph.id(id),
                  TiledLinearKernels::multiply,
                  context,
                  active,
                  count,
                  input,
                  weights.floats(),
                  output,
                  adds,
                  inputs,
                  outputs,
                  tiles),
          groupsOf(tiles * Math.ceilDiv(rows, TiledLinearKernels.TILE), TiledLinearKernels.ITEMS));
    } else {
      graph.add(
          weights.half()
              ? TaskPackage.createPackage(
                  graph.id(id),
                  GroupLinearKernels::linearHalf,
                  context,
                  active,
                  count,
                  input,
                  weights.halfs(),
                  output,
                  adds,
                  inputs,
                  outputs)
              : TaskPackage.createPackage(
                  graph.id(id),
                  GroupLinearKernels::linear,
                  context,
                  active,
                  count,
                  input,
                  weights.floats(),
                  output,
                  adds,
                  inputs,
                  outputs),
          groupsOf(Math.ceilDiv(outputs, GroupLinearKernels.OUTPUTS), GroupLinearKernels.ITEMS));
    }
  }

  private void tensorLinear(
      KernelGraph graph,
      String id,
      FloatArray input,
      Weights weights,
      FloatArray output,
      int adds) {
    int inputs = weights.inputs();
    int outputs = weights.outputs();
    int rowTiles = TensorLinearKernels.rowTiles(rows);
    int rowGroups = Math.ceilDiv(rows, rowTiles * TensorLinearKernels.ROWS);
    int tiles = Math.ceilDiv(outputs, TensorLinearKernels.OUTPUTS) * rowGroups;
    int splits = act.splits(tiles, rows, inputs, outputs);
    HalfFloatArray half = act.half().get();
    graph.add(
        TaskPackage.createPackage(
            graph.id(id + "Input"),
            TensorLinearKernels::toHalf,
            context,
            active,
            count,
            input,
            half,
            inputs),
        itemsOf(rows * inputs));
    graph.add(
        TaskPackage.createPackage(
            graph.id(id),
            TensorLinearKernels::linear,
            context,
            active,
            count,
            half,
            weights.halfs(),
            output,
            act.splitSums().get(),
            adds,
            inputs,
            outputs,
            rows,
            rowTiles,
            rowGroups,
            splits),
        groupsOf(tiles * splits, TensorLinearKernels.WARPS * TensorTile.WARP));
    if (splits > 1) {
      graph.add(
          TaskPackage.createPackage(
              graph.id(id + "Splits"),
              TensorLinearKernels::addSplits,
              context,
              active,
              count,
              act.splitSums().get(),
              output,
              adds,
              outputs,
              rows,
              splits),
          itemsOf(rows * outputs));
    }
  }

  private void groupNorm(
      KernelGraph graph, String id, FloatArray weights, int offset, int ofChunk) {
    graph.add(
        TaskPackage.createPackage(
            graph.id(id),
            GroupLinearKernels::rmsNorm,
            context,
            active,
            count,
            act.x(),
            weights,
            offset,
            act.normed(),
            ofChunk,
            config.hidden(),
            config.rmsEpsilon()),
        groupsOf(rows, GroupLinearKernels.ITEMS));
  }

  private static WorkerGrid groupsOf(int count, int items) {
    WorkerGrid grid = new WorkerGrid1D(count * items);
    grid.setLocalWork(items, 1, 1);
    return grid;
  }

  /** One item for each, and as many more as fill the last work-group. */
  private static WorkerGrid itemsOf(int items) {
    return groupsOf(Math.ceilDiv(items, ITEMS), ITEMS);
  }
}
