package org.resa4j.tokenizer.pipeline;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.resa4j.error.InputException;
import org.resa4j.format.GgufMetadata;
import org.resa4j.format.GgufWriter;

/** All components of a tokenizer. Immutable and thread-safe. */
public final class Pipeline {
  private final Parts parts;

  /** What a tokenizer is made of; normalizer, pre-tokenizer and decoder may be null. */
  record Parts(
      AddedTokens added,
      Normalizer normalizer,
      PreTokenizer preTokenizer,
      Model model,
      PostProcessor postProcessor,
      Decoder decoder) {}

  Pipeline(Parts parts) {
    this.parts = parts;
  }

  /**
   * Reads a {@code tokenizer.json}.
   *
   * @throws InputException if it is missing, damaged, or asks for what is not there; the message
   *     names the component
   */
  public static Pipeline read(Path file) {
    return TokenizerFile.read(file);
  }

  /**
   * Makes one of what a GGUF file says.
   *
   * @throws InputException if something is missing or damaged, or of a kind that is not there; the
   *     message names the key
   */
  public static Pipeline of(GgufMetadata metadata) {
    return GgufTokenizer.read(metadata);
  }

  /**
   * Adds it to a GGUF file's metadata, of which {@link #of} makes the same.
   *
   * @param file its own, for errors
   * @param size rows of the model's embedding
   * @param roles tokens that have one
   * @param ends tokens that end a text
   * @return what is otherwise there, to be told
   * @throws InputException if there is no way to say it; the message names the component
   */
  public List<String> writeTo(
      GgufWriter gguf,
      Path file,
      int size,
      Map<GgufTokens.Role, Integer> roles,
      Set<Integer> ends) {
    return new GgufTokenizerWriter(new Source(file), parts, gguf, size).write(roles, ends);
  }

  /**
   * The first text that another tokenizer makes other tokens of, or other text of the tokens; empty
   * if there is none among many texts, with all tokens of the vocabulary, in Unicode's NFC.
   *
   * @param size above every id
   */
  public Optional<String> differsOn(Pipeline other, int size) {
    Stream<String> special =
        parts.added.all().values().stream()
            .map(token -> "a " + token.content() + " b" + token.content());
    return Stream.of(ProbeText.written().stream(), special, ProbeText.ofTokens(this, size).stream())
        .flatMap(texts -> texts)
        .filter(text -> differs(other, text))
        .findFirst();
  }

  private boolean differs(Pipeline other, String text) {
    int[] tokens = encode(text, true);
    int[] inner = encode(text, false);
    return !Arrays.equals(tokens, other.encode(text, true))
        || !Arrays.equals(inner, other.encode(text, false))
        || !decode(inner, 0, inner.length, false)
            .equals(other.decode(inner, 0, inner.length, false));
  }

  /** The same with other tokens around a text. */
  public Pipeline withFirst(OptionalInt token) {
    return with(parts.postProcessor.withFirst(token));
  }

  /** With exactly this token after a text. */
  public Pipeline withLast(OptionalInt token) {
    return with(parts.postProcessor.withLast(token));
  }

  private Pipeline with(PostProcessor other) {
    return new Pipeline(
        new Parts(
            parts.added, parts.normalizer, parts.preTokenizer, parts.model, other, parts.decoder));
  }

  /**
   * Tokens of a text.
   *
   * @throws InputException if a pattern takes too much work on it, or the model has no token for a
   *     part of it and none for what is unknown
   */
  public int[] encode(String text, boolean addSpecial) {
    String whole = Unicode.wellFormed(text);
    IntList tokens = new IntList();
    Pieces toModel = parts.model.into(tokens);
    Pieces pieces = parts.preTokenizer == null ? toModel : parts.preTokenizer.into(toModel);
    parts
        .added
        .raw()
        .run(
            whole,
            new TokenSearch.Parts() {
              @Override
              public void text(int from, int to) {
                encodePart(whole.substring(from, to), from == 0, tokens, pieces);
              }

              @Override
              public void token(int id) {
                tokens.add(id);
              }
            });
    int[] ids = tokens.toArray();
    return addSpecial && !parts.postProcessor.changesNothing()
        ? parts.postProcessor.process(ids)
        : ids;
  }

  /** A part without added tokens of the raw kind. */
  private void encodePart(String part, boolean atStart, IntList tokens, Pieces pieces) {
    Normalizer.Normalized text = new Normalizer.Normalized(part, atStart);
    Normalizer.Normalized normalized =
        parts.normalizer == null ? text : parts.normalizer.normalize(text);
    char[] characters = normalized.text().toCharArray();
    parts
        .added
        .normalized()
        .run(
            normalized.text(),
            new TokenSearch.Parts() {
              @Override
              public void text(int from, int to) {
                pieces.piece(characters, from, to, normalized.atStart() && from == 0);
              }

              @Override
              public void token(int id) {
                tokens.add(id);
              }
            });
  }

  /** Text of tokens {@code from} to {@code to} - 1; those that are none are left out. */
  public String decode(int[] tokens, int from, int to, boolean special) {
    List<String> texts = new ArrayList<>(to - from);
    for (int i = from; i < to; i++) {
      String text = token(tokens[i]);
      if (text != null && (special || !parts.added.isSpecial(text))) {
        texts.add(text);
      }
    }
    return parts.decoder == null
        ? String.join(" ", texts)
        : String.join("", parts.decoder.decode(texts));
  }

  /** The text of an id as the file has it, or null. */
  private String token(int id) {
    String text = parts.added.token(id);
    return text == null ? parts.model.vocabulary().token(id) : text;
  }

  /** The id of an added token, or one of the vocabulary. */
  public OptionalInt tokenId(String token) {
    int id = parts.added.id(token, parts.model.vocabulary());
    return id == Vocabulary.NONE ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /** Whether an id is a special token's. */
  public boolean isSpecial(int id) {
    String text = token(id);
    return text != null && parts.added.isSpecial(text);
  }

  /** How many tokens there are, with the added ones. */
  public int size() {
    return parts.model.vocabulary().size() + parts.added.beside(parts.model.vocabulary());
  }

  /** Whether an id is a token's. */
  public boolean hasId(int id) {
    return parts.added.token(id) != null || parts.model.vocabulary().hasId(id);
  }
}
