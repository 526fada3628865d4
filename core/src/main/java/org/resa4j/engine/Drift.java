package org.resa4j.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * How far K and V in a cache had come from what dense encoding writes there, over the tokens that
 * one {@link Engine#rectify} wrote anew.
 *
 * @param layers one for each KV cache: each layer's, or the one that all layers share
 * @see <a href="https://arxiv.org/abs/2506.04108">section 2.3, dense rectification</a>
 */
public record Drift(List<Layer> layers) {

  /**
   * One cache's sums of squares over tokens, KV heads and d. New values are taken as computed,
   * before they are rounded to the cache's format: with fp16, K and V without drift are still 2e-4
   * from them.
   *
   * @param keyChange of new minus overwritten keys
   * @param key of new keys
   * @param valueChange of new minus overwritten values
   * @param value of new values
   */
  public record Layer(double keyChange, double key, double valueChange, double value) {
    /**
     * @throws IllegalArgumentException for a negative sum
     */
    public Layer {
      if (keyChange < 0 || key < 0 || valueChange < 0 || value < 0) {
        throw new IllegalArgumentException(
            "sums of squares must not be negative, were %s, %s, %s, %s"
                .formatted(keyChange, key, valueChange, value));
      }
    }

    /** ‖K' - K‖ / ‖K'‖, K' the new keys. */
    public double ofKeys() {
      return relative(keyChange, key);
    }

    /** ‖V' - V‖ / ‖V'‖, V' the new values. */
    public double ofValues() {
      return relative(valueChange, value);
    }

    private Layer plus(Layer other) {
      return new Layer(
          keyChange + other.keyChange,
          key + other.key,
          valueChange + other.valueChange,
          value + other.value);
    }
  }

  /**
   * @throws IllegalArgumentException if there is none
   */
  public Drift {
    layers = List.copyOf(layers);
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("drift of no layer");
    }
  }

  /**
   * The drift over these tokens and others of the same caches.
   *
   * @throws IllegalArgumentException if the other has not as many layers
   */
  public Drift plus(Drift other) {
    if (other.layers.size() != layers.size()) {
      throw new IllegalArgumentException(
          "drift of %d layers and of %d".formatted(layers.size(), other.layers.size()));
    }
    List<Layer> sums = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      sums.add(layers.get(i).plus(other.layers.get(i)));
    }
    return new Drift(sums);
  }

  /** ‖K' - K‖ / ‖K'‖ over all layers together, K' the new keys. */
  public double ofKeys() {
    return relative(sum(Layer::keyChange), sum(Layer::key));
  }

  /** ‖V' - V‖ / ‖V'‖ over all layers together, V' the new values. */
  public double ofValues() {
    return relative(sum(Layer::valueChange), sum(Layer::value));
  }

  /** δ, the mean of {@link #ofKeys()} and {@link #ofValues()}. */
  public double relative() {
    return (ofKeys() + ofValues()) / 2;
  }

  private double sum(ToDoubleFunction<Layer> part) {
    return layers.stream().mapToDouble(part).sum();
  }

  private static double relative(double change, double norm) {
    return change == 0 ? 0 : Math.sqrt(change / norm);
  }
}
