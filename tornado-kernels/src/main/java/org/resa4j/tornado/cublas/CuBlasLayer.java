package org.resa4j.tornado.cublas;

import org.resa4j.model.ModelConfig;
import org.resa4j.tornado.array.ArraySource;
import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.Weights;
import org.resa4j.tornado.mma.MmaLayer;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** A forward pass around attention whose products of several rows are cuBLAS's. */
final class CuBlasLayer extends MmaLayer {

  /**
   * @param rows the most rows of a call
   */
  CuBlasLayer(ArraySource source, ModelConfig config, int rows) {
    super(source, config, rows);
  }

  @Override
  public void linear(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      Reals input,
      Weights weights,
      FloatArray output,
      boolean add) {
    if (rows.most() == 1) {
      super.linear(graph, stage, rows, input, weights, output, add);
    } else {
      CuBlasLinear.launch(graph, stage, rows, input, weights, output, add);
    }
  }
}
