package org.resa4j.tornado.layer;

import org.resa4j.tornado.array.Reals;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** A matrix of weights on the device, {@code [outputs][inputs]}. */
public record Weights(Reals values, int outputs, int inputs) {

  public boolean half() {
    return values.half();
  }

  public TornadoNativeArray array() {
    return values.array();
  }
}
