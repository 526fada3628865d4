package org.resa4j.generate;

import org.resa4j.attention.ResaConfig;

/**
 * Algorithm 1 for one sequence: steps, and whenever they have cached f more tokens a dense pass
 * over those, which ends their drift. Counts only; who steps and who rectifies is another's affair.
 *
 * @see <a href="https://arxiv.org/abs/2506.04108">section 2.4, algorithm 1</a>
 */
final class Algorithm1 {
  private final RectifyInterval interval;
  private final boolean rectifiesDensely;
  private int inWindow;
  private boolean drifted;

  Algorithm1(ResaConfig config) {
    interval = new RectifyInterval(config);
    rectifiesDensely = config.rectifyKeep() == 1;
  }

  /**
   * A generated token was cached by a step.
   *
   * @param sparse whether the step left blocks out
   */
  void stepped(boolean sparse) {
    inWindow++;
    drifted |= sparse;
    if (windowIsFull() && !drifted) {
      // A window in which every step kept all blocks has nothing to rectify.
      inWindow = 0;
    }
  }

  /** Whether the last f tokens in the cache are to be encoded again before the next step. */
  boolean rectificationIsDue() {
    return windowIsFull() && drifted;
  }

  private boolean windowIsFull() {
    return interval.tokens() > 0 && inWindow == interval.tokens();
  }

  /** f, the tokens that a rectification encodes; 0 where nothing is rectified. */
  int window() {
    return interval.tokens();
  }

  /**
   * Whether a cached token comes of a sparse step and was not rectified, or not over all blocks.
   */
  boolean drifted() {
    return drifted;
  }

  /** f follows the drift that rectifications find. */
  boolean followsDrift() {
    return interval.followsDrift();
  }

  /** The window was encoded again; its drift is not known. */
  Rectification rectified() {
    begin();
    return Rectification.unmeasured(interval.tokens());
  }

  /**
   * The window was encoded again.
   *
   * @param drift δ, which may change f
   */
  Rectification rectified(double drift) {
    int tokens = interval.tokens();
    begin();
    return Rectification.measured(tokens, interval.rectified(drift));
  }

  private void begin() {
    inWindow = 0;
    drifted = !rectifiesDensely;
  }

  /**
   * What came last in the cache is gone, and is cached anew by steps.
   *
   * @param tokens that are gone, of this window and perhaps of some before, which are as long
   */
  void restart(int tokens) {
    inWindow = window() == 0 ? inWindow - tokens : Math.floorMod(inWindow - tokens, window());
    drifted = false;
  }
}
