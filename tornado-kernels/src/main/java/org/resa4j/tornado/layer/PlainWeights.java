package org.resa4j.tornado.layer;

import java.util.List;
import org.resa4j.tornado.array.Reals;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Weights in fp32 or fp16.
 *
 * @param values from the array's beginning, {@code [outputs][inputs]}; the array may be longer
 */
public record PlainWeights(Reals values, int outputs, int inputs) implements Weights {

  public boolean half() {
    return values.half();
  }

  @Override
  public List<TornadoNativeArray> arrays() {
    return List.of(values.array());
  }
}
