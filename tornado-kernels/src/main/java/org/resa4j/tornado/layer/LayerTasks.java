package org.resa4j.tornado.layer;

import java.util.List;
import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * A family's kernels around attention: adds the stages of a forward pass to a task graph. All work
 * on {@link ActiveRows}, and leave other rows alone; but a matrix product may write them too.
 */
public interface LayerTasks {

  /** Arrays of its own that its tasks work on, shared by all layers. */
  default List<TornadoNativeArray> scratch() {
    return List.of();
  }

  /** Whether its matrix products take their input in fp16; what comes before then rounds to it. */
  default boolean halfInputs() {
    return false;
  }

  /**
   * What was sent to where it stays between graphs.
   *
   * @param part tells the tasks of a graph apart
   */
  void receive(KernelGraph graph, String part, IntArray sent, IntArray resident);

  /** The same of floats. */
  void receive(KernelGraph graph, String part, FloatArray sent, FloatArray resident);

  /**
   * {@code x[row] = embedding[token[row]]}.
   *
   * @param tokens {@code [row]}
   * @param x {@code [row][hidden]}
   */
  void embed(KernelGraph graph, ActiveRows rows, IntArray tokens, Weights embedding, FloatArray x);

  /**
   * {@code normed[row] = x[row] / rms(x[row]) * weight}.
   *
   * @param x {@code [row][hidden]}
   * @param weights have the norm's from {@code offset} on
   * @param normed {@code [row][hidden]}
   */
  void norm(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      FloatArray x,
      FloatArray weights,
      int offset,
      Reals normed,
      Norm norm);

  /**
   * The same for those tokens of a chunk that leave logits, as rows from 0 on.
   *
   * @param rows the chunk's rows of logits
   */
  void chunkNorm(
      KernelGraph graph,
      ActiveRows rows,
      FloatArray x,
      FloatArray weights,
      Reals normed,
      Norm norm);

  /**
   * Of RMSNorm.
   *
   * @param width values of a row
   * @param epsilon added to the mean square
   */
  record Norm(int width, float epsilon) {}

  /**
   * {@code output[row] = weights · input[row]}, added to what is there if {@code add}.
   *
   * @param input {@code [row][inputs]}
   * @param output {@code [row][outputs]}
   */
  void linear(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      Reals input,
      Weights weights,
      FloatArray output,
      boolean add);

  /** {@code x[row] += bias}, which begins at {@code offset} of the small weights. */
  void addBias(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      FloatArray x,
      FloatArray vectors,
      int offset,
      int width);

  /**
   * Bias, RMSNorm of each query and key head, and rotary embedding, each where the architecture has
   * it.
   *
   * @param heads of what, and of whom
   * @param qkv {@code [row][Hq + 2 Hkv][d]}, may be overwritten
   * @param angles {@code [row][2][d/2]}, cosines then sines
   * @param query {@code [row][Hq][d]}
   * @param newKey {@code [row][Hkv][d]}
   * @param newValue {@code [row][Hkv][d]}
   */
  void rotate(
      KernelGraph graph,
      ActiveRows rows,
      Heads heads,
      FloatArray qkv,
      FloatArray angles,
      LayerArrays weights,
      FloatArray query,
      FloatArray newKey,
      FloatArray newValue);

  /**
   * A layer's heads.
   *
   * @param count Hq
   * @param kvCount Hkv, 0 for a layer without keys and values of its own
   * @param width d
   * @param epsilon of the head norms
   */
  record Heads(int count, int kvCount, int width, float epsilon) {}

  /**
   * {@code gated[row] = silu(gate · input[row]) * (up · input[row])}.
   *
   * @param input {@code [row][hidden]}
   * @param weights {@code [2][width][hidden]}: gate, then up
   * @param vectors have their biases from {@code bias} on, unless it is {@link
   *     LayerArrays.Offsets#NONE}
   * @param gateUp {@code [row][2][width]}, room for what comes in between
   * @param gated {@code [row][width]}
   */
  default void gatedLinear(
      KernelGraph graph,
      ActiveRows rows,
      Reals input,
      Weights weights,
      FloatArray vectors,
      int bias,
      FloatArray gateUp,
      Reals gated) {
    linear(graph, Stage.GATE_UP, rows, input, weights, gateUp, false);
    if (bias != LayerArrays.Offsets.NONE) {
      addBias(graph, Stage.GATE_UP, rows, gateUp, vectors, bias, weights.outputs());
    }
    swiGlu(graph, rows, gateUp, gated, weights.outputs() / 2);
  }

  /**
   * {@code gated = silu(gate) * up}.
   *
   * @param gateUp {@code [row][2][width]}: gate, then up
   * @param gated {@code [row][width]}
   */
  void swiGlu(KernelGraph graph, ActiveRows rows, FloatArray gateUp, Reals gated, int width);

  /**
   * The id of each row's highest logit, the lowest of equals; -1 if one is no number.
   *
   * @param logits {@code [row][vocabulary]}
   * @param best {@code [row][PARTS]}, see {@link Highest#PARTS}, overwritten
   * @param chosen {@code [row]}
   */
  void argmax(
      KernelGraph graph,
      ActiveRows rows,
      FloatArray logits,
      IntArray best,
      IntArray chosen,
      int vocabulary);
}
