package org.resa4j.tornado.layer;

import java.util.List;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * One layer's weights on the device.
 *
 * @param qkv {@code [(Hq + 2 Hkv) d][hidden]}: query, key and value below one another
 * @param output {@code [hidden][Hq d]}
 * @param gateUp {@code [2 intermediate][hidden]}: gate, then up
 * @param down {@code [hidden][intermediate]}
 * @param vectors the small weights: attention norm {@code [hidden]}, MLP norm {@code [hidden]},
 *     then biases and head norms where there are any
 * @param biasOffset where the biases {@code [(Hq + 2 Hkv) d]} begin in {@code vectors}, or -1
 * @param headNormOffset where query norm and key norm {@code [d]} begin, or -1
 * @param outputBiasOffset where the output projection's bias {@code [hidden]} begins, or -1
 * @param gateUpBiasOffset where the biases of gate, then up {@code [intermediate]} begin, or -1
 * @param downBiasOffset where the bias of down {@code [hidden]} begins, or -1
 */
public record LayerArrays(
    Weights qkv,
    Weights output,
    Weights gateUp,
    Weights down,
    FloatArray vectors,
    int biasOffset,
    int headNormOffset,
    int outputBiasOffset,
    int gateUpBiasOffset,
    int downBiasOffset) {

  /** What is put on the device. */
  public List<TornadoNativeArray> arrays() {
    return List.of(qkv.array(), output.array(), gateUp.array(), down.array(), vectors);
  }
}
