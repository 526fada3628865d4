package org.resa4j.generate;

import org.resa4j.engine.StageTimes;

/**
 * What a generation cost.
 *
 * @param promptTokens tokens of the prompt
 * @param generatedTokens tokens written
 * @param timeToFirstTokenNanos from the call to the first token
 * @param times wall time and counts
 * @param stages time by stage; all 0 unless the engine was opened with {@code profile}
 * @param blocksKeptShare blocks attended to, as a share of those cached; 1 is dense
 * @param rectification what was rectified, with its drift where that was measured
 * @param cacheBytes KV cache and descriptors
 * @param weightBytes weights
 */
public record Metrics(
    int promptTokens,
    int generatedTokens,
    long timeToFirstTokenNanos,
    DecodeTimes times,
    StageTimes stages,
    double blocksKeptShare,
    Rectification rectification,
    long cacheBytes,
    long weightBytes) {}
