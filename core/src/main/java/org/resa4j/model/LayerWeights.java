package org.resa4j.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * One layer's weights.
 *
 * @param attentionNorm RMSNorm before attention, {@code [hidden]}
 * @param query {@code [Hq·d][hidden]}
 * @param key {@code [Hkv·d][hidden]}; empty where the layer attends to another's K and V
 * @param value {@code [Hkv·d][hidden]}; where there is a key
 * @param output {@code [hidden][Hq·d]}
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
    Projection query,
    Optional<Projection> key,
    Optional<Projection> value,
    Projection output,
    Optional<Tensor> queryNorm,
    Optional<Tensor> keyNorm,
    Tensor mlpNorm,
    Projection gate,
    Projection up,
    Projection down) {

  /**
   * @throws IllegalArgumentException for a value or norm of keys that the layer does not have
   */
  public LayerWeights {
    if (key.isPresent() != value.isPresent()) {
      throw new IllegalArgumentException("a layer has both key and value weights, or neither");
    }
    if (key.isEmpty() && keyNorm.isPresent()) {
      throw new IllegalArgumentException("a layer without keys has no norm of them");
    }
  }

  /** What is multiplied with the layer's input: query, key, value, as far as there are any. */
  public List<Projection> projections() {
    return Stream.of(Optional.of(query), key, value).flatMap(Optional::stream).toList();
  }

  /** All of them, in the order of the forward pass. */
  public List<Tensor> tensors() {
    List<Tensor> all = new ArrayList<>();
    all.add(attentionNorm);
    projections().forEach(each -> add(all, each));
    queryNorm.ifPresent(all::add);
    keyNorm.ifPresent(all::add);
    add(all, output);
    all.add(mlpNorm);
    Stream.of(gate, up, down).forEach(each -> add(all, each));
    return all;
  }

  /** The same with other matrices, made from these. */
  public LayerWeights withMatrices(UnaryOperator<Tensor> made) {
    UnaryOperator<Projection> each =
        projection -> projection.withWeight(made.apply(projection.weight()));
    return new LayerWeights(
        attentionNorm,
        each.apply(query),
        key.map(each),
        value.map(each),
        each.apply(output),
        queryNorm,
        keyNorm,
        mlpNorm,
        each.apply(gate),
        each.apply(up),
        each.apply(down));
  }

  private static void add(List<Tensor> all, Projection projection) {
    all.add(projection.weight());
    projection.bias().ifPresent(all::add);
  }
}
