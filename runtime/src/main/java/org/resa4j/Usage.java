package org.resa4j;

import org.resa4j.generate.DecodeTimes;
import org.resa4j.generate.Rectification;
import org.resa4j.generate.Verifications;

/**
 * What one text cost.
 *
 * @param promptTokens tokens of the prompt
 * @param cachedTokens how many of them were in the cache already
 * @param generatedTokens tokens written
 * @param queueNanos wall time from the request to the begin of its work
 * @param timeToFirstTokenNanos wall time from the request to the first token; 0 where there is none
 * @param times wall time and counts of prefill, steps and rectification
 * @param blocksKept blocks attended to, over all steps
 * @param blocksSeen blocks cached, over all steps
 * @param rectification what was rectified, with its drift where that was measured
 * @param verifications what exact mode drafted and verified
 */
public record Usage(
    int promptTokens,
    int cachedTokens,
    int generatedTokens,
    long queueNanos,
    long timeToFirstTokenNanos,
    DecodeTimes times,
    long blocksKept,
    long blocksSeen,
    Rectification rectification,
    Verifications verifications) {

  /** Blocks attended to, as a share of those cached; 1 is dense. */
  public double blocksKeptShare() {
    return blocksSeen == 0 ? 1 : (double) blocksKept / blocksSeen;
  }
}
