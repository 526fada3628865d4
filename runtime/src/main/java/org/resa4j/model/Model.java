package org.resa4j.model;

import java.util.List;

/**
 * A decoder-only transformer: its configuration and its weights, in place.
 *
 * @param name what to call it
 * @param config the architecture in numbers
 * @param embedding {@code [vocab][hidden]}
 * @param layers the layers, first to last
 * @param finalNorm RMSNorm before the logits, {@code [hidden]}
 * @param head {@code [vocab][hidden]}; the embedding itself where the two are tied
 */
public record Model(
    String name,
    ModelConfig config,
    Tensor embedding,
    List<LayerWeights> layers,
    Tensor finalNorm,
    Tensor head) {

  /** Bytes of all weights, tied ones once. */
  public long weightBytes() {
    long bytes = embedding.data().byteSize() + finalNorm.data().byteSize();
    if (head != embedding) {
      bytes += head.data().byteSize();
    }
    for (LayerWeights layer : layers) {
      for (Tensor tensor :
          List.of(layer.query(), layer.key(), layer.value(), layer.output(), layer.gate())) {
        bytes += tensor.data().byteSize();
      }
      bytes += layer.up().data().byteSize() + layer.down().data().byteSize();
    }
    return bytes;
  }
}
