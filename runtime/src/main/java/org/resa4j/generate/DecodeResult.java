package org.resa4j.generate;

/**
 * A written text, in tokens.
 *
 * @param tokens the tokens written, a stop token included
 * @param finish why it ended
 * @param timeToFirstTokenNanos from the call to the first token
 * @param blocksKept blocks attended to, over all steps
 * @param blocksSeen blocks cached, over all steps
 * @param rectifications how often the last tokens were encoded again
 * @param tokensRectified tokens encoded again, over all rectifications
 */
public record DecodeResult(
    int[] tokens,
    FinishReason finish,
    long timeToFirstTokenNanos,
    long blocksKept,
    long blocksSeen,
    int rectifications,
    long tokensRectified) {

  /** Of a request that was cancelled before its turn came. */
  static final DecodeResult NOT_STARTED =
      new DecodeResult(new int[0], FinishReason.CANCELLED, 0, 0, 0, 0, 0);
}
