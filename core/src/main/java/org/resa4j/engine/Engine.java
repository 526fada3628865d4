package org.resa4j.engine;

/**
 * A model on a device: the seam between the generation loop and what computes. Weights, KV cache,
 * block descriptors and activations live on the device; token ids, positions and results cross.
 *
 * <p>An engine holds {@code sequences} slots of {@code contextLength} tokens. It keeps no lengths:
 * each call says at which position its tokens stand, and what a sequence cached from there on is
 * forgotten. A slot is reused by encoding from position 0.
 *
 * <p>Not thread-safe: one call at a time. Calls throw {@link org.resa4j.error.DeviceException} if
 * the device fails, {@link IllegalArgumentException} for slots, positions, counts or tokens out of
 * range, and {@link IllegalStateException} after closing.
 */
public interface Engine extends AutoCloseable {

  EngineInfo info();

  /**
   * Dense, causal forward pass of {@code count} consecutive tokens of one sequence, in parallel.
   * Writes their K and V in every layer and rebuilds from K the descriptors of the blocks they
   * touch. Prefill (in chunks) is this call, and so is rectification where its drift is not wanted.
   *
   * @param sequence the slot
   * @param position position of the first token; those before it must be cached
   * @param tokens token ids
   * @param offset first of the tokens in {@code tokens}
   * @param count how many, at most {@code encodeTokens}
   * @param logits whether the last token's logits are wanted, as row 0
   */
  void encode(int sequence, int position, int[] tokens, int offset, int count, boolean logits);

  /**
   * Rectification that also tells what it changed: as {@link #encode} without logits, for tokens
   * that are all cached already.
   *
   * @param sequence the slot
   * @param position position of the first token
   * @param tokens token ids, those that are cached at these positions
   * @param offset first of the tokens in {@code tokens}
   * @param count how many, at most {@code encodeTokens}
   * @return how far the overwritten K and V were from the new ones
   * @see <a href="https://arxiv.org/abs/2506.04108">section 2.3, dense rectification</a>
   */
  Drift rectify(int sequence, int position, int[] tokens, int offset, int count);

  /**
   * One decoding step: appends each row's token (K, V, descriptor), then estimates, selects and
   * attends, in every layer; rows with all blocks kept attend densely. Leaves each row's logits.
   *
   * @param batch the rows; at most {@code sequences}, each of another slot
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
   * @param sequence the slot
   * @param position position of the first token; those before it must be cached
   * @param count tokens, at most {@code encodeTokens}
   * @param key keys after RoPE, {@code [count][Hkv][d]}
   * @param value {@code [count][Hkv][d]}
   */
  void load(int layer, int sequence, int position, int count, float[] key, float[] value);

  /**
   * Copies one cache of the first {@code tokens} tokens of a sequence.
   *
   * @param layer the layer, or 0 for the cache that all layers share
   */
  CacheSnapshot snapshot(int layer, int sequence, int tokens);

  /** Times since the engine was opened. */
  StageTimes stageTimes();

  /** Gives everything back; closing twice does nothing. */
  @Override
  void close();
}
