package org.resa4j.tornado.attention;

import org.resa4j.attention.AttentionShape;
import org.resa4j.engine.CachePlan;
import org.resa4j.engine.Device;
import org.resa4j.engine.EngineOptions;

/**
 * Sizes of the device arrays of one layer's attention.
 *
 * @param plan heads, head dimension, blocks and pages
 * @param stepSplits work-groups that share the keys of one row and head in a step
 * @param encodeSplits work-groups that share the keys of one token and head in an encode call
 * @param encodeTileRows query vectors of a KV head, token · G + g, that the kernels of an encode
 *     call take together; a tile is of one sequence
 */
public record AttentionLayout(
    CachePlan plan, int stepSplits, int encodeSplits, int encodeTileRows) {

  /**
   * The layout that a kernel family wants on a device.
   *
   * @throws org.resa4j.error.DeviceException if it has no kernels for the plan
   */
  public static AttentionLayout of(CachePlan plan, AttentionTasks tasks, Device device) {
    tasks.check(plan);
    return new AttentionLayout(
        plan,
        tasks.stepSplits(plan, device),
        tasks.encodeSplits(plan, device),
        tasks.encodeTileRows(plan));
  }

  public AttentionShape shape() {
    return plan.shape();
  }

  private EngineOptions options() {
    return plan.options();
  }

  /** The most rows of a step, and the most sequences of an encode call. */
  public int sequences() {
    return options().sequences();
  }

  /** Tokens in a block, b. */
  public int blockSize() {
    return options().blockSize();
  }

  /** Blocks in a page. */
  public int pageBlocks() {
    return options().pageBlocks();
  }

  /** Tokens in a page, P. */
  public int pageTokens() {
    return options().pageTokens();
  }

  /** Entries of a block table: pages that a whole context takes. */
  public int tablePages() {
    return options().tablePages();
  }

  /** The most blocks of a sequence, ceil(context / b). */
  public int blockCapacity() {
    return options().tableBlocks();
  }

  /** The most tokens of an encode call. */
  public int encodeTokens() {
    return options().encodeTokens();
  }

  /** The most rows that a call leaves logits of. */
  public int logitRows() {
    return options().logitRows();
  }

  /** Tokens of all pages. */
  public int cacheTokens() {
    return plan.tokens();
  }

  /** Blocks of all pages. */
  public int cacheBlocks() {
    return plan.blocks();
  }

  /** Rows that query, keys, values and output have room for: a step's rows or a chunk's tokens. */
  public int rowCapacity() {
    return Math.max(sequences(), encodeTokens());
  }

  /** The most tiles of an encode call: of many sequences, each but one has a tile in part. */
  public int encodeTiles() {
    long rows = (long) encodeTokens() * shape().group();
    int sequences = Math.min(sequences(), encodeTokens());
    return Math.toIntExact((rows - sequences) / encodeTileRows) + sequences;
  }

  /** The most blocks that an encode call's tokens stand in: of one sequence, two in part. */
  public int encodeBlocks() {
    int sequences = Math.min(sequences(), encodeTokens());
    int most = (encodeTokens() - sequences) / blockSize() + 2 * sequences;
    return Math.min(encodeTokens(), most);
  }

  /** Values of K, and of V, of one layer: {@code [kvHead][page][P][d]}. */
  public long cacheValues() {
    return plan.values();
  }

  /** Values of the minima, and of the maxima: {@code [kvHead][page][block of page][d]}. */
  public long descriptorValues() {
    return plan.descriptorValues();
  }

  /** Scores of a step's blocks: {@code [row][kvHead][blockCapacity]}. */
  public long scoreValues() {
    return (long) sequences() * shape().kvHeads() * blockCapacity();
  }

  /** Block tables: {@code [sequence][tablePages]}. */
  public long tableValues() {
    return (long) sequences() * tablePages();
  }

  /** Query heads times splits over all rows, the larger of step and encode. */
  public long partials() {
    return shape().heads()
        * Math.max((long) sequences() * stepSplits, (long) encodeTokens() * encodeSplits);
  }
}
