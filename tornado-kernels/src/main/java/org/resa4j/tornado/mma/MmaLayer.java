package org.resa4j.tornado.mma;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.resa4j.attention.AttentionShape;
import org.resa4j.error.Setting;
import org.resa4j.tornado.array.ArraySource;
import org.resa4j.tornado.array.Placeholders;
import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.group.GroupLayer;
import org.resa4j.tornado.kernel.LayerNeeds;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.LayerArrays;
import org.resa4j.tornado.layer.PackedWeights;
import org.resa4j.tornado.layer.PlainWeights;
import org.resa4j.tornado.layer.Weights;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * A forward pass around attention with weights in fp16: matrix products of many rows on tensor
 * cores, of one row at the speed of memory, where a matrix has a width that the kernels are made
 * for; elsewhere as {@link GroupLayer}. What goes into a product is rounded to fp16 where it is
 * written.
 */
public class MmaLayer extends GroupLayer {
  /** Room for split sums, in residual streams: the narrow products are as wide or little wider. */
  private static final int SPLIT_HIDDENS = 12;

  private final FloatArray sums;

  /** For a single row and quantised weights, if there are any. */
  private final Optional<MmaFixed> fixed;

  /**
   * @param source for arrays of its own
   * @param placeholders the engine's
   */
  public MmaLayer(ArraySource source, Placeholders placeholders, LayerNeeds needs) {
    super(source, placeholders, needs);
    List<Setting> settings = List.of(Setting.ENCODE_TOKENS, Setting.SEQUENCES);
    long size = (long) needs.rows() * SPLIT_HIDDENS * needs.config().hidden();
    sums = source.floats("split sums", size, settings);
    fixed = needs.quantised() ? Optional.of(fixed(source, needs)) : Optional.empty();
  }

  private static MmaFixed fixed(ArraySource source, LayerNeeds needs) {
    AttentionShape shape = needs.config().attention();
    int heads = shape.heads() * shape.headDim();
    int inputs = Math.max(Math.max(needs.config().hidden(), needs.config().intermediate()), heads);
    List<Setting> settings = List.of(Setting.MODEL);
    return new MmaFixed(
        source.ints("fixed-point inputs", Math.ceilDiv(inputs, 2), settings),
        source.floats("their units", Math.ceilDiv(inputs, MmaFixed.GROUP), settings));
  }

  @Override
  public boolean halfInputs() {
    return true;
  }

  @Override
  public List<TornadoNativeArray> scratch() {
    List<TornadoNativeArray> all = new ArrayList<>(super.scratch());
    all.add(sums);
    fixed.ifPresent(each -> all.addAll(List.of(each.bytes(), each.units())));
    return all;
  }

  @Override
  protected void plainLinear(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      Reals input,
      PlainWeights weights,
      FloatArray output,
      boolean add) {
    if (!MmaLinear.takes(weights)) {
      super.plainLinear(graph, stage, rows, input, weights, output, add);
    } else if (rows.most() == 1) {
      MmaGemv.launch(graph, stage, rows, input, weights, output, add);
    } else {
      MmaLinear.launch(graph, stage, rows, input, weights, output, add, sums);
    }
  }

  @Override
  protected void packedLinear(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      Reals input,
      PackedWeights weights,
      FloatArray output,
      boolean add) {
    if (rows.most() == 1) {
      MmaPackedGemv.launch(graph, stage, rows, input, fixed.orElseThrow(), weights, output, add);
    } else if (MmaPackedLinear.takes(rows, weights)) {
      MmaPackedLinear.launch(graph, stage, rows, input, weights, output, add, sums);
    } else {
      super.packedLinear(graph, stage, rows, input, weights, output, add);
    }
  }

  @Override
  public void gatedLinear(
      KernelGraph graph,
      ActiveRows rows,
      Reals input,
      Weights weights,
      FloatArray vectors,
      int bias,
      FloatArray gateUp,
      Reals gated) {
    boolean fused = rows.most() == 1 && bias == LayerArrays.Offsets.NONE;
    if (fused
        && weights instanceof PlainWeights plain
        && MmaLinear.takes(plain)
        && MmaGemv.gates(plain)) {
      MmaGemv.launchGated(graph, rows, input, plain, gated);
    } else if (fused && weights instanceof PackedWeights packed && MmaPackedGemv.gates(packed)) {
      MmaPackedGemv.launchGated(graph, rows, input, fixed.orElseThrow(), packed, gated);
    } else {
      super.gatedLinear(graph, rows, input, weights, vectors, bias, gateUp, gated);
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
    MmaNorm.launch(graph, stage, rows, x, weights, offset, normed, norm, false);
  }

  @Override
  public void chunkNorm(
      KernelGraph graph,
      ActiveRows rows,
      FloatArray x,
      FloatArray weights,
      Reals normed,
      Norm norm) {
    MmaNorm.launch(graph, Stage.FINAL_NORM, rows, x, weights, 0, normed, norm, true);
  }
}
