package org.resa4j.tokenizer.pipeline;

import java.util.ArrayList;
import java.util.List;

/** Reads {@code pre_tokenizer}. */
final class PreTokenizers {
  /** GPT-2's, which a byte-level pre-tokenizer has built in. */
  static final String GPT2 =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

  private PreTokenizers() {}

  static PreTokenizer read(Fields fields) {
    PreTokenizer read =
        switch (fields.type()) {
          case "Sequence" -> sequence(fields);
          case "ByteLevel" -> byteLevel(fields);
          case "Split" ->
              new PreTokenizer.Split(
                  Patterns.read(fields), SplitBehavior.read(fields), fields.bool("invert"));
          case "Digits" ->
              splitAt(
                  new TextPattern.CodePoints(Unicode::isNumber),
                  fields.bool("individual_digits")
                      ? SplitBehavior.ISOLATED
                      : SplitBehavior.CONTIGUOUS);
          case "Punctuation" ->
              splitAt(
                  new TextPattern.CodePoints(Unicode::isPunctuation),
                  fields.has("behavior") ? SplitBehavior.read(fields) : SplitBehavior.ISOLATED);
          case "Whitespace" ->
              new PreTokenizer.Split(
                  new TextPattern.Runs(
                      Unicode::isWord, c -> !Unicode.isWord(c) && !Unicode.isWhiteSpace(c)),
                  SplitBehavior.REMOVED,
                  true);
          case "WhitespaceSplit" ->
              splitAt(new TextPattern.CodePoints(Unicode::isWhiteSpace), SplitBehavior.REMOVED);
          case "Metaspace" -> metaspace(fields);
          default -> throw fields.refuse("unknown type");
        };
    fields.end();
    return read;
  }

  private static PreTokenizer sequence(Fields fields) {
    PreTokenizer.Sequence sequence =
        new PreTokenizer.Sequence(
            fields.components("pretokenizers").stream().map(PreTokenizers::read).toList());
    if (byteLevels(sequence) > 2) {
      throw fields.refuse("bytes of bytes of bytes, which grow without end");
    }
    return sequence;
  }

  private static int byteLevels(PreTokenizer part) {
    return switch (part) {
      case PreTokenizer.ByteLevel bytes -> 1;
      case PreTokenizer.Sequence sequence ->
          sequence.parts().stream().mapToInt(PreTokenizers::byteLevels).sum();
      default -> 0;
    };
  }

  private static PreTokenizer splitAt(TextPattern pattern, SplitBehavior behavior) {
    return new PreTokenizer.Split(pattern, behavior, false);
  }

  private static PreTokenizer byteLevel(Fields fields) {
    List<PreTokenizer> parts = new ArrayList<>();
    if (fields.bool("add_prefix_space")) {
      parts.add(new PreTokenizer.PrefixSpace());
    }
    if (fields.bool("use_regex", true)) {
      parts.add(splitAt(Patterns.regex(fields, GPT2), SplitBehavior.ISOLATED));
    }
    parts.add(new PreTokenizer.ByteLevel());
    fields.ignore("trim_offsets");
    return new PreTokenizer.Sequence(parts);
  }

  private static PreTokenizer metaspace(Fields fields) {
    char replacement = replacement(fields);
    PreTokenizer.PrependScheme scheme = scheme(fields);
    PreTokenizer blanks = new PreTokenizer.Metaspace(replacement, scheme);
    return fields.bool("split", true)
        ? new PreTokenizer.Sequence(
            List.of(
                blanks,
                splitAt(
                    new TextPattern.Literal(String.valueOf(replacement)),
                    SplitBehavior.MERGED_WITH_NEXT)))
        : blanks;
  }

  static char replacement(Fields fields) {
    int replacement = fields.character("replacement");
    if (!Character.isBmpCodePoint(replacement)) {
      throw fields.refuse("\"replacement\" must be a character up to U+FFFF");
    }
    return (char) replacement;
  }

  /** Whether blanks are put before pieces: by the present key, and by the one before it. */
  static PreTokenizer.PrependScheme scheme(Fields fields) {
    String word = fields.optionalString("prepend_scheme");
    boolean older = fields.bool("add_prefix_space", true);
    fields.ignore("str_rep");
    PreTokenizer.PrependScheme scheme =
        switch (word) {
          case "first" -> PreTokenizer.PrependScheme.FIRST;
          case "never" -> PreTokenizer.PrependScheme.NEVER;
          case "always" -> PreTokenizer.PrependScheme.ALWAYS;
          case null -> older ? PreTokenizer.PrependScheme.ALWAYS : PreTokenizer.PrependScheme.NEVER;
          default -> throw fields.refuse("unknown prepend_scheme \"%s\"".formatted(word));
        };
    if (!older && scheme != PreTokenizer.PrependScheme.NEVER) {
      throw fields.refuse("\"add_prefix_space\" and \"prepend_scheme\" do not agree");
    }
    return scheme;
  }
}
