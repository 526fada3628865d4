package org.resa4j.tokenizer.pipeline;

/** Strings with values, for the prefixes that a text has of them. */
final class Trie {
  static final int NONE = -1;
  static final int ROOT = 0;

  private final LongIntMap children = new LongIntMap(1 << 10);
  private final IntList values = new IntList();

  Trie() {
    values.add(0);
  }

  /** Adds a string that is not empty. Its value replaces one that it has. */
  void put(char[] text, int from, int to, int value) {
    values.set(add(text, from, to), value + 1);
  }

  /** Adds a string that is not empty, unless it is there. */
  void putIfAbsent(char[] text, int value) {
    int node = add(text, 0, text.length);
    if (value(node) == NONE) {
      values.set(node, value + 1);
    }
  }

  private int add(char[] text, int from, int to) {
    int node = ROOT;
    for (int i = from; i < to; i++) {
      int child = child(node, text[i]);
      if (child == NONE) {
        child = values.size();
        values.add(0);
        children.put(key(node, text[i]), child);
      }
      node = child;
    }
    return node;
  }

  /** The node after a character, or {@link #NONE}. */
  int child(int node, char c) {
    return children.get(key(node, c));
  }

  /** The value of the string that ends in a node, or {@link #NONE}. */
  int value(int node) {
    return values.get(node) - 1;
  }

  private static long key(int node, char c) {
    return (long) node << 16 | c;
  }
}
