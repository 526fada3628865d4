package org.resa4j.engine;

/**
 * A model on a device: the seam between what schedules and what computes. Weights, KV cache, block
 * descriptors and activations live on the device; token ids, positions, block tables and results
 * cross.
 *
 * <p>The cache is made of pages. Each call comes with the block tables of its sequences; which
 * pages a sequence has, and which sequences share one, is the caller's affair. An engine keeps no
 * lengths: each call says at which position its tokens stand, and what a sequence cached from there
 * on is forgotten. A call rebuilds the descriptors of the blocks that it writes to from the keys up
 * to the last that it writes, so that what was forgotten leaves no trace in them.
 *
 * <p>Not thread-safe: one call at a time. Calls throw {@link org.resa4j.error.DeviceException} if
 * the device fails, {@link IllegalArgumentException} for tables, positions, counts or tokens out of
 * range, and {@link IllegalStateException} after closing.
 */
public interface Engine extends AutoCloseable {

  EngineInfo info();

  /**
   * Dense, causal forward pass of consecutive tokens of one sequence or several, in parallel.
   * Writes their K and V in every layer. Prefill (in chunks) is this call, so is rectification
   * where its drift is not wanted, and so is verification, with the logits of every token.
   *
   * @param batch at most {@code sequences} sequences and {@code encodeTokens} tokens; their logits
   *     are left in rows, sequence after sequence
   * @see <a href="https://arxiv.org/abs/2506.04108">section 2.3, dense rectification</a>
   */
  void encode(EncodeBatch batch);

  /**
   * Rectification that also tells what it changed: as {@link #encode} without logits, for tokens of
   * one sequence that are all cached already.
   *
   * @param table the sequence's pages
   * @param position position of the first token
   * @param tokens token ids, those that are cached at these positions
   * @param offset first of the tokens in {@code tokens}
   * @param count how many, at most {@code encodeTokens}
   * @return how far the overwritten K and V were from the new ones
   * @see <a href="https://arxiv.org/abs/2506.04108">section 2.3, dense rectification</a>
   */
  Drift rectify(BlockTable table, int position, int[] tokens, int offset, int count);

  /**
   * One decoding step: appends each row's token (K, V, descriptor), then estimates, selects and
   * attends, in every layer; rows with all blocks kept attend densely. Leaves each row's logits.
   *
   * @param batch the rows; at most {@code sequences}, each of another table
   */
  void step(StepBatch batch);

  /** What {@link #argmax} returns for a row with a logit that is NaN or infinite. */
  int NOT_FINITE = -1;

  /**
   * The token with the highest logit of a row of the last call; the lowest id of equals. {@link
   * #NOT_FINITE} if one of the row's logits is NaN or infinite: then none is to be trusted.
   */
  int argmax(int row);

  /**
   * Copies the logits of a row of the last call.
   *
   * @param target at least as long as the vocabulary
   */
  void logits(int row, float[] target);

  /**
   * Writes K and V of {@code count} tokens that were computed elsewhere into one cache, and
   * rebuilds the descriptors of the blocks they touch; nothing is computed from them.
   *
   * @param layer the layer, or 0 for the cache that all layers share
   * @param table the sequence's pages
   * @param position position of the first token; those before it must be cached
   * @param count tokens, at most {@code encodeTokens}
   * @param key keys after RoPE, {@code [count][Hkv][d]}
   * @param value {@code [count][Hkv][d]}
   */
  void load(int layer, BlockTable table, int position, int count, float[] key, float[] value);

  /**
   * Copies a page, in every cache: K, V and descriptors.
   *
   * @param from the page
   * @param to another, overwritten
   */
  void copyPage(int from, int to);

  /**
   * Copies one cache of the first {@code tokens} tokens of a sequence.
   *
   * @param layer the layer, or 0 for the cache that all layers share
   */
  CacheSnapshot snapshot(int layer, BlockTable table, int tokens);

  /** Times since the engine was opened. */
  StageTimes stageTimes();

  /** Gives everything back; closing twice does nothing. */
  @Override
  void close();
}
