package org.resa4j.server;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

/** The key that requests must have, {@code Authorization: Bearer KEY}. Keeps its digest alone. */
public final class ApiKey {
  private static final String SCHEME = "bearer ";

  private final byte[] digest;

  /**
   * @throws IllegalArgumentException for a blank key, or one with a blank in it
   */
  public ApiKey(String key) {
    if (key.isEmpty() || key.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new IllegalArgumentException("an API key is one word of visible ASCII characters");
    }
    digest = digest(key);
  }

  /** Whether a request's header has the key; takes as long for any that has not. */
  boolean isIn(Optional<String> authorization) {
    return authorization
        .filter(value -> value.regionMatches(true, 0, SCHEME, 0, SCHEME.length()))
        .map(value -> value.substring(SCHEME.length()).strip())
        // Of digests, which are of one length, whatever the key's is.
        .filter(given -> MessageDigest.isEqual(digest, digest(given)))
        .isPresent();
  }

  private static byte[] digest(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
