package org.resa4j.tokenizer.jinja;

/** What one rendering has used of its {@link Limits}. Not for several threads. */
final class Budget {
  /** Steps between two looks at the clock. */
  private static final int CLOCK = 16;

  /** Chars that count as one more step. */
  private static final int STEP_CHARS = 256;

  /** Chars that an item of a list or dict counts as. */
  private static final int ITEM_CHARS = 16;

  /** Chars that what a filter or call makes counts as, beside texts and items. */
  private static final int CALL_CHARS = 64;

  private final Limits limits;
  private final long end;
  private long steps;
  private long nextLook;
  private long allocated;
  private int depth;

  Budget(Limits limits) {
    this.limits = limits;
    this.end = System.nanoTime() + limits.time().toNanos();
  }

  void step() {
    steps(1);
  }

  private void steps(long count) {
    steps += count;
    if (steps > nextLook) {
      look();
    }
  }

  private void look() {
    nextLook = steps + CLOCK;
    if (steps > limits.steps()) {
      throw new Fault("it takes more than the limit of " + limits.steps() + " evaluation steps");
    }
    if (System.nanoTime() - end > 0) {
      throw new Fault("it takes longer than the limit of " + limits.time().toMillis() + " ms");
    }
  }

  /** To be followed by {@link #leave}, unless something is thrown. */
  void enter() {
    if (++depth > limits.depth()) {
      throw new Fault("it nests deeper than the limit of " + limits.depth() + " levels");
    }
    steps(1);
  }

  void leave() {
    depth--;
  }

  /** Before a string of so many chars is made. */
  void text(long chars) {
    if (chars > limits.textChars()) {
      throw new Fault(
          "a text of " + chars + " chars is longer than the limit of " + limits.textChars());
    }
    allocate(chars);
  }

  /** Before a text grows by some chars to so many. */
  void grow(long by, long to) {
    if (to > limits.textChars()) {
      text(to);
    }
    allocate(by);
  }

  /** Before a list or dict of so many items is made. */
  void items(long count) {
    if (count > limits.items()) {
      throw new Fault(
          "a list of " + count + " items is longer than the limit of " + limits.items());
    }
    allocate(count * ITEM_CHARS);
  }

  /** Before a list grows by one item to so many. */
  void item(long count) {
    if (count > limits.items()) {
      items(count);
    }
    allocate(ITEM_CHARS);
    steps(1);
  }

  /** Before a filter or call, which may make something small that is kept. */
  void call() {
    allocate(CALL_CHARS);
  }

  /** Before memory for so many chars is used that no value keeps. */
  void allocate(long chars) {
    allocated += chars;
    if (allocated > limits.allocation()) {
      throw new Fault(
          "it makes texts and lists of more than the limit of " + limits.allocation() + " chars");
    }
    steps(chars / STEP_CHARS);
  }
}
