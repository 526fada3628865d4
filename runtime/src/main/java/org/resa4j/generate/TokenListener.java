package org.resa4j.generate;

/** Hears each token as it is chosen. */
@FunctionalInterface
public interface TokenListener {
  /**
   * @return whether to go on; {@code false} ends the text with this token
   */
  boolean onToken(int token);
}
