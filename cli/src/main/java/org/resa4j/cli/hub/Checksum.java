package org.resa4j.cli.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * What a hub says of a file's contents: SHA-256 of large files, which Git LFS holds, of others the
 * SHA-1 that Git names them by.
 *
 * @param kind which
 * @param hex lower case
 */
record Checksum(Kind kind, String hex) {
  enum Kind {
    SHA256("SHA-256", 64),
    GIT_BLOB("SHA-1", 40);

    private final String algorithm;
    private final int digits;

    Kind(String algorithm, int digits) {
      this.algorithm = algorithm;
      this.digits = digits;
    }
  }

  /**
   * @throws IllegalArgumentException unless it has as many hexadecimal digits as its kind
   */
  Checksum {
    hex = hex.toLowerCase(Locale.ROOT);
    if (!hex.matches("[0-9a-f]{%d}".formatted(kind.digits))) {
      throw new IllegalArgumentException("'%s' is no %s checksum".formatted(hex, kind.algorithm));
    }
  }

  /** Whether a file's contents are those. */
  boolean isOf(Path file) throws IOException {
    MessageDigest digest = digest();
    if (kind == Kind.GIT_BLOB) {
      digest.update(("blob " + Files.size(file) + "\0").getBytes(StandardCharsets.US_ASCII));
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[1 << 20];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
    }
    return HexFormat.of().formatHex(digest.digest()).equals(hex);
  }

  private MessageDigest digest() {
    try {
      return MessageDigest.getInstance(kind.algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has " + kind.algorithm, e);
    }
  }
}
