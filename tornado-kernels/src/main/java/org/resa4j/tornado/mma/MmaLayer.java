package org.resa4j.tornado.mma;

import java.util.List;
import org.resa4j.error.Setting;
import org.resa4j.model.ModelConfig;
import org.resa4j.tornado.array.ArraySource;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.group.GroupLayer;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.Weights;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * A forward pass around attention with matrix products on tensor cores, where weights are in fp16
 * and of a width that the kernel is made for; elsewhere as {@link GroupLayer}.
 */
final class MmaLayer extends GroupLayer {
  /** Room for split sums, in residual streams: the narrow products are as wide or little wider. */
  private static final int SPLIT_HIDDENS = 12;

  private final HalfFloatArray half;
  private final FloatArray sums;

  /**
   * @param rows the most rows of a call
   */
  MmaLayer(ArraySource source, ModelConfig config, int rows) {
    List<Setting> settings = List.of(Setting.ENCODE_TOKENS, Setting.SEQUENCES);
    half = source.halfs("inputs in fp16", (long) rows * widestInput(config), settings);
    sums = source.floats("split sums", (long) rows * SPLIT_HIDDENS * config.hidden(), settings);
  }

  /** The most inputs of a layer's matrix products. */
  private static int widestInput(ModelConfig config) {
    return Math.max(
        Math.max(config.hidden(), config.intermediate()),
        config.attention().heads() * config.attention().headDim());
  }

  @Override
  public List<TornadoNativeArray> scratch() {
    return List.of(half, sums);
  }

  @Override
  public void linear(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      FloatArray input,
      Weights weights,
      FloatArray output,
      boolean add) {
    if (MmaLinear.takes(weights)) {
      MmaLinear.launch(graph, stage, rows, input, weights, output, add, half, sums);
    } else {
      super.linear(graph, stage, rows, input, weights, output, add);
    }
  }
}
