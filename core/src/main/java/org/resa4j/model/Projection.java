package org.resa4j.model;

import java.util.Arrays;
import java.util.Optional;

/**
 * A linear layer: {@code y = weight · x + bias}.
 *
 * @param weight {@code [outputs][inputs]}
 * @param bias {@code [outputs]}, where the architecture has one
 */
public record Projection(Tensor weight, Optional<Tensor> bias) {

  /**
   * @throws IllegalArgumentException if the two do not go together
   */
  public Projection {
    if (weight.shape().length != 2) {
      throw new IllegalArgumentException(
          "%s: a projection is a matrix, the shape is %s"
              .formatted(weight.name(), Arrays.toString(weight.shape())));
    }
    if (bias.isPresent() && bias.get().size() != weight.shape()[0]) {
      throw new IllegalArgumentException(
          "%s: a bias of %d elements for %d outputs"
              .formatted(bias.get().name(), bias.get().size(), weight.shape()[0]));
    }
  }

  /** Without a bias. */
  public static Projection of(Tensor weight) {
    return new Projection(weight, Optional.empty());
  }

  /** The same with another weight of the same shape. */
  public Projection withWeight(Tensor other) {
    return new Projection(other, bias);
  }

  public int outputs() {
    return weight.rows();
  }

  public int inputs() {
    return weight.columns();
  }
}
