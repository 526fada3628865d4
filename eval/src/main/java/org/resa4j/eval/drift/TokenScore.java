package org.resa4j.eval.drift;

/**
 * How a step predicted a scored token.
 *
 * @param loss cross entropy of the right token, in nats
 * @param top the token with the highest logit; the lowest id of equals
 * @param rank tokens that came before the right one: 0 where it was predicted
 * @param denseRank tokens that came before the one that dense decoding predicted
 */
record TokenScore(double loss, int top, int rank, int denseRank) {

  /** The score of a dense step on a dense cache, which is what the others are compared with. */
  static TokenScore dense(float[] logits, int right) {
    TokenScore score = of(logits, right, right);
    return new TokenScore(score.loss, score.top, score.rank, 0);
  }

  /**
   * @param right the text's next token
   * @param denseTop what dense decoding predicted
   */
  static TokenScore of(float[] logits, int right, int denseTop) {
    int top = 0;
    for (int token = 1; token < logits.length; token++) {
      if (logits[token] > logits[top]) {
        top = token;
      }
    }
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp((double) logit - logits[top]);
    }
    double loss = Math.log(sum) + logits[top] - logits[right];
    return new TokenScore(loss, top, rank(logits, right), rank(logits, denseTop));
  }

  private static int rank(float[] logits, int token) {
    int rank = 0;
    for (int other = 0; other < logits.length; other++) {
      if (logits[other] > logits[token] || (logits[other] == logits[token] && other < token)) {
        rank++;
      }
    }
    return rank;
  }
}
