package org.resa4j.engine;

import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.resa4j.attention.ResaConfig;

/**
 * What one causal forward pass encodes: consecutive tokens of each of some sequences, densely but
 * where {@link #select} says otherwise. Refilled in place for every call.
 *
 * <p>Not thread-safe.
 */
public final class EncodeBatch {

  /** Which of a sequence's tokens leave logits. */
  public enum Logits {
    NONE,
    /** The last token: a prompt's end, after which the first token is chosen. */
    LAST,
    /** Every token: verification of a draft. */
    ALL
  }

  private final BlockTable[] table;
  private final int[] position;
  private final int[] first;
  private final Logits[] logits;
  private final ResaConfig[] selection;
  private int[] tokens;
  private int size;
  private int count;

  /**
   * @param capacity the most sequences
   * @param tokens the most tokens of all together
   * @throws IllegalArgumentException if one of them is below 1
   */
  public EncodeBatch(int capacity, int tokens) {
    if (capacity < 1 || tokens < 1) {
      throw new IllegalArgumentException(
          "an encode call is of at least 1 sequence and token, not %d and %d"
              .formatted(capacity, tokens));
    }
    table = new BlockTable[capacity];
    position = new int[capacity];
    first = new int[capacity + 1];
    logits = new Logits[capacity];
    selection = new ResaConfig[capacity];
    this.tokens = new int[tokens];
  }

  /** The tokens of one sequence alone. */
  public static EncodeBatch of(
      BlockTable table, int position, int[] tokens, int offset, int count, Logits logits) {
    EncodeBatch batch = new EncodeBatch(1, Math.max(1, count));
    batch.add(table, position, tokens, offset, count, logits);
    return batch;
  }

  public void clear() {
    Arrays.fill(table, 0, size, null);
    size = 0;
    count = 0;
  }

  /**
   * Adds a sequence.
   *
   * @param table its pages
   * @param position position of its first token; those before it must be cached
   * @param tokens token ids
   * @param offset first of the tokens in {@code tokens}
   * @param count how many
   * @param logits which of them leave logits
   * @throws IllegalArgumentException for no tokens, or such as are not in the array
   * @throws IllegalStateException if the batch has no room for it
   */
  public void add(
      BlockTable table, int position, int[] tokens, int offset, int count, Logits logits) {
    if (count < 1 || offset < 0 || offset > tokens.length - count) {
      throw new IllegalArgumentException(
          "%d tokens from %d are not in an array of %d".formatted(count, offset, tokens.length));
    }
    if (size == this.table.length || !hasRoom(count)) {
      throw new IllegalStateException(
          "%d more tokens do not fit a batch of %d sequences and %d tokens, which has %d and %d"
              .formatted(count, this.table.length, this.tokens.length, size, this.count));
    }
    this.table[size] = table;
    this.position[size] = position;
    this.logits[size] = logits;
    selection[size] = null;
    System.arraycopy(tokens, offset, this.tokens, this.count, count);
    first[size] = this.count;
    this.count += count;
    size++;
    first[size] = this.count;
  }

  /**
   * Has the tokens of the sequence that was added last attend to the union of the blocks that each
   * of them selects, as a step with these settings would, for each KV head, and to their own: a
   * cheaper rectification. Tokens after a token's own stay hidden from it.
   *
   * @param by keep ratio, least and local blocks of the selection; the block size must be the
   *     engine's
   * @throws IllegalStateException if there is no sequence
   * @see ResaConfig#rectifySelection
   */
  public void select(ResaConfig by) {
    if (size == 0) {
      throw new IllegalStateException("the batch has no sequence whose blocks are selected");
    }
    selection[size - 1] = Objects.requireNonNull(by, "settings of a selection");
  }

  /** How the blocks are selected that a sequence's tokens attend to; empty for all of them. */
  public Optional<ResaConfig> selection(int sequence) {
    return Optional.ofNullable(selection[sequence]);
  }

  /** Whether so many more tokens of one more sequence fit. */
  public boolean hasRoom(int count) {
    return size < table.length && count <= tokens.length - this.count;
  }

  /** Sequences. */
  public int size() {
    return size;
  }

  /** Tokens of all sequences together. */
  public int tokens() {
    return count;
  }

  /** Token {@code i} of all of them, sequence after sequence. */
  public int token(int i) {
    return tokens[i];
  }

  public BlockTable table(int sequence) {
    return table[sequence];
  }

  /** Position of the sequence's first token. */
  public int position(int sequence) {
    return position[sequence];
  }

  /** Where the sequence's tokens begin among all of them. */
  public int first(int sequence) {
    return first[sequence];
  }

  /** The sequence's tokens. */
  public int count(int sequence) {
    return first[sequence + 1] - first[sequence];
  }

  public Logits logits(int sequence) {
    return logits[sequence];
  }

  /** Tokens of the sequence that leave logits, its last ones. */
  public int logitRows(int sequence) {
    return switch (logits[sequence]) {
      case NONE -> 0;
      case LAST -> 1;
      case ALL -> count(sequence);
    };
  }

  /** Row of the call's results at which those of the sequence begin. */
  public int firstLogitRow(int sequence) {
    int row = 0;
    for (int i = 0; i < sequence; i++) {
      row += logitRows(i);
    }
    return row;
  }
}
