package org.resa4j.bench.serve;

import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * A text as its reader got it. What one call of the scheduler gives is one delivery: exact mode
 * verifies several tokens at once.
 */
final class WrittenText {
  private final int[] prompt;
  private final long arrived;
  private int[] tokens = new int[64];
  private int count;
  private long[] deliveries = new long[64];
  private int delivered;
  private long lastTick = -1;

  /**
   * @param arrived when its request came, by {@link System#nanoTime}
   */
  WrittenText(int[] prompt, long arrived) {
    this.prompt = prompt;
    this.arrived = arrived;
  }

  /**
   * A token.
   *
   * @param tick number of the scheduler's call
   * @param now by {@link System#nanoTime}
   */
  void add(int token, long tick, long now) {
    if (count == tokens.length) {
      tokens = Arrays.copyOf(tokens, 2 * count);
    }
    tokens[count++] = token;
    if (tick != lastTick) {
      if (delivered == deliveries.length) {
        deliveries = Arrays.copyOf(deliveries, 2 * delivered);
      }
      deliveries[delivered++] = now;
      lastTick = tick;
    }
  }

  int[] prompt() {
    return prompt;
  }

  int[] tokens() {
    return Arrays.copyOf(tokens, count);
  }

  /** Tokens so far. */
  int length() {
    return count;
  }

  /** From the request to the first token, in nanoseconds. */
  long firstToken() {
    if (delivered == 0) {
      throw new IllegalStateException("nothing was written");
    }
    return deliveries[0] - arrived;
  }

  /**
   * Times between deliveries, in nanoseconds.
   *
   * @param from of those that end after a time, by {@link System#nanoTime}
   * @param to and begin before another
   */
  LongStream gaps(long from, long to) {
    return LongStream.range(1, delivered)
        .filter(i -> deliveries[(int) i] - from > 0 && to - deliveries[(int) i - 1] > 0)
        .map(i -> deliveries[(int) i] - deliveries[(int) i - 1]);
  }

  /** All times between deliveries, in nanoseconds. */
  LongStream gaps() {
    return LongStream.range(1, delivered).map(i -> deliveries[(int) i] - deliveries[(int) i - 1]);
  }
}
