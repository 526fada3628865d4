package org.resa4j.engine;

/**
 * Sees which blocks of the cache a row of a step reads, as the step goes through the layers: the
 * selection where the row is sparse, all blocks where it is dense. Only engines whose {@link
 * EngineInfo#tellsSelections()} accept rows with one.
 *
 * <p>Called on the thread that called {@link Engine#step}, which waits for it; it may not throw.
 */
@FunctionalInterface
public interface SelectionObserver {
  /**
   * A layer has attended.
   *
   * @param layer from 0, in order
   * @param readers {@code [M]} from index 0, the KV heads that read each block: 0 of those that all
   *     left out. Longer than M, and the engine's again after the call
   * @param blocks M, the row's blocks
   */
  void onSelected(int layer, int[] readers, int blocks);
}
