package org.resa4j.tornado.layer;

import java.util.List;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** A matrix of weights on the device, {@code [outputs][inputs]}. */
public sealed interface Weights permits PlainWeights, PackedWeights {
  int outputs();

  int inputs();

  /** What is put on the device. */
  List<TornadoNativeArray> arrays();
}
