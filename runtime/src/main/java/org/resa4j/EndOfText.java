package org.resa4j;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.resa4j.error.InputException;
import org.resa4j.format.GgufMetadata;
import org.resa4j.tokenizer.SpecialTokens;
import org.resa4j.tokenizer.Tokenizer;
import org.resa4j.tokenizer.pipeline.GgufTokens;

/**
 * The tokens that end a text: all that the files of a model directory name, as serving engines stop
 * at all of them. {@code config.json} and {@code generation_config.json} name them by id, {@code
 * tokenizer_config.json} and {@code special_tokens_map.json} one by its text; GGUF files have keys.
 *
 * @param tokens their ids
 * @param origins which file named which
 */
record EndOfText(Set<Integer> tokens, List<SettingOrigin> origins) {

  /**
   * Those of a GGUF file.
   *
   * @throws InputException if the file names one that it has not
   */
  static EndOfText of(GgufMetadata metadata) {
    return of(GgufTokens.read(metadata).ends());
  }

  private static EndOfText of(Map<String, Set<Integer>> byKey) {
    Set<Integer> tokens = new TreeSet<>();
    List<SettingOrigin> origins = new ArrayList<>();
    byKey.forEach(
        (key, named) -> {
          tokens.addAll(named);
          origins.add(new SettingOrigin("eos_token_id", new TreeSet<>(named).toString(), key));
        });
    return new EndOfText(tokens, origins);
  }

  /**
   * Brings them together.
   *
   * @param byId those named by id, by the file that says so
   * @throws InputException if the one named by its text is no token of the model
   */
  static EndOfText of(
      Path directory,
      Map<String, Set<Integer>> byId,
      SpecialTokens special,
      Tokenizer tokenizer,
      int vocabulary) {
    EndOfText named = of(byId);
    Set<Integer> tokens = new TreeSet<>(named.tokens);
    List<SettingOrigin> origins = new ArrayList<>(named.origins);
    special
        .text(SpecialTokens.LAST)
        .ifPresent(
            text -> {
              String file = special.files().get(SpecialTokens.LAST);
              OptionalInt id = tokenizer.tokenId(text);
              if (id.isEmpty() || id.getAsInt() >= vocabulary) {
                throw new InputException(
                    "%s: %s \"%s\" is no token of the model"
                        .formatted(directory.resolve(file), SpecialTokens.LAST, text));
              }
              tokens.add(id.getAsInt());
              origins.add(new SettingOrigin(SpecialTokens.LAST, text, file));
            });
    return new EndOfText(tokens, origins);
  }
}
