package org.resa4j.tokenizer.pipeline;

/** What becomes of the matches that a text is split at. */
enum SplitBehavior {
  REMOVED("Removed"),
  ISOLATED("Isolated"),
  MERGED_WITH_PREVIOUS("MergedWithPrevious"),
  MERGED_WITH_NEXT("MergedWithNext"),
  CONTIGUOUS("Contiguous");

  private final String word;

  SplitBehavior(String word) {
    this.word = word;
  }

  static SplitBehavior read(Fields fields) {
    String word = fields.string("behavior");
    for (SplitBehavior behavior : values()) {
      if (behavior.word.equals(word)) {
        return behavior;
      }
    }
    throw fields.refuse("unknown behavior \"%s\"".formatted(word));
  }
}
