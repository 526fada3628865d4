package org.resa4j.bench.report;

import java.util.Locale;
import java.util.OptionalDouble;
import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;

/**
 * What was computed.
 *
 * @param name the model or shape, such as {@code qwen2.5-7b}
 * @param shape heads and head dimension
 * @param batch sequences
 * @param context tokens cached of each sequence
 * @param config attention settings; {@link ResaConfig#isDense()} for dense attention
 * @param acceptance of exact mode, the probability that a draft is accepted where those before it
 *     were, if it was given and not the model's own; else empty
 */
public record Workload(
    String name,
    AttentionShape shape,
    int batch,
    int context,
    ResaConfig config,
    OptionalDouble acceptance) {
  /** Without a given acceptance. */
  public Workload(String name, AttentionShape shape, int batch, int context, ResaConfig config) {
    this(name, shape, batch, context, config, OptionalDouble.empty());
  }

  /**
   * @throws IllegalArgumentException if batch or context is below 1, or the acceptance no
   *     probability
   */
  public Workload {
    if (batch < 1 || context < 1) {
      throw new IllegalArgumentException(
          "batch and context must be at least 1, were %d, %d".formatted(batch, context));
    }
    if (!(acceptance.orElse(0) >= 0 && acceptance.orElse(0) <= 1)) {
      throw new IllegalArgumentException(
          "acceptance is a probability, was " + acceptance.getAsDouble());
    }
  }

  /** Whether both differ in their settings or names at most. */
  boolean comparable(Workload other) {
    return shape.equals(other.shape) && batch == other.batch && context == other.context;
  }

  /** {@code qwen2.5-7b 28/4/128}; the numbers alone where they are the name. */
  String shapeLabel() {
    String heads = "%d/%d/%d".formatted(shape.heads(), shape.kvHeads(), shape.headDim());
    return name.equals(heads) ? heads : name + " " + heads;
  }

  String contextLabel() {
    return tokens(context);
  }

  /** {@code 64K}, {@code 1M}, or the number where it is no multiple of 1024. */
  static String tokens(int count) {
    if (count % (1 << 20) == 0) {
      return (count >> 20) + "M";
    }
    return count % 1024 == 0 ? (count >> 10) + "K" : String.format(Locale.ROOT, "%d", count);
  }
}
