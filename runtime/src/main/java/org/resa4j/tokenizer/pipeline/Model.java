package org.resa4j.tokenizer.pipeline;

/** Makes tokens of a piece. */
sealed interface Model permits Bpe, ScoredBpe, Unigram, WordLevel {
  Vocabulary vocabulary();

  /** A stage on one thread that adds the tokens of pieces to a list. */
  Pieces into(IntList tokens);
}
