package org.resa4j.generate;

/** Hears each token as it is chosen, on the thread that decodes. */
@FunctionalInterface
public interface TokenListener {
  /**
   * @param last whether the text ends with it in any case
   * @return whether to go on; {@code false} ends the text with this token
   */
  boolean onToken(ChosenToken token, boolean last);
}
