package org.resa4j.engine;

/**
 * The bytes that an engine takes for a {@link KvType}. Those of the format itself, but where a
 * device has no numbers for its parts and keeps them wider; what is rounded is the same.
 *
 * @param groupLength values of K, or of V, that are stored together
 * @param groupBytes bytes of so many
 * @param descriptorBytes bytes of one value of the blocks' minima and maxima
 */
public record KvStorage(int groupLength, int groupBytes, int descriptorBytes) {

  public KvStorage {
    if (groupLength < 1 || groupBytes < 1 || descriptorBytes < 1) {
      throw new IllegalArgumentException(
          "no storage: %d values in %d bytes, descriptors of %d"
              .formatted(groupLength, groupBytes, descriptorBytes));
    }
  }

  /** The format's own bytes. */
  public static KvStorage of(KvType type) {
    return new KvStorage(
        type.format().blockLength(), type.format().blockBytes(), type.descriptors().blockBytes());
  }
}
