package org.resa4j.eval.drift;

/**
 * What became of the tokens that dense decoding predicts right, by cause.
 *
 * <p>A token is <em>lost</em> if sparse decoding, a sparse query on a cache that sparse steps
 * built, predicts it wrong. It is lost to <em>selection</em> if a sparse query on a densely built
 * cache is wrong too: then no rectification of what is cached can help. Else it is lost to
 * <em>drift</em>. A lost token is <em>mended</em> if ReSA, a sparse query on a rectified cache,
 * predicts it right. A token that sparse decoding predicts right and ReSA wrong is <em>newly
 * lost</em>, to selection or drift by the same question.
 *
 * @param scored tokens
 * @param denseRight of them right under dense decoding; the counts below are of these alone
 * @param selection lost to selection
 * @param selectionMended of these, mended
 * @param drift lost to drift
 * @param driftMended of these, mended
 * @param newSelection newly lost to selection
 * @param newDrift newly lost to drift
 */
record LossCauses(
    int scored,
    int denseRight,
    int selection,
    int selectionMended,
    int drift,
    int driftMended,
    int newSelection,
    int newDrift) {
  static final LossCauses NONE = new LossCauses(0, 0, 0, 0, 0, 0, 0, 0);

  /**
   * @throws IllegalArgumentException for counts that contradict each other
   */
  LossCauses {
    if (denseRight > scored
        || selection + drift + newSelection + newDrift > denseRight
        || selectionMended > selection
        || driftMended > drift) {
      throw new IllegalArgumentException("more lost than there is, or more mended than lost");
    }
  }

  /**
   * Counts one text's tokens.
   *
   * @param dense dense query, densely built cache
   * @param selecting sparse query, densely built cache
   * @param sparse sparse query, cache built by the same sparse steps
   * @param resa sparse query, cache rectified
   * @throws IllegalArgumentException if they are not of the same text and tokens
   */
  static LossCauses of(ForcedRow dense, ForcedRow selecting, ForcedRow sparse, ForcedRow resa) {
    for (ForcedRow row : new ForcedRow[] {selecting, sparse, resa}) {
      if (!row.text().equals(dense.text()) || row.tokens() != dense.tokens()) {
        throw new IllegalArgumentException(
            "texts %s and %s are not the same tokens".formatted(dense.text(), row.text()));
      }
    }
    LossCauses sum = NONE;
    for (int i = 0; i < dense.tokens(); i++) {
      sum =
          sum.plus(
              dense.isRight(i)
                  ? ofRight(selecting.isRight(i), sparse.isRight(i), resa.isRight(i))
                  : new LossCauses(1, 0, 0, 0, 0, 0, 0, 0));
    }
    return sum;
  }

  private static LossCauses ofRight(boolean selecting, boolean sparse, boolean resa) {
    boolean lost = !sparse;
    boolean newly = sparse && !resa;
    return new LossCauses(
        1,
        1,
        one(lost && !selecting),
        one(lost && !selecting && resa),
        one(lost && selecting),
        one(lost && selecting && resa),
        one(newly && !selecting),
        one(newly && selecting));
  }

  private static int one(boolean condition) {
    return condition ? 1 : 0;
  }

  LossCauses plus(LossCauses other) {
    return new LossCauses(
        scored + other.scored,
        denseRight + other.denseRight,
        selection + other.selection,
        selectionMended + other.selectionMended,
        drift + other.drift,
        driftMended + other.driftMended,
        newSelection + other.newSelection,
        newDrift + other.newDrift);
  }

  /** Tokens that sparse decoding loses. */
  int lost() {
    return selection + drift;
  }

  /** Tokens that ReSA loses to selection. */
  int resaSelection() {
    return selection - selectionMended + newSelection;
  }

  /** Tokens that ReSA loses to drift. */
  int resaDrift() {
    return drift - driftMended + newDrift;
  }

  /** Tokens that ReSA loses. */
  int resaLost() {
    return resaSelection() + resaDrift();
  }
}
