package org.resa4j.tornado.cublas;

import org.resa4j.tornado.array.ArraySource;
import org.resa4j.tornado.array.Placeholders;
import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.kernel.LayerNeeds;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.PlainWeights;
import org.resa4j.tornado.mma.MmaLayer;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** A forward pass around attention whose products of several rows are cuBLAS's. */
final class CuBlasLayer extends MmaLayer {

  /**
   * @param source for arrays of its own
   * @param placeholders the engine's
   */
  CuBlasLayer(ArraySource source, Placeholders placeholders, LayerNeeds needs) {
    super(source, placeholders, needs);
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
    if (rows.most() == 1) {
      super.plainLinear(graph, stage, rows, input, weights, output, add);
    } else {
      CuBlasLinear.launch(graph, stage, rows, input, weights, output, add);
    }
  }
}
