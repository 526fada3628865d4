package org.resa4j.bench.report;

import java.util.Locale;
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
 */
public record Workload(
    String name, AttentionShape shape, int batch, int context, ResaConfig config) {
  /**
   * @throws IllegalArgumentException if batch or context is below 1
   */
  public Workload {
    if (batch < 1 || context < 1) {
      throw new IllegalArgumentException(
          "batch and context must be at least 1, were %d, %d".formatted(batch, context));
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
