package org.resa4j.tokenizer.pipeline;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.resa4j.error.InputException;
import org.resa4j.format.GgufMetadata;

/**
 * The tokens of a GGUF file: their texts, what each one is, and which have a role.
 *
 * <p>Source: llama.cpp's rules for files that leave something out.
 */
public final class GgufTokens {
  static final String MODEL = "tokenizer.ggml.model";
  static final String TEXTS = "tokenizer.ggml.tokens";
  static final String TYPES = "tokenizer.ggml.token_type";
  private static final int NO_DEFAULT = -1;

  /**
   * Texts of tokens that end a turn or a text, whatever else the file says. Files often name one
   * token only, and models write the others too.
   */
  private static final Set<String> ENDS =
      Set.of(
          "</s>",
          "<eos>",
          "[EOS]",
          "<EOT>",
          "_<EOT>",
          "[EOT]",
          "<|eot_id|>",
          "<|eom_id|>",
          "<|im_end|>",
          "<|end|>",
          "<|endoftext|>",
          "<|end_of_text|>",
          "<end_of_turn>",
          "<end_of_utterance>",
          "<\uFF5Cend\u2581of\u2581sentence\uFF5C>");

  private final GgufMetadata metadata;
  private final boolean sentencePiece;
  private final List<String> texts;
  private final Type[] types;

  /** What a token is; each one's number in the file is its place here, counted from 1. */
  enum Type {
    NORMAL,
    UNKNOWN,
    CONTROL,
    USER_DEFINED,
    UNUSED,
    BYTE;

    int number() {
      return ordinal() + 1;
    }
  }

  /** What one token of a vocabulary is for. */
  public enum Role {
    FIRST("bos_token_id", 1),
    LAST("eos_token_id", 2),
    UNKNOWN("unknown_token_id", 0),
    PADDING("padding_token_id", NO_DEFAULT),
    END_OF_TURN("eot_token_id", NO_DEFAULT),
    END_OF_MESSAGE("eom_token_id", NO_DEFAULT);

    private final String key;

    /** The id in a vocabulary of SentencePiece's whose file has no such key. */
    private final int usual;

    Role(String name, int usual) {
      this.key = "tokenizer.ggml." + name;
      this.usual = usual;
    }

    /** The key that names its token. */
    public String key() {
      return key;
    }
  }

  private GgufTokens(
      GgufMetadata metadata, boolean sentencePiece, List<String> texts, Type[] types) {
    this.metadata = metadata;
    this.sentencePiece = sentencePiece;
    this.texts = texts;
    this.types = types;
  }

  /**
   * Reads them.
   *
   * @throws InputException if they are missing, more than can be used, of a kind of tokenizer that
   *     is not there, or if there is not a known type for each; the message names file and key
   */
  public static GgufTokens read(GgufMetadata metadata) {
    String model = metadata.text(MODEL).orElse("");
    if (!model.equals("gpt2") && !model.equals("llama")) {
      throw metadata.wrong(MODEL, "gpt2 or llama, the kinds of tokenizers that are there");
    }
    List<String> texts =
        metadata
            .texts(TEXTS)
            .filter(list -> !list.isEmpty() && list.size() <= Vocabulary.MOST_TOKENS)
            .orElseThrow(
                () ->
                    metadata.wrong(
                        TEXTS, "a list of 1 to %d texts".formatted(Vocabulary.MOST_TOKENS)));
    Type[] types = types(metadata, texts.size());
    for (int id = 0; id < types.length; id++) {
      if (texts.get(id).isEmpty()) {
        // So that it can be told from others.
        texts.set(id, "[EMPTY_%d]".formatted(id));
      }
      if (types[id] == Type.USER_DEFINED && ENDS.contains(texts.get(id))) {
        types[id] = Type.CONTROL;
      }
    }
    return new GgufTokens(metadata, model.equals("llama"), texts, types);
  }

  private static Type[] types(GgufMetadata metadata, int size) {
    Type[] types = new Type[size];
    Arrays.fill(types, Type.NORMAL);
    if (!metadata.has(TYPES)) {
      return types;
    }
    int[] numbers = metadata.wholes(TYPES).orElseThrow();
    if (numbers.length != size) {
      throw metadata.wrong(TYPES, "a list of %d, one for each token".formatted(size));
    }
    for (int id = 0; id < size; id++) {
      if (numbers[id] < 1 || numbers[id] > Type.values().length) {
        throw new Source(metadata.file())
            .refuse(
                "%s[%d]".formatted(TYPES, id),
                "is %d; it must be from 1 to %d".formatted(numbers[id], Type.values().length));
      }
      types[id] = Type.values()[numbers[id] - 1];
    }
    return types;
  }

  /** Whether a control token with this text ends a text, whatever the file says. */
  static boolean endsTexts(String text) {
    return ENDS.contains(text);
  }

  /** Whether they are SentencePiece's, with scores, not byte-level ones, with merges. */
  boolean isSentencePiece() {
    return sentencePiece;
  }

  int size() {
    return types.length;
  }

  Type type(int id) {
    return types[id];
  }

  /** The text of a token, as the file has it. Its id must be one of theirs. */
  public String text(int id) {
    return texts.get(id);
  }

  /**
   * The token with a role.
   *
   * @throws InputException if the file names one that it has not
   */
  public OptionalInt id(Role role) {
    return metadata
        .whole(role.key, 0, size() - 1)
        .map(OptionalInt::of)
        .orElseGet(() -> usual(role));
  }

  private OptionalInt usual(Role role) {
    return sentencePiece && role.usual != NO_DEFAULT && role.usual < size()
        ? OptionalInt.of(role.usual)
        : OptionalInt.empty();
  }

  /**
   * The tokens that end a text, by the key that says so: those that have a key of their own, and
   * control tokens that are known by their texts.
   *
   * @throws InputException if the file names one that it has not
   */
  public Map<String, Set<Integer>> ends() {
    Map<String, Set<Integer>> ends = new LinkedHashMap<>();
    Set<Integer> named = new TreeSet<>();
    for (Role role : List.of(Role.LAST, Role.END_OF_TURN, Role.END_OF_MESSAGE)) {
      id(role)
          .ifPresent(
              id -> {
                // Where no key names it, the kind of tokenizer does.
                ends.put(metadata.has(role.key) ? role.key : MODEL, Set.of(id));
                named.add(id);
              });
    }
    Set<Integer> known = new TreeSet<>();
    for (int id = 0; id < size(); id++) {
      if (types[id] == Type.CONTROL && ENDS.contains(texts.get(id)) && !named.contains(id)) {
        known.add(id);
      }
    }
    if (!known.isEmpty()) {
      ends.put(TEXTS, known);
    }
    return ends;
  }
}
