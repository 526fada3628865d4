package org.resa4j.tokenizer.pipeline;

import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.resa4j.format.GgufWriter;
import org.resa4j.tokenizer.pipeline.GgufTokens.Role;
import org.resa4j.tokenizer.pipeline.GgufTokens.Type;

/**
 * Writes what {@code tokenizer.json} says as a GGUF file's metadata, of which {@link GgufTokenizer}
 * makes a tokenizer with the same results. What GGUF has no way to say is refused, but for
 * Unicode's normalization, which llama.cpp leaves out: that is told.
 */
final class GgufTokenizerWriter {
  private static final String BLANK = String.valueOf(ScoredBpe.BLANK);
  private static final String NO_NFC =
      "text is not brought into Unicode's NFC, which the directory's tokenizer does: GGUF files do"
          + " not ask for it";

  private final Source source;
  private final Pipeline.Parts parts;
  private final GgufWriter gguf;
  private final int size;
  private final Bpe model;
  private final List<String> notes = new ArrayList<>();

  /**
   * @param size rows of the model's embedding
   */
  GgufTokenizerWriter(Source source, Pipeline.Parts parts, GgufWriter gguf, int size) {
    this.source = source;
    this.parts = parts;
    this.gguf = gguf;
    this.size = size;
    if (!(parts.model() instanceof Bpe bpe)) {
      throw source.notInGguf(
          "model " + parts.model().getClass().getSimpleName(), "only BPE has a form there");
    }
    this.model = bpe;
  }

  /**
   * Writes all of it.
   *
   * @param named tokens with a role
   * @param ends tokens that end a text
   * @return what is otherwise than the directory has it
   * @throws org.resa4j.error.InputException if there is no way to say it
   */
  List<String> write(Map<Role, Integer> named, Set<Integer> ends) {
    Bpe.Settings settings = model.settings();
    if (!settings.prefix().isEmpty() || !settings.suffix().isEmpty()) {
      throw source.notInGguf(
          "model BPE", "continuing_subword_prefix and end_of_word_suffix must be empty");
    }
    boolean sentencePiece = settings.byteFallback();
    gguf.put(GgufTokens.MODEL, sentencePiece ? "llama" : "gpt2");
    Type[] types = writeTokens(sentencePiece, named);
    if (sentencePiece) {
      writeSentencePiece(settings);
    } else {
      writeByteLevel(settings);
    }
    Map<Role, Integer> roles = new EnumMap<>(Role.class);
    roles.putAll(named);
    writeBoundaries(roles);
    nameEnds(roles, ends, types);
    roles.forEach((role, id) -> gguf.put(role.key(), id));
    return notes;
  }

  private Type[] writeTokens(boolean sentencePiece, Map<Role, Integer> named) {
    Vocabulary vocabulary = model.vocabulary();
    Map<Integer, AddedToken> added = parts.added().all();
    int highest = added.keySet().stream().mapToInt(Integer::intValue).max().orElse(-1);
    if (vocabulary.highestId() >= size || highest >= size) {
      throw source.notInGguf(
          "vocabulary",
          "it goes up to token %d, the model's embedding has %d rows"
              .formatted(Math.max(vocabulary.highestId(), highest), size));
    }
    List<String> texts = new ArrayList<>(size);
    Type[] types = new Type[size];
    for (int id = 0; id < size; id++) {
      AddedToken token = added.get(id);
      String text = token != null ? token.content() : vocabulary.token(id);
      boolean none = text == null || text.isEmpty();
      texts.add(none ? "[PAD%d]".formatted(id) : text);
      if (none) {
        types[id] = Type.UNUSED;
      } else if (token != null) {
        check(token);
        boolean unknown = sentencePiece && named.getOrDefault(Role.UNKNOWN, -1) == id;
        types[id] = unknown ? Type.UNKNOWN : token.special() ? Type.CONTROL : Type.USER_DEFINED;
      } else {
        types[id] = sentencePiece && ByteTokens.is(text) ? Type.BYTE : Type.NORMAL;
      }
    }
    gguf.put(GgufTokens.TEXTS, texts);
    gguf.put(GgufTokens.TYPES, Arrays.stream(types).mapToInt(Type::number).toArray());
    return types;
  }

