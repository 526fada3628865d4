package org.resa4j.grammar.schema;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Texts of JSON, each with a number, by their beginnings. Within strings a character beyond ASCII
 * is written as it is or as {@code \\uxxxx}, since a vocabulary may have no token of it; all else
 * has one way to be written.
 *
 * <p>Immutable.
 */
final class Words {
  /** Where each begins. */
  static final int BEGIN = 0;

  /** Nowhere, and no word. */
  static final int NONE = -1;

  /** What each byte of a token becomes that is no whole character. */
  static final char BYTE = '\uFFFD';

  private final char[][] letters;
  private final int[][] children;
  private final int[] words;
  private final int[][] ahead;
  private final BitSet afterBackslash;
  private final BitSet inHex;
  private final int depth;

  private Words(Builder built) {
    int places = built.edges.size();
    letters = new char[places][];
    children = new int[places][];
    for (int i = 0; i < places; i++) {
      TreeMap<Character, Integer> edges = built.edges.get(i);
      letters[i] = new char[edges.size()];
      children[i] = new int[edges.size()];
      int n = 0;
      for (Map.Entry<Character, Integer> edge : edges.entrySet()) {
        letters[i][n] = edge.getKey();
        children[i][n++] = edge.getValue();
      }
    }
    words = built.words.stream().mapToInt(Integer::intValue).toArray();
    ahead =
        built.ahead.stream()
            .map(all -> all.stream().mapToInt(Integer::intValue).toArray())
            .toArray(int[][]::new);
    afterBackslash = built.afterBackslash;
    inHex = built.inHex;
    depth = built.depth;
  }

  /** How many objects and arrays are open at once at the most. */
  int depth() {
    return depth;
  }

  /** Where a character leads; {@link #NONE} where no word goes on with it. */
  int next(int at, char c) {
    char[] here = letters[at];
    for (int i = 0; i < here.length; i++) {
      if (here[i] == c) {
        return children[at][i];
      }
    }
    return NONE;
  }

  /** The word that is whole here; {@link #NONE} where none is. */
  int word(int at) {
    return words[at];
  }

  /** The words that begin so, in order. */
  int[] ahead(int at) {
    return ahead[at];
  }

  /** Whether a word goes on here. */
  boolean goesOn(int at) {
    return letters[at].length > 0;
  }

  /** Whether a backslash is the last that was read. */
  boolean isAfterBackslash(int at) {
    return afterBackslash.get(at);
  }

  /** Whether a {@code \\uxxxx} is not whole. */
  boolean isInHex(int at) {
    return inHex.get(at);
  }

  /** The ASCII characters of all words, in which each can be written. */
  void addCharacters(BitSet to) {
    for (char[] each : letters) {
      for (char c : each) {
        if (c < 0x80) {
          to.set(c);
        }
      }
    }
  }

  /** Collects words. Not thread-safe. */
  static final class Builder {
    private final List<TreeMap<Character, Integer>> edges = new ArrayList<>();
    private final List<Integer> words = new ArrayList<>();
    private final List<TreeSet<Integer>> ahead = new ArrayList<>();
    private final BitSet afterBackslash = new BitSet();
    private final BitSet inHex = new BitSet();
    private final int mostPlaces;
    private int at;
    private int word;
    private int open;
    private int depth;
    private boolean full;

    /**
     * @param mostPlaces about as many as there may be characters in all
     */
    Builder(int mostPlaces) {
      this.mostPlaces = mostPlaces;
      place();
    }

    private int place() {
      if (edges.size() > mostPlaces) {
        full = true;
        return BEGIN;
      }
      edges.add(new TreeMap<>());
      words.add(NONE);
      ahead.add(new TreeSet<>());
      return edges.size() - 1;
    }

    /** Whether there is no word. */
    boolean isEmpty() {
      return edges.size() == 1;
    }

    /** How many places there are. */
    int size() {
      return edges.size();
    }

    /** Whether there are too many characters; not all words are there then. */
    boolean isFull() {
      return full;
    }

    /** Begins a word. */
    Builder begin(int number) {
      at = BEGIN;
      word = number;
      ahead.get(at).add(word);
      return this;
    }

    /** Goes on with characters as they are. */
    Builder text(String text) {
      for (int i = 0; i < text.length(); i++) {
        step(text.charAt(i));
      }
      return this;
    }

    private void step(char c) {
      at = edges.get(at).computeIfAbsent(c, any -> place());
      ahead.get(at).add(word);
    }

    /** Goes on with a bracket or brace. */
    Builder open(char bracket) {
      depth = Math.max(depth, ++open);
      step(bracket);
      return this;
    }

    /** Goes on with its other end. */
    Builder close(char bracket) {
      open--;
      step(bracket);
      return this;
    }

    /** Goes on with the characters of a string. */
    Builder characters(String string) {
      string.codePoints().forEach(this::character);
      return this;
    }

    private void character(int code) {
      switch (code) {
        case '"' -> escape('"');
        case '\\' -> escape('\\');
        case '\b' -> escape('b');
        case '\f' -> escape('f');
        case '\n' -> escape('n');
        case '\r' -> escape('r');
        case '\t' -> escape('t');
        default -> {
          int from = at;
          if (code < ' ' || code == BYTE || isHalf(code)) {
            units(code);
          } else {
            text(Character.toString(code));
            if (code >= 0x80) {
              int end = at;
              at = from;
              units(code, end);
            }
          }
        }
      }
    }

    private static boolean isHalf(int code) {
      return code >= Character.MIN_SURROGATE && code <= Character.MAX_SURROGATE;
    }

    private void escape(char letter) {
      step('\\');
      afterBackslash.set(at);
      step(letter);
    }

    private void units(int code) {
      for (char unit : Character.toChars(code)) {
        String hex = hex(unit);
        unitBut1(hex);
        step(hex.charAt(hex.length() - 1));
      }
    }

    /** The same, to where the character itself leads. */
    private void units(int code, int end) {
      char[] units = Character.toChars(code);
      if (units.length == 2) {
        String high = hex(units[0]);
        unitBut1(high);
        step(high.charAt(high.length() - 1));
      }
      String last = hex(units[units.length - 1]);
      unitBut1(last);
      edges.get(at).put(last.charAt(last.length() - 1), end);
      at = end;
    }

    /** An escape without its last digit. */
    private void unitBut1(String hex) {
      escape('u');
      inHex.set(at);
      for (int i = 0; i < hex.length() - 1; i++) {
        step(hex.charAt(i));
        inHex.set(at);
      }
    }

    private static String hex(char unit) {
      return "%04x".formatted((int) unit);
    }

    /** Ends the word. */
    void end() {
      words.set(at, word);
    }

    Words build() {
      return new Words(this);
    }
  }
}
