package org.resa4j.engine;

import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;

/**
 * Rectified sparse attention alone, for one layer of someone's own model: a KV cache with block
 * descriptors on a device, and the two operations on it. Queries and keys come after RoPE.
 *
 * <p>Positions and block tables as in {@link Engine}. Not thread-safe. Calls throw {@link
 * org.resa4j.error.DeviceException} if the device fails, {@link IllegalArgumentException} for
 * positions, counts, rows, heads or array lengths out of range, and {@link IllegalStateException}
 * after closing. What was handed in is the caller's again when a call returns.
 */
public interface AttentionLayer extends AutoCloseable {

  AttentionShape shape();

  EngineInfo info();

  /**
   * Overwrites K and V of {@code count} tokens, rebuilds the descriptors of the blocks they touch,
   * and attends densely and causally: prefill, and rectification of the last f tokens.
   *
   * @param table the sequence's pages, {@link BlockTable#slots} where nobody hands out pages
   * @param position position of the first token
   * @param count tokens, at most {@code encodeTokens}
   * @param query {@code [count][Hq][d]}
   * @param key {@code [count][Hkv][d]}
   * @param value {@code [count][Hkv][d]}
   * @param output {@code [count][Hq][d]}, written
   */
  void encode(
      BlockTable table,
      int position,
      int count,
      float[] query,
      float[] key,
      float[] value,
      float[] output);

  /**
   * Rectification as the settings say: as {@link #encode}, over all blocks or, with a {@link
   * ResaConfig#rectifyKeep} below 1, over those that the tokens select.
   *
   * @param config whose block size is the engine's
   * @throws org.resa4j.error.InputException where blocks are to be selected and the engine's {@link
   *     EngineInfo#encodesSelections} says no
   */
  void rectify(
      BlockTable table,
      int position,
      int count,
      ResaConfig config,
      float[] query,
      float[] key,
      float[] value,
      float[] output);

  /**
   * Writes K and V of {@code count} tokens that were computed elsewhere, and rebuilds the
   * descriptors of the blocks they touch; nothing is attended to.
   *
   * @param table the sequence's pages, {@link BlockTable#slots} where nobody hands out pages
   * @param position position of the first token
   * @param count tokens, at most {@code encodeTokens}
   * @param key {@code [count][Hkv][d]}
   * @param value {@code [count][Hkv][d]}
   */
  void load(BlockTable table, int position, int count, float[] key, float[] value);

  /**
   * Appends each row's K and V, then estimates, selects and attends.
   *
   * @param batch the rows; their tokens are not looked at
   * @param query {@code [row][Hq][d]}
   * @param key {@code [row][Hkv][d]}
   * @param value {@code [row][Hkv][d]}
   * @param output {@code [row][Hq][d]}, written
   */
  void step(StepBatch batch, float[] query, float[] key, float[] value, float[] output);

  /**
   * The blocks that the last step selected, ascending; all of the row's blocks where it was dense.
   */
  int[] selected(int row, int kvHead);

  /** Copies the cache of the first {@code tokens} tokens of a sequence. */
  CacheSnapshot snapshot(BlockTable table, int tokens);

  StageTimes stageTimes();

  /** Gives everything back; closing twice does nothing. */
  @Override
  void close();
}
