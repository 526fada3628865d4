package org.resa4j.engine;

/** The bounds that every engine checks before it works, so that they fail alike. */
public final class Limits {
  private Limits() {}

  public static void encode(EngineOptions options, int sequence, int position, int count) {
    slot(options, sequence);
    if (count < 1 || count > options.encodeTokens()) {
      throw new IllegalArgumentException(
          "encode takes 1 to %d tokens, not %d".formatted(options.encodeTokens(), count));
    }
    if (position < 0 || position > options.contextLength() - count) {
      throw new IllegalArgumentException(
          "%d tokens at position %d do not fit a context of %d"
              .formatted(count, position, options.contextLength()));
    }
  }

  public static void step(EngineOptions options, StepBatch batch) {
    if (batch.rows() < 1 || batch.rows() > options.sequences()) {
      throw new IllegalArgumentException(
          "a step takes 1 to %d rows, not %d".formatted(options.sequences(), batch.rows()));
    }
    for (int row = 0; row < batch.rows(); row++) {
      slot(options, batch.sequence(row));
      if (batch.blockSize(row) != options.blockSize()) {
        throw new IllegalArgumentException(
            "row %d asks for blocks of %d tokens, the cache has blocks of %d"
                .formatted(row, batch.blockSize(row), options.blockSize()));
      }
      if (batch.position(row) < 0 || batch.position(row) >= options.contextLength()) {
        throw new IllegalArgumentException(
            "position %d is outside a context of %d"
                .formatted(batch.position(row), options.contextLength()));
      }
      for (int other = 0; other < row; other++) {
        if (batch.sequence(other) == batch.sequence(row)) {
          throw new IllegalArgumentException(
              "rows %d and %d are both of sequence %d".formatted(other, row, batch.sequence(row)));
        }
      }
    }
  }

  /** Checks the index of a KV cache, of which a model has {@code caches}. */
  public static void cache(int caches, int layer) {
    if (layer < 0 || layer >= caches) {
      throw new IllegalArgumentException(
          "layer %d has none of the %d KV caches".formatted(layer, caches));
    }
  }

  public static void snapshot(EngineOptions options, int sequence, int tokens) {
    slot(options, sequence);
    if (tokens < 1 || tokens > options.contextLength()) {
      throw new IllegalArgumentException(
          "a snapshot takes 1 to %d tokens, not %d".formatted(options.contextLength(), tokens));
    }
  }

  /** Checks the arrays of {@link AttentionLayer}'s calls. */
  public static void arrays(
      AttentionShape shape, int rows, float[] query, float[] key, float[] value, float[] output) {
    int queries = rows * shape.heads() * shape.headDim();
    length("query", query, queries);
    keysAndValues(shape, rows, key, value);
    length("output", output, queries);
  }

  /** Checks the arrays of {@link AttentionLayer#load} and {@link Engine#load}. */
  public static void keysAndValues(AttentionShape shape, int rows, float[] key, float[] value) {
    int keys = rows * shape.kvHeads() * shape.headDim();
    length("key", key, keys);
    length("value", value, keys);
  }

  private static void length(String name, float[] array, int atLeast) {
    if (array.length < atLeast) {
      throw new IllegalArgumentException(
          "%s has %d elements, the call needs %d".formatted(name, array.length, atLeast));
    }
  }

  private static void slot(EngineOptions options, int sequence) {
    if (sequence < 0 || sequence >= options.sequences()) {
      throw new IllegalArgumentException(
          "sequence %d is none of the %d slots".formatted(sequence, options.sequences()));
    }
  }
}
