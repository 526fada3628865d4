package org.resa4j.generate;

import java.util.Arrays;

/**
 * A place for one sequence in the engine's cache, and how much of what it holds is as dense
 * encoding leaves it: that much the next sequence may take over.
 */
final class Slot {
  final int index;

  private int[] tokens = {};
  private int trusted;
  private Sequence holder;

  Slot(int index) {
    this.index = index;
  }

  boolean isFree() {
    return holder == null;
  }

  /** Tokens that a prompt shares from the start with what can be trusted here. */
  int commonPrefix(int[] prompt) {
    int most = Math.min(trusted, prompt.length);
    int differs = Arrays.mismatch(tokens, 0, most, prompt, 0, most);
    return differs < 0 ? most : differs;
  }

  /** Gives the slot to a sequence that takes over the first {@code known} tokens. */
  void take(Sequence sequence, int known) {
    holder = sequence;
    sequence.slot = this;
    tokens = sequence.tokens();
    trusted = known;
  }

  /** The first {@code count} tokens are cached as dense encoding leaves them. */
  void trust(int count) {
    trusted = count;
  }

  void release() {
    holder = null;
  }

  /** Gives it back with nothing in it that can be trusted. */
  void forget() {
    holder = null;
    trusted = 0;
  }
}
