package org.resa4j.generate;

import org.resa4j.attention.DraftLength;

/** Exact mode of one sequence: how long its windows are, and what became of its drafts. */
final class Drafting {
  /** What a window counts for when the next is verified. */
  private static final double KEPT = 0.95;

  private static final double ASSUMED_ACCEPTANCE = 0.9;
  private static final double ASSUMED_JUDGED = 4;

  private final DraftLength length;
  private final DraftCosts costs;
  private double judged = ASSUMED_JUDGED;
  private double accepted = ASSUMED_JUDGED * ASSUMED_ACCEPTANCE;
  private int next;
  private Verifications verifications = Verifications.NONE;

  /**
   * @param costs of the run, which all sequences share
   */
  Drafting(DraftLength length, DraftCosts costs) {
    this.length = length;
    this.costs = costs;
    next = length.tokens();
  }

  /**
   * Makes the first window shorter, so that texts which begin together are not verified together.
   *
   * @param share of its length, in (0, 1]
   */
  void beginWith(double share) {
    next = Math.max(DraftLength.MIN, (int) Math.round(length.tokens() * share));
  }

  /** f, the tokens that the next verification encodes. */
  int window() {
    return next;
  }

  /**
   * A window was verified.
   *
   * @param drafts tokens drafted in it
   * @param agreed how many of them were accepted
   * @param yielded tokens of the text that it decided
   */
  void verified(int drafts, int agreed, int yielded) {
    verifications = verifications.plus(new Verifications(1, drafts, agreed, yielded));
    // Behind the first draft that is refused nothing is known of the others.
    judged = judged * KEPT + Math.min(drafts, agreed + 1);
    accepted = accepted * KEPT + agreed;
    next =
        length.automatic() && costs.known()
            ? costs.bestWindow(accepted / judged, DraftLength.MIN, DraftLength.MAX)
            : length.tokens();
  }

  Verifications verifications() {
    return verifications;
  }
}
