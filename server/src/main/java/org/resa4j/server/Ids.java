package org.resa4j.server;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Names of answers and calls. */
final class Ids {
  private static final int BYTES = 12;

  private Ids() {}

  static String next(String prefix) {
    byte[] bytes = new byte[BYTES];
    ThreadLocalRandom.current().nextBytes(bytes);
    return prefix + HexFormat.of().formatHex(bytes);
  }
}
