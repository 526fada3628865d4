package org.resa4j.tornado.layer;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * A matrix of weights on the device, {@code [outputs][inputs]}.
 *
 * @param array a {@link FloatArray} or a {@link HalfFloatArray}
 */
public record Weights(TornadoNativeArray array, int outputs, int inputs) {

  boolean half() {
    return array instanceof HalfFloatArray;
  }

  FloatArray floats() {
    return (FloatArray) array;
  }

  HalfFloatArray halfs() {
    return (HalfFloatArray) array;
  }
}
