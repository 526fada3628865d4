package org.resa4j.tokenizer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.resa4j.error.InputException;
import org.resa4j.format.GgufMetadata;
import org.resa4j.format.GgufWriter;
import org.resa4j.format.Json;
import org.resa4j.format.JsonObject;
import org.resa4j.tokenizer.jinja.JinjaTemplate;
import org.resa4j.tokenizer.pipeline.GgufTokens;
import tools.jackson.databind.JsonNode;

/**
 * A model's own chat template: turns a conversation into the text that the model was trained on.
 *
 * <p>Source: Hugging Face's {@code apply_chat_template}, which passes the same variables; {@code
 * tools} and {@code documents} are none. {@code strftime_now} gives the local date, so a prompt may
 * depend on the day if the template asks for it.
 */
public final class ChatTemplate {
  private static final String CONFIG = "tokenizer_config.json";
  private static final String FILE = "chat_template.jinja";
  private static final String GGUF_KEY = "tokenizer.chat_template";
  private static final int MOST_BYTES = 1 << 20;

  /** The variables that hold special tokens, and which ones. */
  private static final Map<String, GgufTokens.Role> GGUF_VARIABLES =
      Map.of(
          SpecialTokens.FIRST,
          GgufTokens.Role.FIRST,
          SpecialTokens.LAST,
          GgufTokens.Role.LAST,
          "unk_token",
          GgufTokens.Role.UNKNOWN,
          "pad_token",
          GgufTokens.Role.PADDING);

  /** Where it comes from, for messages. */
  private final String where;

  private final Supplier<String> text;
  private final Map<String, String> specialTokens;

  /** Compiled when a chat needs it: a fault in it is none of who writes without it. */
  private JinjaTemplate compiled;

  private ChatTemplate(String where, Supplier<String> text, Map<String, String> specialTokens) {
    this.where = where;
    this.text = text;
    this.specialTokens = specialTokens;
  }

  /**
   * Reads a model directory's chat template: {@code chat_template.jinja}, else {@code
   * chat_template} in {@code tokenizer_config.json}, there the one named "default" of several. It
   * is not read or compiled yet.
   *
   * @return empty if the model has none
   * @throws InputException if a file cannot be read, or the JSON is broken
   */
  public static Optional<ChatTemplate> load(Path modelDirectory) {
    Map<String, String> tokens = SpecialTokens.read(modelDirectory).texts();
    Path file = modelDirectory.resolve(FILE);
    Json.checkPlain(file);
    if (Files.exists(file)) {
      return Optional.of(
          new ChatTemplate(file.toString(), () -> Json.text(file, MOST_BYTES), tokens));
    }
    Path config = modelDirectory.resolve(CONFIG);
    return JsonObject.readIfThere(config)
        .filter(root -> root.node().hasNonNull("chat_template"))
        .map(root -> new ChatTemplate(config.toString(), () -> configured(root), tokens));
  }

  /**
   * The chat template of a GGUF file's metadata. It is not compiled yet.
   *
   * @return empty if it has none
   * @throws InputException if it is no text or longer than 2^20 characters, or there are no tokens
   *     for its variables
   */
  public static Optional<ChatTemplate> of(GgufMetadata metadata) {
    return metadata
        .text(GGUF_KEY)
        .map(
            text -> {
              if (text.length() > MOST_BYTES) {
                throw metadata.wrong(GGUF_KEY, "of up to %d characters".formatted(MOST_BYTES));
              }
              String where = metadata.file() + ": " + GGUF_KEY;
              return new ChatTemplate(where, () -> text, variables(GgufTokens.read(metadata)));
            });
  }

  private static Map<String, String> variables(GgufTokens tokens) {
    Map<String, String> variables = new HashMap<>();
    GGUF_VARIABLES.forEach(
        (name, role) -> tokens.id(role).ifPresent(id -> variables.put(name, tokens.text(id))));
    return variables;
  }

  private static String configured(JsonObject config) {
    JsonNode node = config.node().path("chat_template");
    if (node.isString()) {
      return node.asString();
    }
    for (JsonNode entry : node) {
      if (entry.path("name").asString("").equals("default") && entry.path("template").isString()) {
        return entry.path("template").asString();
      }
    }
    throw config.wrong("chat_template", "text, or a list with a template named default");
  }

  /**
   * Adds it to a GGUF file's metadata, of which {@link #of} makes the same.
   *
   * @throws InputException if it cannot be read
   */
  public void writeTo(GgufWriter gguf) {
    gguf.put(GGUF_KEY, text.get());
  }

  private synchronized JinjaTemplate compiled() {
    if (compiled == null) {
      String source = text.get();
      try {
        compiled = new JinjaTemplate(source);
      } catch (InputException e) {
        throw new InputException(where + ": " + e.getMessage(), e);
      }
    }
    return compiled;
  }

  /**
   * Writes out a conversation. Special tokens are part of the text; a tokenizer must not add them
   * once more.
   *
   * @param addGenerationPrompt whether to end with the beginning of the model's answer
   * @throws InputException if the template is broken, or refuses the conversation, with its own
   *     words
   */
  public String render(List<Message> messages, boolean addGenerationPrompt) {
    return render(messages, addGenerationPrompt, Map.of());
  }

  /**
   * The same with variables of the template's own, such as {@code enable_thinking}.
   *
   * @param own strings, numbers, booleans, and lists and maps of them
   * @throws IllegalArgumentException for a variable that this class sets
   */
  public String render(List<Message> messages, boolean addGenerationPrompt, Map<String, ?> own) {
    for (String reserved : List.of("messages", "add_generation_prompt")) {
      if (own.containsKey(reserved)) {
        throw new IllegalArgumentException(
            reserved + " is the conversation's and cannot be set as a template variable");
      }
    }
    Map<String, Object> variables = new HashMap<>(specialTokens);
    // Defined and none, as the reference library has them where a conversation comes without.
    variables.put("tools", null);
    variables.put("documents", null);
    variables.putAll(own);
    variables.put("messages", messages.stream().map(ChatTemplate::variables).toList());
    variables.put("add_generation_prompt", addGenerationPrompt);
    return compiled().render(variables);
  }

  private static Map<String, Object> variables(Message message) {
    // In the order that a template prints them in.
    Map<String, Object> variables = new LinkedHashMap<>();
    variables.put("role", message.role());
    variables.put("content", message.content());
    variables.putAll(message.fields());
    return variables;
  }
}
