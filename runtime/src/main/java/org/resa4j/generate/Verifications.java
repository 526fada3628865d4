package org.resa4j.generate;

/**
 * What exact mode drafted and verified, in one text or several.
 *
 * @param count verifications, each one dense pass over a window
 * @param drafted tokens drafted by sparse steps
 * @param accepted how many of them the dense passes chose too
 * @param yielded tokens of the text that verifications decided, accepted drafts and their own
 */
public record Verifications(int count, long drafted, long accepted, long yielded) {
  public static final Verifications NONE = new Verifications(0, 0, 0, 0);

  /**
   * @throws IllegalArgumentException for a negative number, or more accepted than drafted or
   *     yielded
   */
  public Verifications {
    if (count < 0 || accepted < 0 || accepted > drafted || accepted > yielded) {
      throw new IllegalArgumentException(
          "%d verifications of %d drafts, %d accepted, %d tokens yielded"
              .formatted(count, drafted, accepted, yielded));
    }
  }

  /** Share of the drafted tokens that were accepted; 1 where none was drafted. */
  public double acceptance() {
    return drafted == 0 ? 1 : (double) accepted / drafted;
  }

  /** Tokens that a verification yields on average; 0 where there was none. */
  public double tokensEach() {
    return count == 0 ? 0 : (double) yielded / count;
  }

  public Verifications plus(Verifications other) {
    return new Verifications(
        count + other.count,
        drafted + other.drafted,
        accepted + other.accepted,
        yielded + other.yielded);
  }
}