  private void check(AddedToken token) {
    if (token.singleWord() || token.leftStrip() || token.rightStrip()) {
      throw source.notInGguf(
          "added token \"%s\"".formatted(token.content()),
          "single_word, lstrip and rstrip must be false");
    }
    if (token.normalized() && !(parts.normalizer() == null || isNfc(parts.normalizer()))) {
      throw source.notInGguf(
          "added token \"%s\"".formatted(token.content()),
          "it is looked for in normalized text, and there only in text as it comes");
    }
  }

  private void writeByteLevel(Bpe.Settings settings) {
    if (!isNothing(parts.normalizer())) {
      if (!isNfc(parts.normalizer())) {
        throw source.notInGguf("normalizer", "there is none but NFC, which is left out, for bytes");
      }
      notes.add(NO_NFC);
    }
    for (int b = 0; settings.unknownToken() != null && b < 256; b++) {
      if (model.vocabulary().id(String.valueOf(ByteAlphabet.character(b))) == Vocabulary.NONE) {
        throw source.notInGguf("model BPE", "unk_token stands for byte %d".formatted(b));
      }
    }
    if (parts.preTokenizer() == null) {
      throw source.notInGguf("pre_tokenizer", "missing, and no byte_fallback");
    }
    Optional<Boolean> whole =
        model.mergesToEveryToken(size) ? Optional.empty() : Optional.of(settings.ignoreMerges());
    String pre =
        GgufPreTokenizer.nameOf(parts.preTokenizer(), source, whole)
            .orElseThrow(
                () ->
                    source.notInGguf(
                        "pre_tokenizer",
                        "none of the %d that have a name cuts texts alike%s"
                            .formatted(
                                GgufPreTokenizer.names().size(),
                                whole.orElse(false) ? " and ignores merges" : "")));
    gguf.put(GgufTokenizer.PRE, pre);
    gguf.put(GgufTokenizer.MERGES, merges());
  }

  private static boolean isNothing(Normalizer normalizer) {
    return normalizer == null
        || normalizer instanceof Normalizer.Sequence sequence && sequence.parts().isEmpty();
  }

  private static boolean isNfc(Normalizer normalizer) {
    return switch (normalizer) {
      case Normalizer.UnicodeForm form -> form.form() == Form.NFC;
      case Normalizer.Sequence sequence ->
          sequence.parts().stream().allMatch(GgufTokenizerWriter::isNfc);
      default -> false;
    };
  }

  private List<String> merges() {
    List<String> merges = new ArrayList<>();
    for (Merges.Pair pair : model.merges().pairs()) {
      String left = model.vocabulary().token(pair.left());
      String right = model.vocabulary().token(pair.right());
      if (left.contains(" ") || right.contains(" ")) {
        throw source.notInGguf(
            "model BPE", "\"%s\" and \"%s\" are merged, with a blank".formatted(left, right));
      }
      merges.add(left + " " + right);
    }
    return merges;
  }

  private void writeSentencePiece(Bpe.Settings settings) {
    if (settings.ignoreMerges()) {
      throw source.notInGguf("model BPE", "ignore_merges must be false with byte_fallback");
    }
    for (int b = 0; b < 256; b++) {
      if (model.vocabulary().id(ByteTokens.text(b)) == Vocabulary.NONE) {
        throw source.notInGguf("model BPE", "it has no token " + ByteTokens.text(b));
      }
    }
    gguf.put(GgufTokenizer.ADD_BLANK, addsBlank());
    gguf.put(
        GgufTokenizer.SCORES,
        TokenScores.of(source, model.vocabulary(), model.merges(), size, parts.added()));
  }

