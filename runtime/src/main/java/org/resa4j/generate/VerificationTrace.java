package org.resa4j.generate;

import java.util.Arrays;
import java.util.Objects;

/**
 * What a dense pass of exact mode made of drafts: it accepted the first of them, and the next it
 * may have refused; the text has its own choice at that place then. Drafts behind it are dropped.
 *
 * @param position of the first draft, the prompt's tokens included
 * @param drafts token ids, in order
 * @param accepted how many of them the text took over
 * @param refused whether it has another token at the place of the next; else there is no next, or
 *     the text has ended before it
 */
public record VerificationTrace(int position, int[] drafts, int accepted, boolean refused) {

  /**
   * @throws IllegalArgumentException for counts that cannot be
   */
  public VerificationTrace {
    if (position < 0 || accepted < 0 || accepted + (refused ? 1 : 0) > drafts.length) {
      throw new IllegalArgumentException(
          "%d of %d drafts accepted at position %d".formatted(accepted, drafts.length, position));
    }
    drafts = drafts.clone();
  }

  @Override
  public int[] drafts() {
    return drafts.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VerificationTrace that
        && position == that.position
        && accepted == that.accepted
        && refused == that.refused
        && Arrays.equals(drafts, that.drafts);
  }

  @Override
  public int hashCode() {
    return Objects.hash(position, accepted, refused, Arrays.hashCode(drafts));
  }

  @Override
  public String toString() {
    return "%d of %s accepted at %d%s"
        .formatted(
            accepted, Arrays.toString(drafts), position, refused ? ", the next refused" : "");
  }
}
