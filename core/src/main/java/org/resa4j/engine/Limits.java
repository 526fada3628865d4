package org.resa4j.engine;

import static java.util.stream.Collectors.joining;

import java.util.Arrays;
import java.util.List;
import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;
import org.resa4j.error.DeviceMemoryException;
import org.resa4j.error.InputException;
import org.resa4j.error.Setting;
import org.resa4j.model.ModelConfig;

/** The bounds that every engine checks before it works, so that they fail alike. */
public final class Limits {
  private Limits() {}

  /**
   * Checks that what one layer's attention keeps of a step or an encode call can be indexed.
   *
   * @throws DeviceMemoryException if not, naming the settings that help
   */
  public static void sizes(AttentionShape shape, EngineOptions options) {
    long blocks = Math.ceilDiv(options.contextLength(), options.blockSize());
    indexed(
        "a context of whole blocks",
        List.of(Setting.CONTEXT_LENGTH, Setting.BLOCK_SIZE),
        blocks,
        options.blockSize());
    indexed(
        "scores of all blocks",
        List.of(Setting.SEQUENCES, Setting.CONTEXT_LENGTH),
        options.sequences(),
        shape.kvHeads(),
        blocks);
    rows("queries", options, (long) shape.heads() * shape.headDim());
  }

  /**
   * Checks the same for a whole model: activations and logits too.
   *
   * @throws DeviceMemoryException if not, naming the settings that help
   */
  public static void sizes(ModelConfig config, EngineOptions options) {
    sizes(config.attention(), options);
    rows("activations", options, config.hidden());
    rows("MLP activations", options, config.intermediate());
    indexed(
        "logits",
        List.of(
            options.logitRows() == options.sequences() ? Setting.SEQUENCES : Setting.ENCODE_TOKENS),
        options.logitRows(),
        config.vocabulary());
  }

  /** Of a step's rows or an encode call's tokens. */
  private static void rows(String what, EngineOptions options, long width) {
    boolean encodes = options.encodeTokens() >= options.sequences();
    indexed(
        what,
        List.of(encodes ? Setting.ENCODE_TOKENS : Setting.SEQUENCES),
        Math.max(options.sequences(), options.encodeTokens()),
        width);
  }

  private static void indexed(String what, List<Setting> settings, long... factors) {
    long values = 1;
    for (long factor : factors) {
      // At most the product of two ints, which a long holds, until it is too much.
      values = values > Integer.MAX_VALUE ? values : values * factor;
    }
    if (values > Integer.MAX_VALUE) {
      throw new DeviceMemoryException(
          "%s: %s values are more than the %d that an array can have"
              .formatted(
                  what,
                  Arrays.stream(factors).mapToObj(Long::toString).collect(joining(" x ")),
                  Integer.MAX_VALUE),
          values * Float.BYTES,
          (long) Integer.MAX_VALUE * Float.BYTES,
          settings);
    }
  }

  /** Checks the tokens that a call writes to one sequence. */
  public static void encode(EngineInfo info, BlockTable table, int position, int count) {
    EngineOptions options = info.options();
    if (count < 1 || count > options.encodeTokens()) {
      throw new IllegalArgumentException(
          "encode takes 1 to %d tokens, not %d".formatted(options.encodeTokens(), count));
    }
    if (position < 0 || position > options.contextLength() - count) {
      throw new IllegalArgumentException(
          "%d tokens at position %d do not fit a context of %d"
              .formatted(count, position, options.contextLength()));
    }
    table(info, table, position + count);
  }

  public static void encode(EngineInfo info, EncodeBatch batch, int vocabulary) {
    int most = Math.min(info.options().sequences(), info.options().encodeTokens());
    if (batch.size() < 1 || batch.size() > most) {
      throw new IllegalArgumentException(
          "encode takes 1 to %d sequences, not %d".formatted(most, batch.size()));
    }
    if (batch.tokens() > info.options().encodeTokens()) {
      throw new IllegalArgumentException(
          "encode takes 1 to %d tokens, not %d"
              .formatted(info.options().encodeTokens(), batch.tokens()));
    }
    for (int i = 0; i < batch.size(); i++) {
      encode(info, batch.table(i), batch.position(i), batch.count(i));
      if (batch.selection(i).isPresent()) {
        selection(info, batch.selection(i).get());
      }
      for (int other = 0; other < i; other++) {
        if (batch.table(other) == batch.table(i)) {
          throw new IllegalArgumentException(
              "%d and %d are both of one sequence".formatted(other, i));
        }
      }
    }
    int logits = batch.firstLogitRow(batch.size());
    if (logits > info.options().logitRows()) {
      throw new IllegalArgumentException(
          "an encode call leaves logits of at most %d tokens, not %d"
              .formatted(info.options().logitRows(), logits));
    }
    for (int i = 0; i < batch.tokens(); i++) {
      token(batch.token(i), vocabulary);
    }
  }

  /** Checks what an encode asks for beside tokens. */
  public static void selection(EngineInfo info, ResaConfig by) {
    if (!info.encodesSelections()) {
      throw new InputException(
          "%s encodes densely, and not over selected blocks".formatted(info.device().id()),
          List.of(Setting.RECTIFY_KEEP, Setting.ENGINE));
    }
    if (by.blockSize() != info.options().blockSize()) {
      throw new IllegalArgumentException(
          "an encode selects among blocks of %d tokens, the cache has blocks of %d"
              .formatted(by.blockSize(), info.options().blockSize()));
    }
  }

