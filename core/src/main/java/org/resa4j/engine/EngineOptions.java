package org.resa4j.engine;

import java.util.Optional;

/**
 * How an engine is opened.
 *
 * @param deviceId the device's {@link Device#id()}; empty takes the engine's first device
 * @param kvType format of the KV cache; empty takes fp16 where the device has it, else fp32
 * @param sequences sequences held at once, the largest batch of a step
 * @param contextLength tokens that each sequence can hold
 * @param blockSize tokens in a block, b
 * @param encodeTokens tokens that one encode call can take; longer texts are encoded in chunks
 * @param threads worker threads of a CPU engine, at most {@link #MAX_THREADS}; 0 takes every core
 * @param profile whether stage times are taken, see {@link Engine#stageTimes()}
 */
public record EngineOptions(
    Optional<String> deviceId,
    Optional<KvType> kvType,
    int sequences,
    int contextLength,
    int blockSize,
    int encodeTokens,
    int threads,
    boolean profile) {

  /** More than any machine has cores. */
  public static final int MAX_THREADS = 4096;

  /**
   * @throws IllegalArgumentException for a value outside its range, naming it
   */
  public EngineOptions {
    positive("sequences", sequences);
    positive("contextLength", contextLength);
    positive("blockSize", blockSize);
    positive("encodeTokens", encodeTokens);
    if (threads < 0 || threads > MAX_THREADS) {
      throw new IllegalArgumentException(
          "threads must be from 1 to %d, or 0 for every core, was %d"
              .formatted(MAX_THREADS, threads));
    }
  }

  /** One sequence of {@code contextLength} tokens, everything else at its default. */
  public static EngineOptions of(int contextLength) {
    return new EngineOptions(
        Optional.empty(), Optional.empty(), 1, contextLength, 16, 128, 0, false);
  }

  public EngineOptions withDevice(String id) {
    return new EngineOptions(
        Optional.of(id),
        kvType,
        sequences,
        contextLength,
        blockSize,
        encodeTokens,
        threads,
        profile);
  }

  public EngineOptions withKvType(KvType type) {
    return new EngineOptions(
        deviceId,
        Optional.of(type),
        sequences,
        contextLength,
        blockSize,
        encodeTokens,
        threads,
        profile);
  }

  public EngineOptions withSequences(int count) {
    return new EngineOptions(
        deviceId, kvType, count, contextLength, blockSize, encodeTokens, threads, profile);
  }

  public EngineOptions withContextLength(int tokens) {
    return new EngineOptions(
        deviceId, kvType, sequences, tokens, blockSize, encodeTokens, threads, profile);
  }

  public EngineOptions withBlockSize(int tokens) {
    return new EngineOptions(
        deviceId, kvType, sequences, contextLength, tokens, encodeTokens, threads, profile);
  }

  public EngineOptions withEncodeTokens(int tokens) {
    return new EngineOptions(
        deviceId, kvType, sequences, contextLength, blockSize, tokens, threads, profile);
  }

  public EngineOptions withProfile(boolean on) {
    return new EngineOptions(
        deviceId, kvType, sequences, contextLength, blockSize, encodeTokens, threads, on);
  }

  private static void positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1, was " + value);
    }
  }
}
