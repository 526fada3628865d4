package org.resa4j.engine;

/**
 * A copy of one layer's cache of one sequence, as fp32, for tests and for measuring drift.
 *
 * @param key keys after RoPE, {@code [kvHead][token][d]}
 * @param value values, {@code [kvHead][token][d]}
 * @param blockMin element-wise minimum of each block's keys, {@code [kvHead][block][d]}
 * @param blockMax element-wise maximum of each block's keys, {@code [kvHead][block][d]}
 */
public record CacheSnapshot(float[] key, float[] value, float[] blockMin, float[] blockMax) {}
