package org.resa4j.tornado.layer;

import org.resa4j.model.ModelConfig;
import org.resa4j.tornado.KernelGraph;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Adds the stages of a forward pass around attention to a task graph. */
public final class LayerTasks {
  /** Parts of the vocabulary whose highest logits are found in parallel. */
  public static final int ARGMAX_PARTS = 64;

  private final ModelConfig config;
  private final Activations act;
  private final IntArray active;
  private final int count;
  private final int rows;

  /**
   * @param active holds the number of rows to work on, at index {@code count}
   * @param rows the most rows
   */
  public LayerTasks(ModelConfig config, Activations act, IntArray active, int count, int rows) {
    this.config = config;
    this.act = act;
    this.active = active;
    this.count = count;
    this.rows = rows;
  }

  /** What was sent to its resident arrays. */
  public void receive(KernelGraph graph, IntArray sentInts, IntArray ints, FloatArray sentAngles) {
    graph.add(
        TaskPackage.createPackage(
            graph.id("receiveInts"), LayerKernels::receiveInts, sentInts, ints, ints.getSize()),
        fine(ints.getSize()));
    int angles = rows * config.attention().headDim();
    graph.add(
        TaskPackage.createPackage(
            graph.id("receiveAngles"),
            LayerKernels::receiveFloats,
            sentAngles,
            act.angles(),
            angles),
        fine(angles));
  }

  /** Token ids to the residual stream. */
  public void embed(KernelGraph graph, IntArray tokens, Weights embedding) {
    int items = rows * config.hidden();
    TaskPackage task =
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
                config.hidden());
    graph.add(task, fine(items));
  }

  /** Residual stream to queries, keys and values after RoPE. */
  public void beforeAttention(
      KernelGraph graph,
      LayerArrays weights,
      FloatArray query,
      FloatArray newKey,
      FloatArray newValue) {
    norm(graph, "attentionNorm", weights.vectors(), 0);
    linear(graph, "qkv", act.normed(), weights.qkv(), act.qkv(), false);
    int heads = config.attention().heads();
    int kvHeads = config.attention().kvHeads();
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

  /** Attention's output through its projection and the MLP, both added to the residual stream. */
  public void afterAttention(KernelGraph graph, LayerArrays weights, FloatArray attended) {
    linear(graph, "output", attended, weights.output(), act.x(), true);
    norm(graph, "mlpNorm", weights.vectors(), config.hidden());
    linear(graph, "gateUp", act.normed(), weights.gateUp(), act.gateUp(), false);
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
    linear(graph, "down", act.gated(), weights.down(), act.x(), true);
  }

  /** Residual stream of each row to logits and the id of the highest. */
  public void head(KernelGraph graph, FloatArray finalNorm, Weights head, IntArray chosen) {
    norm(graph, "finalNorm", finalNorm, 0);
    logits(graph, head, chosen);
  }

  /**
   * The same for the last row of a chunk alone, as row 0.
   *
   * @param tokens index in the active array of the chunk's token count
   */
  public void lastHead(
      KernelGraph graph, int tokens, FloatArray finalNorm, Weights head, IntArray chosen) {
    graph.add(
        TaskPackage.createPackage(
            graph.id("finalNorm"),
            LayerKernels::lastRmsNorm,
            active,
            tokens,
            act.x(),
            finalNorm,
            act.normed(),
            1,
            config.hidden(),
            config.rmsEpsilon()),
        coarse(1));
    logits(graph, head, chosen);
  }

  private void logits(KernelGraph graph, Weights head, IntArray chosen) {
    linear(graph, "logits", act.normed(), head, act.logits(), false);
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

  private void norm(KernelGraph graph, String id, FloatArray weights, int offset) {
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

  private void linear(
      KernelGraph graph,
      String id,
      FloatArray input,
      Weights weights,
      FloatArray output,
      boolean add) {
    int adds = add ? 1 : 0;
    int inputs = weights.inputs();
    int outputs = weights.outputs();
    TaskPackage task;
    if (weights.half()) {
      task =
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
              outputs);
    } else if (rows >= 4) {
      task =
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
              outputs);
    } else {
      task =
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
              outputs);
    }
    graph.add(task, coarse(outputs));
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
