package org.resa4j.tornado.layer;

import org.resa4j.model.ModelConfig;
import org.resa4j.tornado.attention.KernelGraph;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Loop-parallel kernels: for any device. */
final class LoopLayerTasks extends LayerTasks {
  LoopLayerTasks(ModelConfig config, Activations act, IntArray active, int count, int rows) {
    super(config, act, active, count, rows);
  }

  @Override
  void receive(KernelGraph graph, String id, IntArray sent, IntArray resident) {
    int items = sent.getSize();
    graph.add(
        TaskPackage.createPackage(graph.id(id), LayerKernels::receiveInts, sent, resident, items),
        fine(items));
  }

  @Override
  void receive(KernelGraph graph, String id, FloatArray sent, FloatArray resident) {
    int items = sent.getSize();
    graph.add(
        TaskPackage.createPackage(graph.id(id), LayerKernels::receiveFloats, sent, resident, items),
        fine(items));
  }

  @Override
  public void embed(KernelGraph graph, IntArray tokens, Weights embedding) {
    int items = rows * config.hidden();
    graph.add(
        embedding.half()
            ? TaskPackage.createPackage(
                graph.id("embed"),
                LayerKernels::embedHalf,
                active,
                count,
                tokens,
                embedding.halfs(),
                act.x(),
                items,
                config.hidden())
            : TaskPackage.createPackage(
                graph.id("embed"),
                LayerKernels::embed,
                active,
                count,
                tokens,
                embedding.floats(),
                act.x(),
                items,
                config.hidden()),
        fine(items));
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
            LayerKernels::rotateHeads,
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
            items,
            heads,
            kvHeads,
            config.attention().headDim(),
            config.rmsEpsilon()),
        coarse(items));
  }

  @Override
  void addBias(
      KernelGraph graph, String id, FloatArray x, FloatArray vectors, int offset, int width) {
    int items = rows * width;
    graph.add(
        TaskPackage.createPackage(
            graph.id(id), LayerKernels::addBias, active, count, x, vectors, offset, items, width),
        fine(items));
  }

  @Override
  void swiGlu(KernelGraph graph) {
    int items = rows * config.intermediate();
    graph.add(
        TaskPackage.createPackage(
            graph.id("swiGlu"),
            LinearKernels::swiGlu,
            active,
            count,
            act.gateUp(),
            act.gated(),
            items,
            config.intermediate()),
        fine(items));
  }

  @Override
  void norm(KernelGraph graph, String id, FloatArray weights, int offset) {
    graph.add(
        TaskPackage.createPackage(
            graph.id(id),
            LayerKernels::rmsNorm,
            active,
            count,
            act.x(),
            weights,
            offset,
            act.normed(),
            rows,
            config.hidden(),
            config.rmsEpsilon()),
        coarse(rows));
  }

  @Override
  void chunkNorm(KernelGraph graph, FloatArray finalNorm) {
    graph.add(
        TaskPackage.createPackage(
            graph.id("finalNorm"),
            LayerKernels::chunkRmsNorm,
            active,
            count,
            act.x(),
            finalNorm,
            act.normed(),
            rows,
            config.hidden(),
            config.rmsEpsilon()),
        coarse(rows));
  }

  @Override
  void argmax(KernelGraph graph, IntArray chosen) {
    int items = rows * ARGMAX_PARTS;
    graph.add(
        TaskPackage.createPackage(
            graph.id("argmaxParts"),
            LayerKernels::argmaxParts,
            active,
            count,
            act.logits(),
            act.best(),
            items,
            ARGMAX_PARTS,
            config.vocabulary()),
        coarse(items));
    graph.add(
        TaskPackage.createPackage(
            graph.id("argmax"),
            LayerKernels::argmax,
            active,
            count,
            act.logits(),
            act.best(),
            chosen,
            rows,
            ARGMAX_PARTS,
            config.vocabulary()),
        coarse(rows));
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
    if (weights.half()) {
      graph.add(
          TaskPackage.createPackage(
              graph.id(id),
              HalfLinearKernels::linear,
              active,
              count,
              input,
              weights.halfs(),
              output,
              adds,
              inputs,
              outputs),
          coarse(outputs));
    } else if (rows >= 4) {
      graph.add(
          TaskPackage.createPackage(
              graph.id(id),
              LinearKernels::linearRows,
              active,
              count,
              input,
              weights.floats(),
              output,
              adds,
              inputs,
              outputs),
          coarse(outputs));
    } else {
      graph.add(
          TaskPackage.createPackage(
              graph.id(id),
              LinearKernels::linear,
              active,
              count,
              input,
              weights.floats(),
              output,
              adds,
              inputs,
              outputs),
          coarse(outputs));
    }
  }

  /** Each item a work-group of its own, so that a CPU's threads share them out. */
  private static WorkerGrid coarse(int items) {
    WorkerGrid grid = new WorkerGrid1D(items);
    grid.setLocalWork(1, 1, 1);
    return grid;
  }

  /** Small items, grouped as the device's driver likes. */
  private static WorkerGrid fine(int items) {
    return new WorkerGrid1D(items);
  }
}
