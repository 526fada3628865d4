package org.resa4j.engine;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * How an engine is opened.
 *
 * @param deviceId the device's {@link Device#id()}; empty takes the engine's first device
 * @param kvType format of the KV cache; empty takes fp16 where the device has it, else fp32
 * @param sequences the largest batch of a step, and the most sequences of an encode call
 * @param contextLength tokens that each sequence can hold
 * @param blockSize tokens in a block, b
 * @param pageBlocks blocks in a page of the cache
 * @param cacheBytes memory for the KV cache and its descriptors, which are cut into pages; empty
 *     takes what {@code sequences} whole contexts need
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
    int pageBlocks,
    OptionalLong cacheBytes,
    int encodeTokens,
    int threads,
    boolean profile) {

  /** More than any machine has cores. */
  public static final int MAX_THREADS = 4096;

  /** Tokens in a page, where blocks divide them; whole blocks of about so many elsewhere. */
  private static final int PAGE_TOKENS = 256;

  /** Tokens that an encode call can verify; each takes room for the logits of a vocabulary. */
  private static final int VERIFIED_TOKENS = 128;

  /**
   * @throws IllegalArgumentException for a value outside its range, naming it
   */
  public EngineOptions {
    positive("sequences", sequences);
    positive("contextLength", contextLength);
    positive("blockSize", blockSize);
    positive("pageBlocks", pageBlocks);
    if (cacheBytes.isPresent() && cacheBytes.getAsLong() < 1) {
      throw new IllegalArgumentException(
          "cacheBytes must be at least 1, was " + cacheBytes.getAsLong());
    }
    if ((long) pageBlocks * blockSize > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "pages of %d blocks of %d tokens are too large".formatted(pageBlocks, blockSize));
    }
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
        Optional.empty(),
        Optional.empty(),
        1,
        contextLength,
        16,
        pageBlocksFor(16),
        OptionalLong.empty(),
        128,
        0,
        false);
  }

  private static int pageBlocksFor(int blockSize) {
    return Math.max(1, Math.ceilDiv(PAGE_TOKENS, Math.max(1, blockSize)));
  }

  /** P, tokens in a page. */
  public int pageTokens() {
    return pageBlocks * blockSize;
  }

  /** Pages that a whole context takes. */
  public int tablePages() {
    return Math.ceilDiv(contextLength, pageTokens());
  }

  /** M of a whole context: blocks of a sequence at the most. */
  public int tableBlocks() {
    return Math.ceilDiv(contextLength, blockSize);
  }

  /** Rows that a call can leave logits of: a step's, or those of drafts that are verified. */
  public int logitRows() {
    return Math.max(sequences, Math.min(encodeTokens, VERIFIED_TOKENS));
  }

  public EngineOptions withDevice(String id) {
    return with(Optional.of(id), kvType, sequences, contextLength, encodeTokens, profile);
  }

  public EngineOptions withKvType(KvType type) {
    return with(deviceId, Optional.of(type), sequences, contextLength, encodeTokens, profile);
  }

  public EngineOptions withSequences(int count) {
    return with(deviceId, kvType, count, contextLength, encodeTokens, profile);
  }

  public EngineOptions withContextLength(int tokens) {
    return with(deviceId, kvType, sequences, tokens, encodeTokens, profile);
  }

  public EngineOptions withEncodeTokens(int tokens) {
    return with(deviceId, kvType, sequences, contextLength, tokens, profile);
  }

  public EngineOptions withProfile(boolean on) {
    return with(deviceId, kvType, sequences, contextLength, encodeTokens, on);
  }

  private EngineOptions with(
      Optional<String> device,
      Optional<KvType> type,
      int batch,
      int context,
      int encode,
      boolean profiles) {
    return new EngineOptions(
        device, type, batch, context, blockSize, pageBlocks, cacheBytes, encode, threads, profiles);
  }

  /** With blocks of another size, and pages of as many as come to about 256 tokens. */
  public EngineOptions withBlockSize(int tokens) {
    return paged(tokens, pageBlocksFor(tokens), cacheBytes, threads);
  }

  public EngineOptions withPageBlocks(int blocks) {
    return paged(blockSize, blocks, cacheBytes, threads);
  }

  public EngineOptions withCacheBytes(long bytes) {
    return paged(blockSize, pageBlocks, OptionalLong.of(bytes), threads);
  }

  public EngineOptions withThreads(int count) {
    return paged(blockSize, pageBlocks, cacheBytes, count);
  }

  private EngineOptions paged(int block, int page, OptionalLong bytes, int workers) {
    return new EngineOptions(
        deviceId,
        kvType,
        sequences,
        contextLength,
        block,
        page,
        bytes,
        encodeTokens,
        workers,
        profile);
  }

  private static void positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1, was " + value);
    }
  }
}
