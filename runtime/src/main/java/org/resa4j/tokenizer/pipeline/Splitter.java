package org.resa4j.tokenizer.pipeline;

/** Splits pieces at the matches of a pattern, on one thread. */
final class Splitter implements Pieces, TextPattern.Segments {
  private final TextPattern.Search search;
  private final SplitBehavior behavior;
  private final boolean invert;
  private final Pieces next;

  private char[] text = {};
  private int start;
  private boolean atStart;

  /** The part that the next one may be merged with; none where it is empty and no match. */
  private int heldFrom;

  private int heldTo;
  private boolean held;
  private boolean heldMatch;

  Splitter(TextPattern pattern, SplitBehavior behavior, boolean invert, Pieces next) {
    this.search = pattern.open();
    this.behavior = behavior;
    this.invert = invert;
    this.next = next;
  }

  @Override
  public void piece(char[] newText, int from, int to, boolean newAtStart) {
    text = newText;
    start = from;
    atStart = newAtStart;
    held = false;
    search.run(newText, from, to, this);
    release();
  }

  @Override
  public void segment(int from, int to, boolean found) {
    boolean match = found != invert;
    switch (behavior) {
      case REMOVED -> {
        if (!match) {
          give(from, to);
        }
      }
      case ISOLATED -> give(from, to);
      case CONTIGUOUS -> mergeIf(held && match == heldMatch, from, to, match);
      case MERGED_WITH_PREVIOUS -> mergeIf(held && match && !heldMatch, from, to, match);
      case MERGED_WITH_NEXT -> mergeIf(held && !match && heldMatch, from, to, match);
    }
  }

  private void mergeIf(boolean merge, int from, int to, boolean match) {
    if (merge) {
      heldTo = to;
    } else {
      release();
      heldFrom = from;
      heldTo = to;
    }
    held = true;
    heldMatch = match;
  }

  private void release() {
    if (held) {
      held = false;
      give(heldFrom, heldTo);
    }
  }

  private void give(int from, int to) {
    if (from < to) {
      next.piece(text, from, to, atStart && from == start);
    }
  }
}
