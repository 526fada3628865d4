package org.resa4j.tornado.layer;

import java.util.List;
import org.resa4j.tornado.array.Reals;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Quantised weights: whole numbers of few bits, several to an int, and a scale for each group of
 * them. Element i of group g is {@code scale[g] · number[i] − min[g]}.
 *
 * @param numbers {@code [outputs][inputs / packing.numbersOfInt()]}
 * @param scales {@code [outputs][inputs / packing.group()]}, or with a minimum behind each scale
 */
public record PackedWeights(
    IntArray numbers, Reals scales, Packing packing, int outputs, int inputs) implements Weights {

  @Override
  public List<TornadoNativeArray> arrays() {
    return List.of(numbers, scales.array());
  }
}