  /** Whether a blank comes before every text; in any case blanks become {@link #BLANK}. */
  private boolean addsBlank() {
    Normalizer normalizer = parts.normalizer();
    PreTokenizer preTokenizer = parts.preTokenizer();
    if (preTokenizer == null && normalizer instanceof Normalizer.Sequence sequence) {
      List<Normalizer> all = sequence.parts();
      if (all.size() == 2
          && all.get(0) instanceof Normalizer.Prepend first
          && first.prefix().equals(BLANK)
          && replacesBlanks(all.get(1))) {
        return true;
      }
    }
    boolean none =
        preTokenizer == null && normalizer != null && replacesBlanks(normalizer)
            || normalizer == null
                && preTokenizer instanceof PreTokenizer.Metaspace metaspace
                && metaspace.replacement() == ScoredBpe.BLANK
                && metaspace.scheme() == PreTokenizer.PrependScheme.NEVER;
    if (none) {
      return false;
    }
    throw source.notInGguf(
        "normalizer and pre_tokenizer",
        "blanks must become %s, and one come before every part of a text or none; Metaspace puts it"
                .formatted(BLANK)
            + " before some");
  }

  private static boolean replacesBlanks(Normalizer normalizer) {
    return normalizer instanceof Normalizer.Replace replace
        && replace.replacement().content().equals(BLANK)
        && replace.replacement().pattern().equals(new TextPattern.Literal(" "));
  }

  /** What is put before and after a text. */
  private void writeBoundaries(Map<Role, Integer> roles) {
    OptionalInt first = parts.postProcessor().onlyFirst();
    OptionalInt last = parts.postProcessor().onlyLast();
    if (parts.postProcessor().parts().length
        != 1 + (first.isPresent() ? 1 : 0) + (last.isPresent() ? 1 : 0)) {
      throw source.notInGguf(
          "post_processor", "it puts more than one token before or after a text");
    }
    writeBoundary(GgufTokenizer.ADD_FIRST, Role.FIRST, first, roles);
    writeBoundary(GgufTokenizer.ADD_LAST, Role.LAST, last, roles);
  }

  private void writeBoundary(String key, Role role, OptionalInt token, Map<Role, Integer> roles) {
    gguf.put(key, token.isPresent());
    token.ifPresent(
        id -> {
          if (roles.getOrDefault(role, id) != id) {
            throw source.notInGguf(
                "post_processor",
                "it puts token %d around a text, and %s is token %d"
                    .formatted(id, role.key(), roles.get(role)));
          }
          roles.put(role, id);
        });
  }

  /** Each token that ends a text has a key, or is known by its text. */
  private void nameEnds(Map<Role, Integer> roles, Set<Integer> ends, Type[] types) {
    Set<Integer> unnamed = new TreeSet<>(ends);
    if (!unnamed.isEmpty()) {
      roles.putIfAbsent(Role.LAST, unnamed.iterator().next());
    }
    unnamed.removeAll(roles.values());
    Set<Integer> known = new TreeSet<>();
    for (int id = 0; id < size; id++) {
      if (types[id] == Type.CONTROL && GgufTokens.endsTexts(parts.added().token(id))) {
        known.add(id);
      }
    }
    unnamed.removeAll(known);
    for (Role role : List.of(Role.END_OF_TURN, Role.END_OF_MESSAGE)) {
      if (!unnamed.isEmpty()) {
        int id = unnamed.iterator().next();
        roles.put(role, id);
        unnamed.remove(id);
      }
    }
    if (!unnamed.isEmpty()) {
      throw source.notInGguf(
          "end of text",
          "there are no keys for tokens %s, which end a text too".formatted(unnamed));
    }
    known.removeAll(ends);
    known.forEach(
        id ->
            notes.add(
                "%s ends a text too: GGUF files have it so for control tokens of this text"
                    .formatted(parts.added().token(id))));
  }
}
