package org.resa4j.tokenizer.pipeline;

/**
 * A token beside the model's own.
 *
 * @param singleWord whether it counts only between characters that are no part of words
 * @param leftStrip whether it takes the white space before it
 * @param rightStrip whether it takes the white space after it
 * @param normalized whether it is looked for in the normalized text
 * @param special whether it may be left out of decoded text
 */
record AddedToken(
    String content,
    boolean singleWord,
    boolean leftStrip,
    boolean rightStrip,
    boolean normalized,
    boolean special) {
  static AddedToken read(Fields fields) {
    AddedToken token =
        new AddedToken(
            fields.string("content"),
            fields.bool("single_word"),
            fields.bool("lstrip"),
            fields.bool("rstrip"),
            fields.bool("normalized"),
            fields.bool("special"));
    fields.whole("id", 0, Vocabulary.ID_LIMIT - 1);
    fields.end();
    return token;
  }
}
