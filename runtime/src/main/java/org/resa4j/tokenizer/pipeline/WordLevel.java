package org.resa4j.tokenizer.pipeline;

/** Each piece is a token, or the unknown one. */
record WordLevel(Source source, Vocabulary vocabulary, String unknownToken) implements Model {
  @Override
  public Pieces into(IntList tokens) {
    int unknown = vocabulary.id(unknownToken);
    return (text, from, to, atStart) -> {
      int id = vocabulary.id(text, from, to);
      if (id == Vocabulary.NONE && unknown == Vocabulary.NONE) {
        throw source.fail(
            "model WordLevel", "a word is not in the vocabulary, and the unknown token is not");
      }
      tokens.add(id == Vocabulary.NONE ? unknown : id);
    };
  }
}
