package org.resa4j.tokenizer.pipeline;

import java.util.Arrays;

/**
 * SentencePiece's byte-pair encoding: neighbours become one where their joined text is a token, the
 * one with the highest score first, and of those the leftmost. There is no list of pairs. Takes
 * time proportional to n log n.
 *
 * <p>A character that is no token, and part of none, becomes the tokens of its bytes, or the
 * unknown one.
 *
 * <p>Source: SentencePiece's {@code bpe_model.cc}, as llama.cpp has it.
 */
final class ScoredBpe implements Model {
  /** What stands for a blank in tokens. */
  static final char BLANK = '\u2581';

  private static final int NONE = -1;

  /** Of a place where no symbol begins. */
  private static final int REMOVED = 0;

  private final Vocabulary vocabulary;
  private final ByteTokens bytes;
  private final int unknown;

  /** By id; 0 is the highest score, and equal scores have one rank. */
  private final int[] ranks;

  /** Characters of the longest token. */
  private final int longest;

  /**
   * @param scores of ids 0 and up; no NaN
   */
  ScoredBpe(Vocabulary vocabulary, float[] scores, int unknown) {
    this.vocabulary = vocabulary;
    this.bytes = new ByteTokens(vocabulary);
    this.unknown = unknown;
    this.ranks = ranks(scores);
    int most = 0;
    for (int id = 0; id < scores.length; id++) {
      most = Math.max(most, vocabulary.token(id).length());
    }
    this.longest = most;
  }

  private static int[] ranks(float[] scores) {
    float[] values = new float[scores.length];
    for (int id = 0; id < scores.length; id++) {
      // Makes 0 of -0, which sorting puts below it.
      values[id] = scores[id] + 0f;
    }
    float[] ordered = values.clone();
    Arrays.sort(ordered);
    int different = 1;
    for (int i = 1; i < ordered.length; i++) {
      if (ordered[i] != ordered[different - 1]) {
        ordered[different++] = ordered[i];
      }
    }
    int[] ranks = new int[scores.length];
    for (int id = 0; id < ranks.length; id++) {
      ranks[id] = different - 1 - Arrays.binarySearch(ordered, 0, different, values[id]);
    }
    return ranks;
  }

  @Override
  public Vocabulary vocabulary() {
    return vocabulary;
  }

  @Override
  public Pieces into(IntList tokens) {
    return (text, from, to, atStart) -> new Symbols(text, from, to).merge().addTo(tokens);
  }

  /** The symbols of one piece, by the place where they begin, counted from the piece's start. */
  private final class Symbols {
    private final char[] text;
    private final int from;
    private final int length;
    private final int[] ends;
    private final int[] previous;
    private final PairHeap heap;

    private Symbols(char[] text, int from, int to) {
      this.text = text;
      this.from = from;
      this.length = to - from;
      this.ends = new int[length];
      this.previous = new int[length];
      this.heap = new PairHeap(length);
      int before = NONE;
      for (int at = 0; at < length; at = ends[at]) {
        ends[at] = at + Character.charCount(Character.codePointAt(text, from + at, to));
        previous[at] = before;
        before = at;
      }
    }

    private Symbols merge() {
      for (int at = 0; at < length; at = ends[at]) {
        int rank = rank(at);
        if (rank != NONE) {
          heap.append(rank, at);
        }
      }
      heap.order();
      while (!heap.isEmpty()) {
        int rank = heap.rank();
        int at = heap.position();
        heap.remove();
        // Else another pair than the one that was put in, or none.
        if (ends[at] != REMOVED && rank(at) == rank) {
          join(at);
        }
      }
      return this;
    }

    private void join(int at) {
      int right = ends[at];
      ends[at] = ends[right];
      ends[right] = REMOVED;
      if (ends[at] < length) {
        previous[ends[at]] = at;
      }
      put(previous[at]);
      put(at);
    }

    private void put(int left) {
      int rank = left == NONE ? NONE : rank(left);
      if (rank != NONE) {
        heap.put(rank, left);
      }
    }

    /** The rank of what a symbol and the next one make, or {@link #NONE}. */
    private int rank(int left) {
      int right = ends[left];
      if (right == length || ends[right] - left > longest) {
        return NONE;
      }
      int id = vocabulary.id(text, from + left, from + ends[right]);
      return id == Vocabulary.NONE ? NONE : ranks[id];
    }

    private void addTo(IntList tokens) {
      for (int at = 0; at < length; at = ends[at]) {
        int id = vocabulary.id(text, from + at, from + ends[at]);
        if (id != Vocabulary.NONE) {
          tokens.add(id);
        } else if (!bytes.add(text, from + at, from + ends[at], tokens)) {
          tokens.add(unknown);
        }
      }
    }
  }
}
