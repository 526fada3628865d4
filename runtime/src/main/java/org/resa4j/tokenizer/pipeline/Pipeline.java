package org.resa4j.tokenizer.pipeline;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.resa4j.error.InputException;
import org.resa4j.format.GgufMetadata;

/** All components of a tokenizer. Immutable and thread-safe. */
public final class Pipeline {
  private final AddedTokens added;
  private final Normalizer normalizer;
  private final PreTokenizer preTokenizer;
  private final Model model;
  private final PostProcessor postProcessor;
  private final Decoder decoder;

  Pipeline(
      AddedTokens added,
      Normalizer normalizer,
      PreTokenizer preTokenizer,
      Model model,
      PostProcessor postProcessor,
      Decoder decoder) {
    this.added = added;
    this.normalizer = normalizer;
    this.preTokenizer = preTokenizer;
    this.model = model;
    this.postProcessor = postProcessor;
    this.decoder = decoder;
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

  /** The same with other tokens around a text. */
  public Pipeline withFirst(OptionalInt token) {
    return with(postProcessor.withFirst(token));
  }

  /** With exactly this token after a text. */
  public Pipeline withLast(OptionalInt token) {
    return with(postProcessor.withLast(token));
  }

  private Pipeline with(PostProcessor other) {
    return new Pipeline(added, normalizer, preTokenizer, model, other, decoder);
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
    Pieces toModel = model.into(tokens);
    Pieces pieces = preTokenizer == null ? toModel : preTokenizer.into(toModel);
    added
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
    return addSpecial && !postProcessor.changesNothing() ? postProcessor.process(ids) : ids;
  }

  /** A part without added tokens of the raw kind. */
  private void encodePart(String part, boolean atStart, IntList tokens, Pieces pieces) {
    Normalizer.Normalized text = new Normalizer.Normalized(part, atStart);
    Normalizer.Normalized normalized = normalizer == null ? text : normalizer.normalize(text);
    char[] characters = normalized.text().toCharArray();
    added
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
      if (text != null && (special || !added.isSpecial(text))) {
        texts.add(text);
      }
    }
    return decoder == null ? String.join(" ", texts) : String.join("", decoder.decode(texts));
  }

  /** The text of an id as the file has it, or null. */
  private String token(int id) {
    String text = added.token(id);
    return text == null ? model.vocabulary().token(id) : text;
  }

  /** The id of an added token, or one of the vocabulary. */
  public OptionalInt tokenId(String token) {
    int id = added.id(token, model.vocabulary());
    return id == Vocabulary.NONE ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /** Whether an id is a special token's. */
  public boolean isSpecial(int id) {
    String text = token(id);
    return text != null && added.isSpecial(text);
  }

  /** How many tokens there are, with the added ones. */
  public int size() {
    return model.vocabulary().size() + added.beside(model.vocabulary());
  }

  /** Whether an id is a token's. */
  public boolean hasId(int id) {
    return added.token(id) != null || model.vocabulary().hasId(id);
  }
}
