package org.resa4j.tokenizer;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.resa4j.error.InputException;
import org.resa4j.format.JsonObject;

/**
 * The tokens with a role, such as {@code bos_token} and {@code eos_token}, as {@code
 * tokenizer_config.json} and the older {@code special_tokens_map.json} name them. Where both name
 * one, the configuration wins if it lists its added tokens, as newer ones do; else the map. So has
 * it the reference library.
 *
 * @param texts each role's token, written out
 * @param files the file that said so
 * @param addFirst whether {@code bos_token} begins every text; empty where only {@code
 *     tokenizer.json} says it
 * @param addLast whether {@code eos_token} ends every text; the same
 * @param added the tokens that the configuration lists, by id
 */
public record SpecialTokens(
    Map<String, String> texts,
    Map<String, String> files,
    Optional<Boolean> addFirst,
    Optional<Boolean> addLast,
    Map<Integer, String> added) {
  public static final String FIRST = "bos_token";
  public static final String LAST = "eos_token";

  private static final String CONFIG = "tokenizer_config.json";
  private static final String OLDER = "special_tokens_map.json";
  private static final String ADDED = "added_tokens_decoder";
  private static final String SUFFIX = "_token";
  private static final Set<String> ROLES =
      Set.of(FIRST, LAST, "unk_token", "sep_token", "pad_token", "cls_token", "mask_token");

  public SpecialTokens {
    texts = Map.copyOf(texts);
    files = Map.copyOf(files);
    added = Map.copyOf(added);
  }

  /**
   * Reads a model directory's; none where neither file is there.
   *
   * @throws InputException if a file cannot be read, or a value in it is not what it should be
   */
  public static SpecialTokens read(Path directory) {
    Optional<JsonObject> config = JsonObject.readIfThere(directory.resolve(CONFIG));
    Optional<JsonObject> older = JsonObject.readIfThere(directory.resolve(OLDER));
    Map<String, String> texts = new HashMap<>();
    Map<String, String> files = new HashMap<>();
    boolean configWins = config.isPresent() && config.get().object(ADDED).isPresent();
    // The one that wins comes last.
    if (configWins) {
      older.ifPresent(file -> add(file, OLDER, texts, files));
    }
    config.ifPresent(file -> add(file, CONFIG, texts, files));
    if (!configWins) {
      older.ifPresent(file -> add(file, OLDER, texts, files));
    }
    return new SpecialTokens(
        texts,
        files,
        config.flatMap(file -> file.optionalFlag("add_bos_token")),
        config.flatMap(file -> file.optionalFlag("add_eos_token")),
        config.flatMap(file -> file.object(ADDED)).map(SpecialTokens::added).orElse(Map.of()));
  }

  private static void add(
      JsonObject file, String name, Map<String, String> texts, Map<String, String> files) {
    for (String key : file.keys()) {
      if (key.endsWith(SUFFIX)) {
        text(file, key)
            .ifPresent(
                text -> {
                  texts.put(key, text);
                  files.put(key, name);
                });
      }
    }
  }

  /** A token, as text or as an object with its content; of the known roles nothing else will do. */
  private static Optional<String> text(JsonObject file, String key) {
    var value = file.node().get(key);
    if (value.isString()) {
      return Optional.of(value.asString());
    }
    if (value.isObject() && value.path("content").isString()) {
      return Optional.of(value.path("content").asString());
    }
    if (ROLES.contains(key) && !value.isNull()) {
      throw file.wrong(key, "text, or an object with text as content");
    }
    return Optional.empty();
  }

  private static Map<Integer, String> added(JsonObject decoder) {
    Map<Integer, String> added = new HashMap<>();
    for (String key : decoder.keys()) {
      int id;
      try {
        id = Integer.parseInt(key);
      } catch (NumberFormatException e) {
        throw new InputException(decoder.where() + ": " + key + " is no token id", e);
      }
      added.put(
          id,
          decoder
              .object(key)
              .flatMap(token -> token.text("content"))
              .orElseThrow(() -> decoder.wrong(key, "an object with content")));
    }
    return added;
  }

  /**
   * The token that begins or ends every text, where a flag of the configuration asks for it.
   *
   * @throws InputException if it asks for one that is not there
   */
  OptionalInt boundary(String role, Tokenizer tokenizer, Path directory) {
    boolean wanted = (role.equals(FIRST) ? addFirst : addLast).orElse(false);
    if (!wanted) {
      return OptionalInt.empty();
    }
    OptionalInt id = text(role).map(tokenizer::tokenId).orElse(OptionalInt.empty());
    if (id.isEmpty()) {
      throw new InputException(
          "%s: add_%s is true, but %s is %s"
              .formatted(
                  directory.resolve(CONFIG),
                  role,
                  role,
                  text(role).map(text -> text + ", no token of tokenizer.json").orElse("missing")));
    }
    return id;
  }

  /**
   * Refuses added tokens that the tokenizer has not, or under another id.
   *
   * @throws InputException as said
   */
  void check(Tokenizer tokenizer, Path directory) {
    for (Map.Entry<Integer, String> token : added.entrySet()) {
      OptionalInt id = tokenizer.tokenId(token.getValue());
      if (id.isEmpty() || id.getAsInt() != token.getKey()) {
        throw new InputException(
            "%s: added_tokens_decoder has %s as token %d, tokenizer.json %s"
                .formatted(
                    directory.resolve(CONFIG),
                    token.getValue(),
                    token.getKey(),
                    id.isEmpty() ? "has it not" : "as token " + id.getAsInt()));
      }
    }
  }

  /** A role's token. */
  public Optional<String> text(String role) {
    return Optional.ofNullable(texts.get(role));
  }
}
