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
import org.resa4j.format.Json;
import org.resa4j.format.JsonObject;
import org.resa4j.tokenizer.jinja.JinjaTemplate;
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
  private static final long MOST_BYTES = 1L << 20;

  private final Path file;
  private final Supplier<String> text;
  private final Map<String, String> specialTokens;

  /** Compiled when a chat needs it: a fault in it is none of who writes without it. */
  private JinjaTemplate compiled;

  private ChatTemplate(Path file, Supplier<String> text, Map<String, String> specialTokens) {
    this.file = file;
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
      return Optional.of(new ChatTemplate(file, () -> Json.text(file, MOST_BYTES), tokens));
    }
    Path config = modelDirectory.resolve(CONFIG);
    return JsonObject.readIfThere(config)
        .filter(root -> root.node().hasNonNull("chat_template"))
        .map(root -> new ChatTemplate(config, () -> configured(root), tokens));
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

  private synchronized JinjaTemplate compiled() {
    if (compiled == null) {
      String source = text.get();
      try {
        compiled = new JinjaTemplate(source);
      } catch (InputException e) {
        throw new InputException(file + ": " + e.getMessage(), e);
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

  private static Map<String, String> variables(Message message) {
    // In the order that a template prints them in.
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("role", message.role());
    variables.put("content", message.content());
    return variables;
  }
}
