package org.resa4j.tornado.layer;

import org.resa4j.model.ModelConfig;
import org.resa4j.tornado.attention.KernelGraph;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Adds the stages of a forward pass around attention to a task graph. What the stages are is said
 * here, which kernels run them by {@link LoopLayerTasks} and {@link GroupLayerTasks}.
 */
public abstract class LayerTasks {
  /** Parts of the vocabulary whose highest logits are found in parallel. */
  public static final int ARGMAX_PARTS = 256;

  final ModelConfig config;
  final Activations act;
  final IntArray active;
  final int count;
  final int rows;

  /**
   * @param active holds the number of rows to work on, at index {@code count}
   * @param rows the most rows
   */
  LayerTasks(ModelConfig config, Activations act, IntArray active, int count, int rows) {
    this.config = config;
    this.act = act;
    this.active = active;
    this.count = count;
    this.rows = rows;
  }

  /**
   * Tasks for rows of which there are as many as {@code active} says at index {@code count}.
   *
   * @param rows the most rows
   * @param groups whether kernels run in work-groups, with local memory
   */
  public static LayerTasks of(
      ModelConfig config, Activations act, IntArray active, int count, int rows, boolean groups) {
    return groups
        ? new GroupLayerTasks(config, act, active, count, rows)
        : new LoopLayerTasks(config, act, active, count, rows);
  }

  /** What was sent to its resident arrays. */
  public void receive(KernelGraph graph, IntArray sentInts, IntArray ints, FloatArray sentAngles) {
    receive(graph, "receiveInts", sentInts, ints);
    receive(graph, "receiveAngles", sentAngles, act.angles());
  }

  /** The same for K and V that were computed elsewhere. */
  public void receiveLoaded(
      KernelGraph graph,
      IntArray sentInts,
      IntArray ints,
      FloatArray sentKeys,
      FloatArray keys,
      FloatArray sentValues,
      FloatArray values) {
    receive(graph, "receiveInts", sentInts, ints);
    receive(graph, "receiveKeys", sentKeys, keys);
    receive(graph, "receiveValues", sentValues, values);
  }

  /** Token ids to the residual stream. */
  public abstract void embed(KernelGraph graph, IntArray tokens, Weights embedding);

  /**
   * Residual stream to queries, keys and values after RoPE.
   *
   * @param withKeys whether the layer has keys and values of its own
   */
  public void beforeAttention(
      KernelGraph graph,
      LayerArrays weights,
      boolean withKeys,
      FloatArray query,
      FloatArray newKey,
      FloatArray newValue) {
    norm(graph, "attentionNorm", weights.vectors(), 0);
    linear(graph, "qkv", act.normed(), weights.qkv(), act.qkv(), false);
    int kvHeads = withKeys ? config.attention().kvHeads() : 0;
    rotate(graph, weights, kvHeads, query, newKey, newValue);
  }

  /** Attention's output through its projection and the MLP, both added to the residual stream. */
  public void afterAttention(KernelGraph graph, LayerArrays weights, FloatArray attended) {
    linear(graph, "output", attended, weights.output(), act.x(), true);
    bias(graph, "outputBias", weights, weights.outputBiasOffset(), act.x(), config.hidden());
    norm(graph, "mlpNorm", weights.vectors(), config.hidden());
    linear(graph, "gateUp", act.normed(), weights.gateUp(), act.gateUp(), false);
    bias(
        graph,
        "gateUpBias",
        weights,
        weights.gateUpBiasOffset(),
        act.gateUp(),
        2 * config.intermediate());
    swiGlu(graph);
    linear(graph, "down", act.gated(), weights.down(), act.x(), true);
    bias(graph, "downBias", weights, weights.downBiasOffset(), act.x(), config.hidden());
  }

  /** Where the layer has the bias: a model without pays for no task. */
  private void bias(
      KernelGraph graph, String id, LayerArrays weights, int offset, FloatArray x, int width) {
    if (offset >= 0) {
      addBias(graph, id, x, weights.vectors(), offset, width);
    }
  }

  /** Residual stream of each row to logits and the id of the highest. */
  public void head(KernelGraph graph, FloatArray finalNorm, Weights head, IntArray chosen) {
    norm(graph, "finalNorm", finalNorm, 0);
    logits(graph, head, chosen);
  }

  /** The same for those tokens of a chunk that it names, as rows from 0 on. */
  public void chunkHead(KernelGraph graph, FloatArray finalNorm, Weights head, IntArray chosen) {
    chunkNorm(graph, finalNorm);
    logits(graph, head, chosen);
  }

  private void logits(KernelGraph graph, Weights head, IntArray chosen) {
    linear(graph, "logits", act.normed(), head, act.logits(), false);
    argmax(graph, chosen);
  }

  abstract void receive(KernelGraph graph, String id, IntArray sent, IntArray resident);

  abstract void receive(KernelGraph graph, String id, FloatArray sent, FloatArray resident);

  abstract void norm(KernelGraph graph, String id, FloatArray weights, int offset);

  /** Norms the tokens of a chunk that leave logits, as rows from 0 on; active is the chunk. */
  abstract void chunkNorm(KernelGraph graph, FloatArray finalNorm);

  /** {@code output = weights · input} for each row, added to what is there if {@code add}. */
  abstract void linear(
      KernelGraph graph,
      String id,
      FloatArray input,
      Weights weights,
      FloatArray output,
      boolean add);

  /**
   * Bias, head norm and rotary embedding.
   *
   * @param kvHeads 0 for a layer without keys and values of its own
   */
  abstract void rotate(
      KernelGraph graph,
      LayerArrays weights,
      int kvHeads,
      FloatArray query,
      FloatArray newKey,
      FloatArray newValue);

  /** {@code x[row] += bias} for each row, {@code width} wide. */
  abstract void addBias(
      KernelGraph graph, String id, FloatArray x, FloatArray vectors, int offset, int width);

  abstract void swiGlu(KernelGraph graph);

  /** The id of each row's highest logit; -1 for a row with one that is NaN or infinite. */
  abstract void argmax(KernelGraph graph, IntArray chosen);
}
