package org.resa4j.tokenizer.pipeline;

import java.util.Arrays;

/** A model's tokens and their ids, in flat arrays. Ids may have gaps. */
final class Vocabulary {
  static final int NONE = LongIntMap.NONE;

  /** Ids are below it: some sixty times as many as the largest vocabularies have tokens. */
  static final int ID_LIMIT = 1 << 24;

  /** The most tokens. Published vocabularies have up to 262,144. */
  static final int MOST_TOKENS = 1 << 21;

  /** Of ids that no token has, in an array by id. */
  private static final int MOST_GAPS = 1 << 16;

  private final TextList tokens = new TextList();
  private final IntList ids = new IntList();
  private final IntList hashes = new IntList();

  /** Index of a token plus 1, by the hash of its text; 0 is free. */
  private int[] slots = new int[1 << 14];

  /** Index of a token plus 1, by its id, while ids have few gaps; else by the map. */
  private int[] dense = new int[1 << 14];

  private final LongIntMap sparse = new LongIntMap(1);

  /** How {@link #add} went. */
  enum Added {
    YES,
    TOKEN_IS_THERE,
    ID_IS_THERE
  }

  /** Adds a token. Its id must be below {@link #ID_LIMIT}. */
  Added add(char[] from, int offset, int length, int id) {
    int hash = Hashing.of(from, offset, offset + length);
    int slot = slot(hash, from, offset, offset + length);
    if (slots[slot] != 0) {
      return Added.TOKEN_IS_THERE;
    }
    if (index(id) != NONE) {
      return Added.ID_IS_THERE;
    }
    if (id >= dense.length && id < 4L * tokens.size() + MOST_GAPS) {
      dense = Arrays.copyOf(dense, Growth.next(dense.length, id + 1L));
    }
    if (id < dense.length) {
      dense[id] = tokens.size() + 1;
    } else {
      sparse.put(id, tokens.size());
    }
    tokens.add(from, offset, length);
    ids.add(id);
    hashes.add(hash);
    slots[slot] = tokens.size();
    if (2 * tokens.size() > slots.length) {
      grow();
    }
    return Added.YES;
  }

  /** Gives unused memory back. */
  void trim() {
    tokens.trim();
  }

  int size() {
    return tokens.size();
  }

  /** The id of a token, or {@link #NONE}. */
  int id(String token) {
    char[] text = token.toCharArray();
    return id(text, 0, text.length);
  }

  /** The id of the token of characters {@code from} to {@code to} - 1, or {@link #NONE}. */
  int id(char[] text, int from, int to) {
    return id(Hashing.of(text, from, to), text, from, to);
  }

  /** The same, with its hash. */
  int id(int hash, char[] text, int from, int to) {
    int index = slots[slot(hash, text, from, to)];
    return index == 0 ? NONE : ids.get(index - 1);
  }

  /** The highest id; -1 without tokens. */
  int highestId() {
    int highest = -1;
    for (int i = 0; i < ids.size(); i++) {
      highest = Math.max(highest, ids.get(i));
    }
    return highest;
  }

  /** Whether a token has this id. */
  boolean hasId(int id) {
    return index(id) != NONE;
  }

  /** The text of an id, or null. */
  String token(int id) {
    int index = index(id);
    return index == NONE ? null : tokens.get(index);
  }

  private int index(int id) {
    if (id < 0) {
      return NONE;
    }
    int index = id < dense.length ? dense[id] - 1 : NONE;
    return index == NONE && sparse.size() > 0 ? sparse.get(id) : index;
  }

  /** The ids of all tokens of one character of 16 bits, others {@link #NONE}. */
  int[] idsOfCharacters() {
    int[] found = new int[1 << 16];
    Arrays.fill(found, NONE);
    for (int i = 0; i < tokens.size(); i++) {
      if (tokens.end(i) - tokens.start(i) == 1) {
        found[tokens.text()[tokens.start(i)]] = ids.get(i);
      }
    }
    return found;
  }

  /** Where a token is, or where it would go. */
  private int slot(int hash, char[] text, int from, int to) {
    int mask = slots.length - 1;
    for (int slot = hash & mask; ; slot = (slot + 1) & mask) {
      int index = slots[slot] - 1;
      if (index < 0
          || (hashes.get(index) == hash
              && Arrays.equals(
                  tokens.text(), tokens.start(index), tokens.end(index), text, from, to))) {
        return slot;
      }
    }
  }

  private void grow() {
    slots = new int[2 * slots.length];
    int mask = slots.length - 1;
    for (int i = 0; i < tokens.size(); i++) {
      int slot = hashes.get(i) & mask;
      while (slots[slot] != 0) {
        slot = (slot + 1) & mask;
      }
      slots[slot] = i + 1;
    }
  }
}
