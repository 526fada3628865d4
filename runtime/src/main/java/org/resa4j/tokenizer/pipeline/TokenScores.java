package org.resa4j.tokenizer.pipeline;

import java.util.Arrays;

/**
 * The scores by which {@link ScoredBpe} joins what a list of pairs joins: the earlier the pairs of
 * a token, the higher. There is no such list in SentencePiece's own files; those that are made of
 * them have every pair of tokens that makes one, token by token.
 */
final class TokenScores {
  private final Source source;
  private final Vocabulary vocabulary;
  private final Merges merges;
  private final float[] scores;
  private final boolean[] joined;

  private TokenScores(Source source, Vocabulary vocabulary, Merges merges, int size) {
    this.source = source;
    this.vocabulary = vocabulary;
    this.merges = merges;
    this.scores = new float[size];
    this.joined = new boolean[size];
  }

  /**
   * One for each id.
   *
   * @param size above every id
   * @param added tokens that no text has when it comes to the model
   * @throws org.resa4j.error.InputException if there are no scores with the same result
   */
  static float[] of(
      Source source, Vocabulary vocabulary, Merges merges, int size, AddedTokens added) {
    TokenScores made = new TokenScores(source, vocabulary, merges, size);
    made.rank();
    for (int id = 0; id < size; id++) {
      String token = vocabulary.token(id);
      if (token != null && added.token(id) == null) {
        made.checkPairs(token);
      }
    }
    return made.scores;
  }

  private void rank() {
    // Below all others: characters, which are there without being joined.
    Arrays.fill(scores, -merges.size());
    int before = Merges.NONE;
    int place = 0;
    for (Merges.Pair pair : merges.pairs()) {
      int token = pair.token();
      if (token == before) {
        continue;
      }
      if (joined[token]) {
        throw refuse(
            "the pairs that make \"%s\" stand apart"
                .formatted(Source.shortened(vocabulary.token(token))));
      }
      joined[token] = true;
      scores[token] = -place++;
      before = token;
    }
  }

  /** Scores join any two tokens that make another, listed or not. */
  private void checkPairs(String token) {
    for (int i = token.offsetByCodePoints(0, 1);
        i < token.length();
        i += Character.charCount(token.codePointAt(i))) {
      int left = vocabulary.id(token.substring(0, i));
      int right = vocabulary.id(token.substring(i));
      if (comesUp(left) && comesUp(right) && merges.rank(left, right) == Merges.NONE) {
        throw refuse(
            "\"%s\" and \"%s\" make a token, and are not among the merges"
                .formatted(vocabulary.token(left), vocabulary.token(right)));
      }
    }
  }

  /** Whether a text can have this token while it is being joined. */
  private boolean comesUp(int id) {
    return id != Vocabulary.NONE
        && (joined[id]
            || vocabulary.token(id).codePointCount(0, vocabulary.token(id).length()) == 1);
  }

  private RuntimeException refuse(String why) {
    return source.notInGguf("model BPE", "its merges are not SentencePiece's: " + why);
  }
}
