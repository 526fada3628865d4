package org.resa4j.chat;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Names of answers and calls. */
public final class Ids {
  private static final int BYTES = 12;

  private Ids() {}

  /** A name that no other answer or call has: the prefix and 24 random hexadecimal digits. */
  public static String next(String prefix) {
    byte[] bytes = new byte[BYTES];
    ThreadLocalRandom.current().nextBytes(bytes);
    return prefix + HexFormat.of().formatHex(bytes);
  }
}
