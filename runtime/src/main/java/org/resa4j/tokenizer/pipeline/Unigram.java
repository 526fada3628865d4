package org.resa4j.tokenizer.pipeline;

import java.util.Arrays;

/**
 * The most likely way to write a piece in tokens (Viterbi).
 *
 * <p>Source: the reference library's {@code encode_optimized}, after SentencePiece's.
 */
final class Unigram implements Model {
  private static final double UNKNOWN_PENALTY = 10;

  /** Of steps in the vocabulary's trie, for a character. SentencePiece's tokens have at most 16. */
  private static final int MOST_STEPS = 256;

  private final Source source;
  private final Vocabulary vocabulary;
  private final double[] scores;
  private final int unknown;
  private final ByteTokens bytes;
  private final double unknownScore;
  private final Trie trie = new Trie();

  /**
   * @param tokens texts of ids 0 and up
   * @param unknown the id of the unknown token, or {@link Vocabulary#NONE}
   */
  Unigram(
      Source source,
      TextList tokens,
      Vocabulary vocabulary,
      double[] scores,
      int unknown,
      boolean byteFallback) {
    this.source = source;
    this.vocabulary = vocabulary;
    this.scores = scores;
    this.unknown = unknown;
    this.bytes = byteFallback ? new ByteTokens(vocabulary) : null;
    double lowest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < tokens.size(); i++) {
      lowest = Math.min(lowest, scores[i]);
      if (tokens.start(i) < tokens.end(i)) {
        trie.put(tokens.text(), tokens.start(i), tokens.end(i), i);
      }
    }
    this.unknownScore = lowest - UNKNOWN_PENALTY;
  }

  @Override
  public Vocabulary vocabulary() {
    return vocabulary;
  }

  @Override
  public Pieces into(IntList tokens) {
    return (text, from, to, atStart) -> new Lattice(text, from, to).tokens(tokens);
  }

  /** The best ways to all places of one piece. */
  private final class Lattice {
    private final char[] text;
    private final int from;
    private final int length;
    private final double[] best;

    /** Where the last token of the best way begins, and which it is; {@link Vocabulary#NONE}. */
    private final int[] starts;

    private final int[] ids;

    private Lattice(char[] text, int from, int to) {
      this.text = text;
      this.from = from;
      this.length = to - from;
      this.best = new double[length + 1];
      this.starts = new int[length + 1];
      this.ids = new int[length + 1];
      Arrays.fill(starts, Vocabulary.NONE);
    }

    private void tokens(IntList tokens) {
      fill();
      IntList ends = new IntList();
      for (int end = length; end > 0; end = starts[end]) {
        ends.add(end);
      }
      int start = 0;
      for (int i = ends.size() - 1; i >= 0; i--) {
        int end = ends.get(i);
        // Unknown ones in a row are one.
        boolean goesOn = ids[end] == unknown && i > 0 && ids[ends.get(i - 1)] == unknown;
        if (!goesOn) {
          add(tokens, from + start, from + end);
          start = end;
        }
      }
    }

    private void fill() {
      long steps = (long) MOST_STEPS * (length + 1);
      int at = 0;
      while (at < length) {
        int one = Character.charCount(Character.codePointAt(text, from + at, from + length));
        boolean single = false;
        int node = Trie.ROOT;
        for (int end = at; end < length; ) {
          node = trie.child(node, text[from + end]);
          end++;
          if (--steps < 0) {
            throw source.fail("model Unigram", "the vocabulary takes too much work on this text");
          }
          if (node == Trie.NONE) {
            break;
          }
          int id = trie.value(node);
          if (id != Trie.NONE) {
            reach(at, end, scores[id], id);
            single |= end - at == one;
          }
        }
        if (!single) {
          if (unknown == Vocabulary.NONE && isBetter(at, at + one, unknownScore)) {
            throw source.fail(
                "model Unigram", "a character is not in the vocabulary, and there is no unk_id");
          }
          reach(at, at + one, unknownScore, unknown);
        }
        at += one;
      }
    }

    private boolean isBetter(int start, int end, double score) {
      return starts[end] == Vocabulary.NONE || score + best[start] > best[end];
    }

    private void reach(int start, int end, double score, int id) {
      if (isBetter(start, end, score)) {
        best[end] = score + best[start];
        starts[end] = start;
        ids[end] = id;
      }
    }

    private void add(IntList tokens, int start, int end) {
      int id = vocabulary.id(text, start, end);
      if (id != Vocabulary.NONE) {
        tokens.add(id);
      } else if (bytes == null || !bytes.add(text, start, end, tokens)) {
        if (unknown == Vocabulary.NONE) {
          throw source.fail("model Unigram", "a text is unknown, and there is no unk_id");
        }
        tokens.add(unknown);
      }
    }
  }
}
