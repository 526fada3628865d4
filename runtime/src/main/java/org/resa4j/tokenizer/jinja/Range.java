package org.resa4j.tokenizer.jinja;

/** Python's range; its items are made when they are come to. */
record Range(long start, long stop, long step) {
  /** As Jinja2's sandbox has it. */
  private static final long LONGEST = 100_000;

  static Range of(long start, long stop, long step) {
    if (step == 0) {
      throw new Fault("range() arg 3 must not be zero");
    }
    Range range = new Range(start, stop, step);
    // In doubles, since the difference may have more than 64 bits.
    if (((double) stop - start) / step > LONGEST) {
      throw new Fault("a range is longer than the limit of " + LONGEST + " items");
    }
    return range;
  }

  long length() {
    boolean empty = step > 0 ? start >= stop : start <= stop;
    return empty ? 0 : Math.ceilDiv(stop - start, step);
  }

  Object get(long index) {
    return start + index * step;
  }

  boolean contains(long value) {
    boolean within = step > 0 ? value >= start && value < stop : value <= start && value > stop;
    return within && (value - start) % step == 0;
  }
}
