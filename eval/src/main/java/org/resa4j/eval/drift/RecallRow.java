package org.resa4j.eval.drift;

import java.util.List;
import org.resa4j.eval.drift.ForcedCell.Cache;

/**
 * The selection of one sparse step, as saved.
 *
 * @param text the text's id
 * @param cache what built the cache that it selects from
 * @param keepRatio the share of blocks kept
 * @param position of the step's token
 * @param denseRight whether a dense step on a densely built cache predicts the next token
 * @param right whether this one does
 * @param heads by layer, then KV head
 */
record RecallRow(
    String text,
    Cache cache,
    double keepRatio,
    int position,
    boolean denseRight,
    boolean right,
    List<List<BlockRecall>> heads) {

  /** Right under dense, wrong here. */
  boolean isLost() {
    return denseRight && !right;
  }
}
