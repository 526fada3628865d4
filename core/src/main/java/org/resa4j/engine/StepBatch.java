package org.resa4j.engine;

import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.resa4j.attention.ResaConfig;

/**
 * The rows of one decoding step: one token for each active sequence. Ragged: each row has its own
 * length and settings. Refilled in place for every step.
 *
 * <p>Not thread-safe.
 */
public final class StepBatch {
  private final BlockTable[] table;
  private final int[] token;
  private final int[] position;
  private final int[] keepBlocks;
  private final int[] localBlocks;
  private final int[] blockSize;
  private final SelectionObserver[] observer;
  private int rows;
  private boolean dense = true;
  private boolean observed;

  /**
   * @param capacity the most rows
   * @throws IllegalArgumentException if it is negative
   */
  public StepBatch(int capacity) {
    if (capacity < 0) {
      throw new IllegalArgumentException("capacity must not be negative, was " + capacity);
    }
    table = new BlockTable[capacity];
    token = new int[capacity];
    position = new int[capacity];
    keepBlocks = new int[capacity];
    localBlocks = new int[capacity];
    blockSize = new int[capacity];
    observer = new SelectionObserver[capacity];
  }

  public void clear() {
    Arrays.fill(table, 0, rows, null);
    Arrays.fill(observer, 0, rows, null);
    rows = 0;
    dense = true;
    observed = false;
  }

  /**
   * Adds a row.
   *
   * @param table the sequence's pages, that of the position among them
   * @param token its token, appended to the cache by the step
   * @param position the token's position, from 0: the tokens cached before it
   * @param config the sequence's settings; the block size must be the engine's
   * @throws IllegalStateException if the batch is full
   */
  public void add(BlockTable table, int token, int position, ResaConfig config) {
    if (rows == this.table.length) {
      throw new IllegalStateException("the batch has only " + rows + " rows");
    }
    int tokens = position + 1;
    this.table[rows] = table;
    observer[rows] = null;
    this.token[rows] = token;
    this.position[rows] = position;
    keepBlocks[rows] = config.keepBlocks(tokens);
    localBlocks[rows] = Math.min(config.localBlocks(), keepBlocks[rows]);
    blockSize[rows] = config.blockSize();
    dense &= keepBlocks[rows] == config.blocks(tokens);
    rows++;
  }

  /** Has the row that was added last observed. */
  public void observe(SelectionObserver by) {
    if (rows == 0) {
      throw new IllegalStateException("the batch has no row to observe");
    }
    observer[rows - 1] = Objects.requireNonNull(by, "an observer");
    observed = true;
  }

  /**
   * Makes this a copy of another batch.
   *
   * @throws IllegalStateException if the other has more rows than this can hold
   */
  public void refill(StepBatch other) {
    if (other.rows > table.length) {
      throw new IllegalStateException("the batch has only " + table.length + " rows");
    }
    // Nothing of texts that have ended is held.
    for (int row = other.rows; row < rows; row++) {
      table[row] = null;
      observer[row] = null;
    }
    rows = other.rows;
    dense = other.dense;
    observed = other.observed;
    System.arraycopy(other.table, 0, table, 0, rows);
    System.arraycopy(other.token, 0, token, 0, rows);
    System.arraycopy(other.position, 0, position, 0, rows);
    System.arraycopy(other.keepBlocks, 0, keepBlocks, 0, rows);
    System.arraycopy(other.localBlocks, 0, localBlocks, 0, rows);
    System.arraycopy(other.blockSize, 0, blockSize, 0, rows);
    System.arraycopy(other.observer, 0, observer, 0, rows);
  }

  public int rows() {
    return rows;
  }

  public BlockTable table(int row) {
    return table[row];
  }

  public int token(int row) {
    return token[row];
  }

  public int position(int row) {
    return position[row];
  }

  /** n, the tokens cached when the row attends: its own included. */
  public int tokens(int row) {
    return position[row] + 1;
  }

  /** b of the row's settings; an engine accepts only its own. */
  public int blockSize(int row) {
    return blockSize[row];
  }

  /** Blocks that the row keeps; all of them where the row is dense. */
  public int keepBlocks(int row) {
    return keepBlocks[row];
  }

  /** Trailing blocks that score +inf, never more than are kept. */
  public int localBlocks(int row) {
    return localBlocks[row];
  }

  /** Whether any row is observed. */
  public boolean isObserved() {
    return observed;
  }

  /** Who observes a row. */
  public Optional<SelectionObserver> observer(int row) {
    return Optional.ofNullable(observer[row]);
  }

  /** Whether every row keeps all of its blocks, so that nothing has to be estimated or selected. */
  public boolean isDense() {
    return dense;
  }
}