  public static void step(EngineInfo info, StepBatch batch) {
    EngineOptions options = info.options();
    if (batch.rows() < 1 || batch.rows() > options.sequences()) {
      throw new IllegalArgumentException(
          "a step takes 1 to %d rows, not %d".formatted(options.sequences(), batch.rows()));
    }
    if (batch.isObserved() && !info.tellsSelections()) {
      throw new IllegalArgumentException(
          "%s does not tell which blocks it reads".formatted(info.device().id()));
    }
    for (int row = 0; row < batch.rows(); row++) {
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
      table(info, batch.table(row), batch.tokens(row));
      for (int other = 0; other < row; other++) {
        if (batch.table(other) == batch.table(row)) {
          throw new IllegalArgumentException(
              "rows %d and %d are both of one sequence".formatted(other, row));
        }
      }
    }
  }

  /** Checks that a table is of this cache, and has the pages of so many tokens. */
  private static void table(EngineInfo info, BlockTable table, int tokens) {
    if (table.pages() != info.pages()) {
      throw new IllegalArgumentException(
          "the block table is of a cache of %d pages, this one has %d"
              .formatted(table.pages(), info.pages()));
    }
    if ((long) table.size() * info.options().pageTokens() < tokens) {
      throw new IllegalArgumentException(
          "the block table has %d pages of %d tokens, the call needs those of %d tokens"
              .formatted(table.size(), info.options().pageTokens(), tokens));
    }
    if (table.size() > info.options().tablePages()) {
      throw new IllegalArgumentException(
          "the block table has %d pages, a context %d"
              .formatted(table.size(), info.options().tablePages()));
    }
  }

  /** Checks the pages of a copy. */
  public static void copy(EngineInfo info, int from, int to) {
    if (from == to || from < 0 || to < 0 || Math.max(from, to) >= info.pages()) {
      throw new IllegalArgumentException(
          "page %d cannot be copied to page %d of %d".formatted(from, to, info.pages()));
    }
  }

  /** Checks the index of a KV cache, of which a model has {@code caches}. */
  public static void cache(int caches, int layer) {
    if (layer < 0 || layer >= caches) {
      throw new IllegalArgumentException(
          "layer %d has none of the %d KV caches".formatted(layer, caches));
    }
  }

  /** Checks a row of the last call, which left results for {@code rows}. */
  public static void row(int row, int rows) {
    if (row < 0 || row >= rows) {
      throw new IllegalArgumentException(
          "row %d: the last call left results of %d rows".formatted(row, rows));
    }
  }

  /** Checks a KV head of a layer's. */
  public static void kvHead(AttentionShape shape, int kvHead) {
    if (kvHead < 0 || kvHead >= shape.kvHeads()) {
      throw new IllegalArgumentException(
          "KV head %d is none of the layer's %d".formatted(kvHead, shape.kvHeads()));
    }
  }

  /** Checks tokens of an array that a call is to take. */
  public static void tokens(int[] tokens, int offset, int count, int vocabulary) {
    if (offset < 0 || offset > tokens.length - count) {
      throw new IllegalArgumentException(
          "%d tokens from %d are not in an array of %d".formatted(count, offset, tokens.length));
    }
    for (int i = offset; i < offset + count; i++) {
      token(tokens[i], vocabulary);
    }
  }

  public static void token(int token, int vocabulary) {
    if (token < 0 || token >= vocabulary) {
      throw new IllegalArgumentException(
          "token %d is not in the vocabulary of %d".formatted(token, vocabulary));
    }
  }

  /** Checks an array that is to take a row of logits. */
  public static void logits(float[] target, int vocabulary) {
    length("target", target, vocabulary);
  }

  public static void snapshot(EngineInfo info, BlockTable table, int tokens) {
    if (tokens < 1 || tokens > info.options().contextLength()) {
      throw new IllegalArgumentException(
          "a snapshot takes 1 to %d tokens, not %d"
              .formatted(info.options().contextLength(), tokens));
    }
    table(info, table, tokens);
  }

  /** Checks the arrays of {@link AttentionLayer}'s calls. */
  public static void arrays(
      AttentionShape shape, int rows, float[] query, float[] key, float[] value, float[] output) {
    long queries = (long) rows * shape.heads() * shape.headDim();
    length("query", query, queries);
    keysAndValues(shape, rows, key, value);
    length("output", output, queries);
  }

  /** Checks the arrays of {@link AttentionLayer#load} and {@link Engine#load}. */
  public static void keysAndValues(AttentionShape shape, int rows, float[] key, float[] value) {
    long keys = (long) rows * shape.kvHeads() * shape.headDim();
    length("key", key, keys);
    length("value", value, keys);
  }

  private static void length(String name, float[] array, long atLeast) {
    if (array.length < atLeast) {
      throw new IllegalArgumentException(
          "%s has %d elements, the call needs %d".formatted(name, array.length, atLeast));
    }
  }
}
