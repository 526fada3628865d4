package org.resa4j.generate;

/**
 * A written text, in tokens.
 *
 * @param tokens the tokens written, a stop token included
 * @param finish why it ended
 * @param timeToFirstTokenNanos from the call to the first token
 * @param blocksKept blocks attended to, over all steps
 * @param blocksSeen blocks cached, over all steps
 * @param rectification what was rectified
 */
public record DecodeResult(
    int[] tokens,
    FinishReason finish,
    long timeToFirstTokenNanos,
    long blocksKept,
    long blocksSeen,
    Rectification rectification) {

  /** Of a request that was cancelled before its turn came. */
  static final DecodeResult NOT_STARTED =
      new DecodeResult(new int[0], FinishReason.CANCELLED, 0, 0, 0, Rectification.NONE);
}
