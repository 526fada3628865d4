package org.resa4j.model;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One layer's weights. Linear layers are {@code [outputs][inputs]}.
 *
 * @param attentionNorm RMSNorm before attention, {@code [hidden]}
 * @param query {@code [Hq·d][hidden]}
 * @param key {@code [Hkv·d][hidden]}; empty where the layer attends to another's K and V
 * @param value {@code [Hkv·d][hidden]}; where there is a key
 * @param output {@code [hidden][Hq·d]}
 * @param queryBias {@code [Hq·d]}, where the architecture has it
 * @param keyBias {@code [Hkv·d]}, where there is a key and the architecture has it
 * @param valueBias {@code [Hkv·d]}, where there is a key and the architecture has it
 * @param queryNorm RMSNorm of each query head, {@code [d]}, where the architecture has it
 * @param keyNorm RMSNorm of each key head, {@code [d]}, where there is a key and the architecture
 *     has it
 * @param mlpNorm RMSNorm before the MLP, {@code [hidden]}
 * @param gate {@code [intermediate][hidden]}
 * @param up {@code [intermediate][hidden]}
 * @param down {@code [hidden][intermediate]}
 */
public record LayerWeights(
    Tensor attentionNorm,
    Tensor query,
    Optional<Tensor> key,
    Optional<Tensor> value,
    Tensor output,
    Optional<Tensor> queryBias,
    Optional<Tensor> keyBias,
    Optional<Tensor> valueBias,
    Optional<Tensor> queryNorm,
    Optional<Tensor> keyNorm,
    Tensor mlpNorm,
    Tensor gate,
    Tensor up,
    Tensor down) {

  /**
   * @throws IllegalArgumentException for a value, bias or norm of keys that the layer does not have
   */
  public LayerWeights {
    if (key.isPresent() != value.isPresent()) {
      throw new IllegalArgumentException("a layer has both key and value weights, or neither");
    }
    if (key.isEmpty() && (keyBias.isPresent() || valueBias.isPresent() || keyNorm.isPresent())) {
      throw new IllegalArgumentException("a layer without keys has no biases or norms of them");
    }
  }

  /** What is multiplied with the layer's input: query, key, value, as far as there are any. */
  public List<Tensor> projections() {
    return Stream.of(Optional.of(query), key, value).flatMap(Optional::stream).toList();
  }
}
