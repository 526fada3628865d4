package org.resa4j.generate;

/**
 * Which blocks of the cache one step of a text read, in each layer. Immutable.
 *
 * <p>A text whose sequence gave up its pages is stepped again over tokens that are known; those
 * steps are traced again too.
 */
public final class StepTrace {
  private final int position;
  private final boolean draft;
  private final int blocks;
  private final int kept;
  private final int[][] readers;

  /**
   * @param position of the token that the step cached, the prompt's tokens included
   * @param draft whether what comes after it is a draft, to be verified
   * @param blocks M, the blocks that held the text then
   * @param kept of them, those that each KV head read
   * @param readers {@code [layer][M]}, the KV heads that read each block; not copied
   * @throws IllegalArgumentException for counts that cannot be
   */
  StepTrace(int position, boolean draft, int blocks, int kept, int[][] readers) {
    if (position < 0 || kept < 1 || kept > blocks) {
      throw new IllegalArgumentException(
          "%d of %d blocks read at position %d".formatted(kept, blocks, position));
    }
    this.position = position;
    this.draft = draft;
    this.blocks = blocks;
    this.kept = kept;
    this.readers = readers;
  }

  /** Position of the token that the step cached, the prompt's tokens included. */
  public int position() {
    return position;
  }

  /** Whether what comes after that token is a draft, to be verified by a dense pass. */
  public boolean isDraft() {
    return draft;
  }

  /** M, the blocks that held the text then. */
  public int blocks() {
    return blocks;
  }

  /** Blocks that each KV head read. */
  public int kept() {
    return kept;
  }

  /** Whether every KV head read every block. */
  public boolean isDense() {
    return kept == blocks;
  }

  public int layers() {
    return readers.length;
  }

  /** KV heads of a layer that read a block. */
  public int readers(int layer, int block) {
    return readers[layer][block];
  }
}
