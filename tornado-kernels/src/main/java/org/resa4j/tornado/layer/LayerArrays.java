package org.resa4j.tornado.layer;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * One layer's weights on the device.
 *
 * @param qkv {@code [(Hq + 2 Hkv) d][hidden]}: query, key and value below one another
 * @param output {@code [hidden][Hq d]}
 * @param gateUp {@code [2 intermediate][hidden]}: gate, then up
 * @param down {@code [hidden][intermediate]}
 * @param vectors the small weights, below one another
 * @param offsets where each of them begins
 */
public record LayerArrays(
    Weights qkv,
    Weights output,
    Weights gateUp,
    Weights down,
    FloatArray vectors,
    Offsets offsets) {

  /**
   * Where the small weights begin in {@code vectors}, or {@link #NONE}.
   *
   * @param attentionNorm {@code [hidden]}
   * @param mlpNorm {@code [hidden]}
   * @param qkvBias {@code [(Hq + 2 Hkv) d]}
   * @param headNorms query norm {@code [d]}, then key norm {@code [d]}
   * @param outputBias {@code [hidden]}
   * @param gateUpBias {@code [2 intermediate]}
   * @param downBias {@code [hidden]}
   */
  public record Offsets(
      int attentionNorm,
      int mlpNorm,
      int qkvBias,
      int headNorms,
      int outputBias,
      int gateUpBias,
      int downBias) {
    public static final int NONE = -1;
  }

  /** What is put on the device. */
  public List<TornadoNativeArray> arrays() {
    List<TornadoNativeArray> all = new ArrayList<>();
    matrices().forEach(matrix -> all.addAll(matrix.arrays()));
    all.add(vectors);
    return all;
  }

  /** Whether a layer's tasks are as many as another's: matrices of a kind take the same tasks. */
  public boolean isLike(LayerArrays other) {
    List<Weights> own = matrices();
    List<Weights> others = other.matrices();
    return IntStream.range(0, own.size())
        .allMatch(i -> own.get(i).getClass() == others.get(i).getClass());
  }

  private List<Weights> matrices() {
    return List.of(qkv, output, gateUp, down);
  }
}
