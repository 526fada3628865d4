package org.resa4j.tokenizer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.resa4j.error.InputException;
import org.resa4j.format.Json;
import org.resa4j.tokenizer.jinja.JinjaTemplate;
import tools.jackson.databind.JsonNode;

/**
 * A model's own chat template: turns a conversation into the text that the model was trained on.
 *
 * <p>Source: Hugging Face's {@code apply_chat_template}, which passes the same variables; there are
 * no tools, and {@code strftime_now} is undefined, so a prompt does not depend on the day.
 */
public final class ChatTemplate {
  private static final String CONFIG = "tokenizer_config.json";
  private static final String FILE = "chat_template.jinja";
  private static final List<String> SPECIAL_TOKENS =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  private final JinjaTemplate template;
  private final Map<String, String> specialTokens;

  private ChatTemplate(JinjaTemplate template, Map<String, String> specialTokens) {
    this.template = template;
    this.specialTokens = specialTokens;
  }

  /**
   * Reads a model directory's chat template: {@code chat_template.jinja}, else {@code
   * chat_template} in {@code tokenizer_config.json}, there the one named "default" of several.
   *
   * @return empty if the model has none
   * @throws InputException if a file cannot be read, or the JSON or the template is broken
   */
  public static Optional<ChatTemplate> load(Path modelDirectory) {
    Path config = modelDirectory.resolve(CONFIG);
    Path file = modelDirectory.resolve(FILE);
    JsonNode root = Files.exists(config) ? Json.read(config) : null;
    Map<String, String> tokens = root == null ? Map.of() : specialTokens(root);
    if (Files.exists(file)) {
      return Optional.of(compile(file, read(file), tokens));
    }
    return root == null
        ? Optional.empty()
        : configured(config, root.path("chat_template")).map(t -> compile(config, t, tokens));
  }

  private static Optional<String> configured(Path config, JsonNode node) {
    if (node.isMissingNode() || node.isNull()) {
      return Optional.empty();
    }
    if (node.isString()) {
      return Optional.of(node.asString());
    }
    for (JsonNode entry : node) {
      if (entry.path("name").asString("").equals("default") && entry.path("template").isString()) {
        return Optional.of(entry.path("template").asString());
      }
    }
    throw new InputException(
        config + ": chat_template must be text, or a list with a template named default");
  }

  private static Map<String, String> specialTokens(JsonNode root) {
    Map<String, String> tokens = new HashMap<>();
    for (String name : SPECIAL_TOKENS) {
      JsonNode node = root.path(name);
      JsonNode text = node.isObject() ? node.path("content") : node;
      if (text.isString()) {
        tokens.put(name, text.asString());
      }
    }
    return tokens;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static ChatTemplate compile(Path file, String text, Map<String, String> tokens) {
    try {
      return new ChatTemplate(new JinjaTemplate(text), tokens);
    } catch (InputException e) {
      throw new InputException(file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Writes out a conversation. Special tokens are part of the text; a tokenizer must not add them
   * once more.
   *
   * @param addGenerationPrompt whether to end with the beginning of the model's answer
   * @throws InputException if the template refuses the conversation, with its own words
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
    variables.putAll(own);
    variables.put("messages", messages.stream().map(ChatTemplate::variables).toList());
    variables.put("add_generation_prompt", addGenerationPrompt);
    return template.render(variables);
  }

  private static Map<String, String> variables(Message message) {
    // In the order that a template prints them in.
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("role", message.role());
    variables.put("content", message.content());
    return variables;
  }
}
