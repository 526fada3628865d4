package org.resa4j.model;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

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

  /** All weights, in the order of the forward pass; tied ones once. */
  public List<Tensor> tensors() {
    List<Tensor> all = new ArrayList<>();
    all.add(embedding);
    layers.forEach(layer -> all.addAll(layer.tensors()));
    all.add(finalNorm);
    if (head != embedding) {
      all.add(head);
    }
    return all;
  }

  /** Bytes of all weights, tied ones once. */
  public long weightBytes() {
    return tensors().stream().mapToLong(tensor -> tensor.data().byteSize()).sum();
  }

  /** Formats of the matrices, those that take most bytes first, e.g. {@code Q4_K+Q6_K}. */
  public String weightFormats() {
    Map<DType, Long> bytes = new EnumMap<>(DType.class);
    for (Tensor tensor : tensors()) {
      if (tensor.shape().length > 1) {
        bytes.merge(tensor.dtype(), tensor.data().byteSize(), Long::sum);
      }
    }
    return bytes.entrySet().stream()
        .sorted(Map.Entry.<DType, Long>comparingByValue().reversed())
        .map(entry -> entry.getKey().name())
        .collect(Collectors.joining("+"));
  }

  /** Elements of all weights, tied ones once. */
  public long parameters() {
    return tensors().stream().mapToLong(Tensor::size).sum();
  }

  /** The same with other tokens that end a text. */
  public Model withEndOfText(Set<Integer> tokens) {
    return new Model(name, config.withEndOfText(tokens), embedding, layers, finalNorm, head);
  }

  /**
   * The first weight that is NaN or infinite, as "tensor NAME at index i"; empty if all are
   * numbers. Reads every weight.
   */
  public Optional<String> nonFiniteWeight() {
    return tensors().parallelStream()
        .filter(tensor -> tensor.firstNonFinite() >= 0)
        .findFirst()
        .map(tensor -> "tensor %s at index %d".formatted(tensor.name(), tensor.firstNonFinite()));
  }
}
