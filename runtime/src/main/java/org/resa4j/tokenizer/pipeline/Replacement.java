package org.resa4j.tokenizer.pipeline;

import org.resa4j.error.InputException;

/** Puts other content in the place of a pattern's matches; the result may not grow without end. */
record Replacement(Source source, String component, TextPattern pattern, String content) {
  /** Of a text's length; Unicode's own forms make up to 18 characters of one. */
  private static final long MOST_TIMES = 64;

  private static final long ALWAYS_ALLOWED = 1 << 20;

  /** Of characters, after replacements of replacements. */
  private static final long LONGEST = 1 << 26;

  static Replacement read(Fields fields) {
    return new Replacement(
        fields.source(), fields.component(), Patterns.read(fields), fields.string("content"));
  }

  /**
   * The text with its matches replaced.
   *
   * @param heard hears the parts as they were
   * @throws InputException if it would be too long
   */
  String apply(char[] text, TextPattern.Search search, TextPattern.Segments heard) {
    StringBuilder replaced = new StringBuilder(text.length);
    long most = Math.min(LONGEST, ALWAYS_ALLOWED + MOST_TIMES * text.length);
    search.run(
        text,
        0,
        text.length,
        (from, to, match) -> {
          heard.segment(from, to, match);
          if (!match) {
            replaced.append(text, from, to - from);
          } else if (replaced.length() + (long) content.length() > most) {
            throw tooLong();
          } else {
            replaced.append(content);
          }
        });
    return replaced.toString();
  }

  /** Refuses texts that are too long in sum. */
  void checkSum(long length) {
    if (length > LONGEST) {
      throw tooLong();
    }
  }

  private InputException tooLong() {
    return source.fail(component, "it makes this text too long");
  }
}
