package org.resa4j.tokenizer.pipeline;

import java.text.Normalizer.Form;

/** Reads {@code normalizer}. */
final class Normalizers {
  private Normalizers() {}

  static Normalizer read(Fields fields) {
    Normalizer read =
        switch (fields.type()) {
          case "Sequence" ->
              new Normalizer.Sequence(
                  fields.components("normalizers").stream().map(Normalizers::read).toList());
          case "NFC" -> new Normalizer.UnicodeForm(Form.NFC);
          case "NFD" -> new Normalizer.UnicodeForm(Form.NFD);
          case "NFKC" -> new Normalizer.UnicodeForm(Form.NFKC);
          case "NFKD" -> new Normalizer.UnicodeForm(Form.NFKD);
          case "Lowercase" -> new Normalizer.Lowercase();
          case "Strip" ->
              new Normalizer.Strip(fields.bool("strip_left"), fields.bool("strip_right"));
          case "StripAccents" -> new Normalizer.Without(Unicode::isMark);
          case "Prepend" -> new Normalizer.Prepend(fields.string("prepend"));
          case "Replace" -> new Normalizer.Replace(Replacement.read(fields));
          case "Precompiled" ->
              new Normalizer.Precompiled(
                  CharsMap.read(fields, fields.string("precompiled_charsmap")));
          default -> throw fields.refuse("unknown type");
        };
    fields.end();
    return read;
  }
}
