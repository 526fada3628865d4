package org.resa4j.generate;

/**
 * A written text, in tokens.
 *
 * @param tokens the tokens written, a stop token included
 * @param finish why it ended
 * @param cachedTokens tokens of the prompt that were in the cache already
 * @param queueNanos from the request to the begin of its prefill
 * @param timeToFirstTokenNanos from the request to the first token; 0 where there is none
 * @param times this text's own; a step's time is the whole batch's
 * @param blocksKept blocks attended to, over all steps
 * @param blocksSeen blocks cached, over all steps
 * @param rectification what was rectified
 * @param verifications what exact mode drafted and verified
 */
public record DecodeResult(
    int[] tokens,
    FinishReason finish,
    int cachedTokens,
    long queueNanos,
    long timeToFirstTokenNanos,
    DecodeTimes times,
    long blocksKept,
    long blocksSeen,
    Rectification rectification,
    Verifications verifications) {}
