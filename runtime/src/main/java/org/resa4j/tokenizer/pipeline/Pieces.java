package org.resa4j.tokenizer.pipeline;

/** Hears the pieces of a text, which go from stage to stage one by one. */
interface Pieces {
  /**
   * Takes characters {@code from} to {@code to} - 1, at least one, valid during the call.
   *
   * @param atStart whether the piece begins where the whole text did
   */
  void piece(char[] text, int from, int to, boolean atStart);
}
