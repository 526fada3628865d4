package org.resa4j.tokenizer.pipeline;

import java.util.Arrays;

/** Many short texts, one after the other in one array. */
final class TextList {
  private char[] text = new char[1 << 16];
  private int[] ends = new int[1 << 13];
  private int size;

  void add(char[] from, int offset, int length) {
    if (size == ends.length) {
      ends = Arrays.copyOf(ends, Growth.next(size, size + 1L));
    }
    int start = size == 0 ? 0 : ends[size - 1];
    if (start + (long) length > text.length) {
      text = Arrays.copyOf(text, Growth.next(text.length, start + (long) length));
    }
    System.arraycopy(from, offset, text, start, length);
    ends[size++] = start + length;
  }

  int size() {
    return size;
  }

  /** The array with all texts. */
  char[] text() {
    return text;
  }

  int start(int index) {
    return index == 0 ? 0 : ends[index - 1];
  }

  int end(int index) {
    return ends[index];
  }

  String get(int index) {
    return new String(text, start(index), end(index) - start(index));
  }

  /** Gives unused memory back. */
  void trim() {
    text = Arrays.copyOf(text, size == 0 ? 0 : ends[size - 1]);
    ends = Arrays.copyOf(ends, size);
  }
}
