package org.resa4j.tornado.group;

import java.util.List;
import java.util.Optional;
import org.resa4j.error.Setting;
import org.resa4j.tornado.array.ArraySource;
import org.resa4j.tornado.array.Placeholders;
import org.resa4j.tornado.array.Placeholders.Role;
import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.kernel.LayerNeeds;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.LayerArrays;
import org.resa4j.tornado.layer.LayerTasks;
import org.resa4j.tornado.layer.PackedWeights;
import org.resa4j.tornado.layer.PlainWeights;
import org.resa4j.tornado.layer.Weights;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** A forward pass around attention in kernels of work-groups with local memory. */
public class GroupLayer implements LayerTasks {
  /** Rows that quantised weights are expanded in registers for. */
  private static final int FEW_ROWS = GroupPackedLinear.MAX_ROWS;

  /** Where one quantised matrix at a time is expanded, if any is. */
  private final Optional<Reals> expanded;

  private final long scratchSize;

  /**
   * @param source for arrays of its own
   * @param placeholders the engine's
   */
  public GroupLayer(ArraySource source, Placeholders placeholders, LayerNeeds needs) {
    scratchSize = needs.quantised() && needs.rows() > FEW_ROWS ? needs.largestMatrix() : 0;
    expanded =
        scratchSize == 0
            ? Optional.empty()
            : Optional.of(
                placeholders.reals(
                    source,
                    Role.WEIGHTS,
                    needs.half(),
                    "expanded weights",
                    scratchSize,
                    List.of(Setting.DEVICE, Setting.MODEL)));
  }

  @Override
  public List<TornadoNativeArray> scratch() {
    return expanded.map(each -> List.<TornadoNativeArray>of(each.array())).orElse(List.of());
  }

  @Override
  public void receive(KernelGraph graph, String part, IntArray sent, IntArray resident) {
    GroupReceive.launch(graph, part, sent, resident);
  }

  @Override
  public void receive(KernelGraph graph, String part, FloatArray sent, FloatArray resident) {
    GroupReceive.launch(graph, part, sent, resident);
  }

  @Override
  public void embed(
      KernelGraph graph, ActiveRows rows, IntArray tokens, Weights embedding, FloatArray x) {
    switch (embedding) {
      case PlainWeights plain -> GroupEmbed.launch(graph, rows, tokens, plain, x);
      case PackedWeights packed -> GroupPackedEmbed.launch(graph, rows, tokens, packed, x);
    }
  }

  @Override
  public void norm(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      FloatArray x,
      FloatArray weights,
      int offset,
      Reals normed,
      Norm norm) {
    GroupNorm.launch(graph, stage, rows, x, weights, offset, normed, norm);
  }

  @Override
  public void chunkNorm(
      KernelGraph graph,
      ActiveRows rows,
      FloatArray x,
      FloatArray weights,
      Reals normed,
      Norm norm) {
    GroupNorm.launchOfChunk(graph, rows, x, weights, normed, norm);
  }

  /**
   * Quantised weights of few rows are expanded in registers, of more in scratch memory. A matrix
   * that has no room there, as the head, is read again for every few rows.
   */
  @Override
  public final void linear(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      Reals input,
      Weights weights,
      FloatArray output,
      boolean add) {
    switch (weights) {
      case PlainWeights plain -> plainLinear(graph, stage, rows, input, plain, output, add);
      case PackedWeights packed -> {
        if (rows.most() <= FEW_ROWS || size(packed) > scratchSize) {
          packedLinear(graph, stage, rows, input, packed, output, add);
        } else {
          PlainWeights plain = GroupExpand.launch(graph, stage, packed, expanded.orElseThrow());
          plainLinear(graph, stage, rows, input, plain, output, add);
        }
      }
    }
  }

  private static long size(Weights weights) {
    return (long) weights.outputs() * weights.inputs();
  }

  /** A product of weights that are not quantised, as {@link #linear}. */
  protected void plainLinear(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      Reals input,
      PlainWeights weights,
      FloatArray output,
      boolean add) {
    if (GroupTiledLinear.takes(rows, weights)) {
      GroupTiledLinear.launch(graph, stage, rows, input, weights, output, add);
    } else if (rows.most() == 1) {
      GroupGemv.launch(graph, stage, rows, input, weights, output, add);
    } else {
      GroupLinear.launch(graph, stage, rows, input, weights, output, add);
    }
  }

  /** A product of quantised weights that are expanded in registers, as {@link #linear}. */
  protected void packedLinear(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      Reals input,
      PackedWeights weights,
      FloatArray output,
      boolean add) {
    GroupPackedLinear.launch(graph, stage, rows, input, weights, output, add);
  }

  @Override
  public void addBias(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      FloatArray x,
      FloatArray vectors,
      int offset,
      int width) {
    GroupLinear.launchBias(graph, stage, rows, x, vectors, offset, width);
  }

  @Override
  public void rotate(
      KernelGraph graph,
      ActiveRows rows,
      Heads heads,
      FloatArray qkv,
      FloatArray angles,
      LayerArrays weights,
      FloatArray query,
      FloatArray newKey,
      FloatArray newValue) {
    GroupRotate.launch(graph, rows, heads, qkv, angles, weights, query, newKey, newValue);
  }

  @Override
  public void swiGlu(
      KernelGraph graph, ActiveRows rows, FloatArray gateUp, Reals gated, int width) {
    GroupSwiGlu.launch(graph, rows, gateUp, gated, width);
  }

  @Override
  public void argmax(
      KernelGraph graph,
      ActiveRows rows,
      FloatArray logits,
      IntArray best,
      IntArray chosen,
      int vocabulary) {
    GroupArgmax.launch(graph, rows, logits, best, chosen, vocabulary);
  }
}
