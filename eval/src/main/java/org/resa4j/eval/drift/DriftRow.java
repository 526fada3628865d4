package org.resa4j.eval.drift;

/**
 * Drift of one text's generated tokens in one state of the cache, as saved.
 *
 * @param text the text's id
 * @param state which cache, and when
 * @param keepRatio of the sparse steps that built it
 * @param rectifyEvery tokens between rectifications; 0 for none
 * @param rectifyKeep share of the blocks that a rectified token selects; 1 is dense, and what rows
 *     without it are of
 * @param samples how many times the cache was looked at
 * @param sums over those
 */
record DriftRow(
    String text,
    State state,
    double keepRatio,
    int rectifyEvery,
    double rectifyKeep,
    int samples,
    DriftSums sums) {
  /** When a cache was looked at. */
  enum State {
    /** No rectification. */
    SPARSE,
    /** Just before a rectification. */
    BEFORE,
    /** Just after it. */
    AFTER
  }

  DriftRow {
    rectifyKeep = rectifyKeep == 0 ? 1 : rectifyKeep;
    if (samples < 1 || (state == State.SPARSE) != (rectifyEvery == 0)) {
      throw new IllegalArgumentException(
          "text %s: %d samples, %s, rectified every %d"
              .formatted(text, samples, state, rectifyEvery));
    }
  }
}
