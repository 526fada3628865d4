package org.resa4j.tokenizer;

import java.util.List;

/** Ends a stream of text before a stop string; holds back what may be the beginning of one. */
public final class StopStrings {
  private final List<String> stops;
  private final StringBuilder held = new StringBuilder();
  private boolean stopped;

  /**
   * @param stops non-empty strings; may be none
   * @throws IllegalArgumentException for an empty stop string
   */
  public StopStrings(List<String> stops) {
    if (stops.stream().anyMatch(String::isEmpty)) {
      throw new IllegalArgumentException("a stop string must not be empty");
    }
    this.stops = List.copyOf(stops);
  }

  /** Takes text. Returns what of it, and of what was held back, is certain to be no stop string. */
  public String add(String text) {
    if (stopped) {
      return "";
    }
    held.append(text);
    int first = firstStop();
    if (first >= 0) {
      stopped = true;
      return release(first);
    }
    int safe = held.length();
    for (String stop : stops) {
      safe = Math.min(safe, held.length() - overlap(stop));
    }
    return release(safe);
  }

  /** Whether a stop string came up. */
  public boolean stopped() {
    return stopped;
  }

  /** Ends the text. Returns what was held back. */
  public String finish() {
    return stopped ? "" : release(held.length());
  }

  private String release(int length) {
    String text = held.substring(0, length);
    held.delete(0, length);
    return text;
  }

  /**
   * Where the stop string begins that is complete first, so that the text does not depend on how it
   * comes in pieces; -1 where there is none.
   */
  private int firstStop() {
    int first = -1;
    int firstEnd = Integer.MAX_VALUE;
    for (String stop : stops) {
      int at = held.indexOf(stop);
      int end = at + stop.length();
      if (at >= 0 && (end < firstEnd || (end == firstEnd && at < first))) {
        first = at;
        firstEnd = end;
      }
    }
    return first;
  }

  /** The longest beginning of {@code stop} that the held text ends with. */
  private int overlap(String stop) {
    for (int length = Math.min(stop.length() - 1, held.length()); length > 0; length--) {
      if (held.indexOf(stop.substring(0, length), held.length() - length)
          == held.length() - length) {
        return length;
      }
    }
    return 0;
  }
}
