package org.resa4j.cache;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.KvType;
import org.resa4j.model.Model;
import org.resa4j.model.Rope;
import org.resa4j.model.Tensor;

/**
 * What cached K and V are of: they mean something only to the same weights at the same positions in
 * the same format.
 *
 * @param model the model's name, for messages
 * @param weights a digest of every tensor's name, format, shape and contents
 * @param positions a digest of the rotation of positions in the engine's context
 * @param kvType format of K and V
 * @param caches KV caches of the model
 * @param kvHeads their heads
 * @param headDim values of a head
 */
record CacheIdentity(
    String model,
    String weights,
    String positions,
    KvType kvType,
    int caches,
    int kvHeads,
    int headDim) {
  /** Bytes of a tensor that are summed up at a time, each by one core. */
  private static final long PART = 16L << 20;

  /** A divisor of {@link #PART}. */
  private static final int BUFFER = 1 << 16;

  static CacheIdentity of(Model model, EngineInfo info) {
    MessageDigest weights = sha256();
    for (Tensor tensor : model.tensors()) {
      String what = tensor.name() + tensor.dtype() + Arrays.toString(tensor.shape());
      weights.update(what.getBytes(StandardCharsets.UTF_8));
      weights.update(sums(tensor.data()));
    }
    // What is no weight and yet goes into K and V.
    weights.update(
        "%s %s"
            .formatted(model.config().rmsEpsilon(), model.config().attention())
            .getBytes(StandardCharsets.UTF_8));
    Rope rope = model.config().rope().forContext(info.options().contextLength());
    ByteBuffer angles = ByteBuffer.allocate((rope.pairs() + 1) * Float.BYTES);
    for (float frequency : rope.inverseFrequencies()) {
      angles.putFloat(frequency);
    }
    angles.putFloat(rope.attentionFactor());
    return new CacheIdentity(
        model.name(),
        hex(weights),
        hex(sha256(), angles.array()),
        info.kvType(),
        model.config().caches(),
        model.config().attention().kvHeads(),
        model.config().attention().headDim());
  }

  /** A checksum of each part, so that whichever byte differs is seen, as fast as it is read. */
  private static byte[] sums(MemorySegment data) {
    long size = data.byteSize();
    int parts = Math.toIntExact(Math.ceilDiv(size, PART));
    int[] sums = new int[parts];
    IntStream.range(0, parts)
        .parallel()
        .forEach(
            part -> {
              CRC32C crc = new CRC32C();
              long from = part * PART;
              byte[] buffer = new byte[BUFFER];
              for (long at = from; at < Math.min(from + PART, size); at += BUFFER) {
                int bytes = (int) Math.min(BUFFER, size - at);
                MemorySegment.copy(data, ValueLayout.JAVA_BYTE, at, buffer, 0, bytes);
                crc.update(buffer, 0, bytes);
              }
              sums[part] = (int) crc.getValue();
            });
    ByteBuffer all = ByteBuffer.allocate(parts * Integer.BYTES);
    all.asIntBuffer().put(sums);
    return all.array();
  }

  private static String hex(MessageDigest digest, byte[] of) {
    digest.update(of);
    return hex(digest);
  }

  private static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Values of K, or of V, of one token in one cache. */
  int width() {
    return kvHeads * headDim;
  }
}
