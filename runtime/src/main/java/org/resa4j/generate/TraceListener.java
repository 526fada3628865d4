package org.resa4j.generate;

/**
 * Hears what is read of the cache for one text, and what is rectified or verified of it, on the
 * thread that decodes; it may not block. A step is heard of before the token that it chooses, a
 * dense pass after the tokens that it decides. What it throws ends the text.
 */
public interface TraceListener {

  /** A step has read the cache. */
  void onStep(StepTrace step);

  /**
   * Tokens were encoded again with the whole cache.
   *
   * @param from position of the first, the prompt's tokens included
   * @param to behind the last
   */
  void onRectified(int from, int to);

  /** Drafts of exact mode were verified. */
  void onVerified(VerificationTrace verification);
}
