package org.resa4j.engine;

import java.util.List;
import java.util.Locale;
import org.resa4j.attention.AttentionShape;
import org.resa4j.error.DeviceMemoryException;
import org.resa4j.error.InputException;
import org.resa4j.error.LimitException;
import org.resa4j.error.Setting;

/**
 * How large a paged KV cache is, the same for every engine. A cache has K and V {@code
 * [kvHead][page][P][d]} and the blocks' minima and maxima {@code [kvHead][page][block of page][d]};
 * so pages that follow each other are one stretch of memory for each head.
 *
 * @param shape of attention
 * @param type format of K and V, and of descriptors
 * @param storage the bytes that an engine takes for the format
 * @param caches the layers' caches, or 1 that they share
 * @param options what the cache is for
 * @param pages how many pages it has
 */
public record CachePlan(
    AttentionShape shape,
    KvType type,
    KvStorage storage,
    int caches,
    EngineOptions options,
    int pages) {

  /**
   * @throws InputException if a head's dimensions are no whole blocks of the format
   */
  public CachePlan {
    int block = type.format().blockLength();
    if (shape.headDim() % block != 0) {
      throw new InputException(
          "a KV cache in %s has a scale for each %d of a head's dimensions, and here are %d of them"
              .formatted(type.name().toLowerCase(Locale.ROOT), block, shape.headDim()),
          List.of(Setting.KV_TYPE));
    }
  }

  /** A cache in the bytes of its format. */
  public CachePlan(
      AttentionShape shape, KvType type, int caches, EngineOptions options, int pages) {
    this(shape, type, KvStorage.of(type), caches, options, pages);
  }

  /**
   * Plans a cache of as many pages as the options ask for, in the bytes of its format.
   *
   * @throws LimitException if the memory that they give does not hold one context
   * @throws DeviceMemoryException if there are more tokens than can be counted
   */
  public static CachePlan of(AttentionShape shape, KvType type, int caches, EngineOptions options) {
    return of(shape, type, KvStorage.of(type), caches, options);
  }

  /**
   * Plans a cache of as many pages as the options ask for.
   *
   * @param storage the bytes that the engine takes for the format
   * @throws LimitException if the memory that they give does not hold one context
   * @throws DeviceMemoryException if there are more tokens than can be counted
   */
  public static CachePlan of(
      AttentionShape shape, KvType type, KvStorage storage, int caches, EngineOptions options) {
    long wanted = (long) options.sequences() * options.tablePages();
    CachePlan one = new CachePlan(shape, type, storage, caches, options, 1);
    if (options.cacheBytes().isPresent()) {
      long given = options.cacheBytes().getAsLong();
      wanted = given / one.bytes();
      if (wanted < options.tablePages()) {
        long needed = saturated(options.tablePages(), one.bytes());
        throw new LimitException(
            "a cache of %d bytes holds %d tokens, not a context of %d, which takes %d bytes"
                .formatted(given, wanted * options.pageTokens(), options.contextLength(), needed),
            needed,
            given,
            List.of(Setting.CACHE_MEMORY, Setting.CONTEXT_LENGTH, Setting.KV_TYPE));
      }
    }
    long most = Integer.MAX_VALUE / options.pageTokens();
    if (wanted > most) {
      throw new DeviceMemoryException(
          "a KV cache of %d pages of %d tokens, %.1f GiB, has more tokens than the %d that can be counted"
              .formatted(
                  wanted,
                  options.pageTokens(),
                  saturated(wanted, one.bytes()) / (double) (1L << 30),
                  Integer.MAX_VALUE),
          saturated(wanted, one.bytes()),
          saturated(most, one.bytes()),
          List.of(Setting.CONTEXT_LENGTH, Setting.SEQUENCES, Setting.BLOCK_SIZE));
    }
    return new CachePlan(shape, type, storage, caches, options, (int) wanted);
  }

  /** Tokens of all pages. */
  public int tokens() {
    return pages * options.pageTokens();
  }

  /** Blocks of all pages. */
  public int blocks() {
    return pages * options.pageBlocks();
  }

  /** Values of K, and of V, in one cache. */
  public long values() {
    return saturated(saturated(tokens(), shape.kvHeads()), shape.headDim());
  }

  /** Values of the minima, and of the maxima, in one cache. */
  public long descriptorValues() {
    return saturated(saturated(blocks(), shape.kvHeads()), shape.headDim());
  }

  /**
   * Bytes of all caches with their descriptors; the largest long where there is no number for it.
   */
  public long bytes() {
    // Neither is above half of the largest long, or the sum is.
    long sum =
        valueBytes() / 2 + descriptorBytes() / 2 >= Long.MAX_VALUE / 4
            ? Long.MAX_VALUE
            : valueBytes() + descriptorBytes();
    return saturated(saturated(sum, 2), caches);
  }

  /** Bytes of K, or of V, in one cache. */
  public long valueBytes() {
    return bytes(values(), storage.groupLength(), storage.groupBytes());
  }

  /** Bytes of the minima, or of the maxima, in one cache. */
  public long descriptorBytes() {
    return bytes(descriptorValues(), 1, storage.descriptorBytes());
  }

  private static long bytes(long values, int groupLength, int groupBytes) {
    return values == Long.MAX_VALUE ? values : saturated(values / groupLength, groupBytes);
  }

  private static long saturated(long a, long b) {
    return Math.multiplyHigh(a, b) == 0 && a * b >= 0 ? a * b : Long.MAX_VALUE;
  }
}
