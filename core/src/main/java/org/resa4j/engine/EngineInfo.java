package org.resa4j.engine;

/**
 * What an open engine runs on and holds.
 *
 * @param device the device
 * @param kernels the kind of code that computes, e.g. {@code mma} or {@code vector}; where other
 *     kernels stand in for a part of it, those too
 * @param kvType format of the KV cache
 * @param weightType formats of the linear layers' weights on the device, e.g. {@code F16} or {@code
 *     Q4_K+Q6_K}
 * @param weightBytes bytes of weights
 * @param weightsInPlace whether the weights are read where the checkpoint has them, for as long as
 *     the engine is open; else they were copied to the device
 * @param pages pages of the KV cache, of {@link EngineOptions#pageTokens()} tokens
 * @param cacheBytes bytes of KV cache and descriptors, all caches and pages
 * @param options what the engine was opened with
 * @param tellsSelections whether rows of a step may have a {@link SelectionObserver}
 * @param encodesSelections whether an encode may {@link EncodeBatch#select}
 */
public record EngineInfo(
    Device device,
    String kernels,
    KvType kvType,
    String weightType,
    long weightBytes,
    boolean weightsInPlace,
    int pages,
    long cacheBytes,
    EngineOptions options,
    boolean tellsSelections,
    boolean encodesSelections) {

  /** Of an engine that encodes densely, and does not tell which blocks it reads. */
  public EngineInfo(
      Device device,
      String kernels,
      KvType kvType,
      String weightType,
      long weightBytes,
      boolean weightsInPlace,
      int pages,
      long cacheBytes,
      EngineOptions options) {
    this(
        device,
        kernels,
        kvType,
        weightType,
        weightBytes,
        weightsInPlace,
        pages,
        cacheBytes,
        options,
        false,
        false);
  }
}
