package org.resa4j.tokenizer.pipeline;

import java.util.Set;

/** Reads {@code decoder}. */
final class Decoders {
  /** Published files have 0 and 1. */
  private static final int MOST_STRIPPED = 1_024;

  private Decoders() {}

  static Decoder read(Fields fields) {
    Decoder read =
        switch (fields.type()) {
          case "Sequence" ->
              new Decoder.Sequence(
                  fields.components("decoders").stream().map(Decoders::read).toList());
          case "ByteLevel" -> {
            // The pre-tokenizer's, which has the same fields.
            fields.ignore("add_prefix_space", "trim_offsets", "use_regex");
            yield new Decoder.ByteLevel(Set.of());
          }
          case "Replace" -> new Decoder.Replace(Replacement.read(fields));
          case "ByteFallback" -> new Decoder.ByteFallback();
          case "Fuse" -> new Decoder.Fuse();
          case "Strip" ->
              new Decoder.Strip(
                  fields.character("content"),
                  fields.whole("start", 0, MOST_STRIPPED),
                  fields.whole("stop", 0, MOST_STRIPPED));
          case "Metaspace" -> {
            boolean drop = PreTokenizers.scheme(fields) != PreTokenizer.PrependScheme.NEVER;
            fields.ignore("split");
            yield new Decoder.Metaspace(PreTokenizers.replacement(fields), drop);
          }
          case "WordPiece" ->
              new Decoder.WordPiece(fields.string("prefix"), fields.bool("cleanup"));
          case "BPEDecoder" -> {
            String suffix = fields.string("suffix");
            if (suffix.isEmpty()) {
              throw fields.refuse("\"suffix\" is empty");
            }
            yield new Decoder.BpeSuffix(suffix);
          }
          default -> throw fields.refuse("unknown type");
        };
    fields.end();
    return read;
  }
}
