package org.resa4j.tokenizer.jinja;

import java.time.Duration;

/**
 * How much one template may take: it comes with a model, from anywhere, and must neither hang nor
 * fill the memory.
 *
 * @param sourceChars length of a template, in chars
 * @param nesting depth of brackets and blocks in a template
 * @param depth depth of expressions, calls and data while rendering
 * @param steps evaluated nodes and visited items of one rendering
 * @param time wall time of one rendering
 * @param textChars length of any one string, in chars; the output's too
 * @param items size of any one list or dict
 * @param allocation all that one rendering makes, in chars
 */
record Limits(
    int sourceChars,
    int nesting,
    int depth,
    long steps,
    Duration time,
    int textChars,
    int items,
    long allocation) {
  /** The largest published template has 30 thousand. */
  static final int SOURCE_CHARS = 1 << 20;

  /** Python's own recursion limit ends Jinja2 at about 75; a stack of 512 KiB is enough. */
  static final int NESTING = 80;

  /** Some eighty calls of macros within one another; a stack of 512 KiB is enough. */
  static final int DEPTH = 400;

  /** A conversation of a thousand messages takes some hundred thousand; this, about two seconds. */
  static final long STEPS = 20_000_000;

  /** Beyond what steps take, for what a single step may cost. */
  static final Duration TIME = Duration.ofSeconds(10);

  /** More than the longest context of any model holds. */
  static final int TEXT_CHARS = 1 << 24;

  /** Ten times the longest {@code range} of Jinja2's sandbox. */
  static final int ITEMS = 1_000_000;

  /** The longest text eight times over; 256 MiB if all of it were kept. */
  static final long ALLOCATION = 1L << 27;

  static final Limits DEFAULT =
      new Limits(SOURCE_CHARS, NESTING, DEPTH, STEPS, TIME, TEXT_CHARS, ITEMS, ALLOCATION);
}
