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

  /**
   * @throws IllegalArgumentException if the layers are not as many, or have not the keys, that the
   *     configuration says
   */
  public Model {
    if (layers.size() != config.layers()) {
      throw new IllegalArgumentException(
          "%s: has %d layers, its configuration says %d"
              .formatted(name, layers.size(), config.layers()));
    }
    for (int i = 0; i < layers.size(); i++) {
      if (layers.get(i).key().isPresent() != (i < config.caches())) {
        throw new IllegalArgumentException(
            "%s: layer %d of a model with %d KV caches %s key weights"
                .formatted(name, i, config.caches(), i < config.caches() ? "lacks" : "has"));
      }
    }
  }

  /** Bytes of all weights, tied ones once. */
  public long weightBytes() {
    long bytes = embedding.data().byteSize() + finalNorm.data().byteSize();
    if (head != embedding) {
      bytes += head.data().byteSize();
    }
    for (LayerWeights layer : layers) {
      for (Tensor tensor : layer.projections()) {
        bytes += tensor.data().byteSize();
      }
      for (Tensor tensor : List.of(layer.output(), layer.gate(), layer.up(), layer.down())) {
        bytes += tensor.data().byteSize();
      }
    }
    return bytes;
  }
}
