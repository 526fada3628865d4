package org.resa4j.server.request;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.resa4j.GenerationOptions;
import org.resa4j.chat.AnswerFormat;
import org.resa4j.chat.Tools;
import org.resa4j.tokenizer.Message;
import tools.jackson.databind.JsonNode;

/**
 * What {@code /v1/chat/completions} is asked.
 *
 * @param model the model asked for, where the request says so
 * @param messages the conversation
 * @param templateVariables what the chat template is given beside it: plain data
 * @param tools what may be called
 * @param format what the answer must be
 * @param maxTokens the most tokens of each answer; empty for what the context holds
 * @param logProbabilities whether tokens come with their probability, and with how many others
 */
public record ChatRequest(
    Optional<String> model,
    List<Message> messages,
    Map<String, Object> templateVariables,
    Tools tools,
    AnswerFormat format,
    OptionalInt maxTokens,
    OptionalInt logProbabilities,
    Streaming streaming,
    TextSettings settings) {
  private static final int MOST_LIKELIEST = 20;
  private static final Set<String> RESERVED =
      Set.of("messages", "tools", "documents", "add_generation_prompt");

  public ChatRequest {
    messages = List.copyOf(messages);
    if (!format.equals(AnswerFormat.FREE) && !tools.isEmpty()) {
      throw ApiException.unsupported(
          "response_format",
          "response_format other than text goes with no tools: a call is no answer in JSON");
    }
  }

  /**
   * Reads a request.
   *
   * @throws ApiException if it cannot be answered as it asks
   */
  public static ChatRequest of(JsonNode body) {
    Fields fields = Fields.of(body);
    ChatRequest request =
        new ChatRequest(
            fields.text("model"),
            Conversation.of(fields),
            variables(fields),
            ToolFields.of(fields),
            ResponseFormat.of(fields),
            maxTokens(fields),
            logProbabilities(fields),
            Streaming.of(fields),
            TextSettings.of(fields));
    fields.only(
        "modalities",
        value -> value.isArray() && value.size() == 1 && value.get(0).asString("").equals("text"),
        "answers are text");
    fields
        .ignore(
            "user",
            "metadata",
            "store",
            "service_tier",
            "safety_identifier",
            "prompt_cache_key",
            "prompt_cache_retention",
            "prediction")
        .nothingElse();
    return request;
  }

  /** Texts wanted. */
  public int n() {
    return settings.n();
  }

  /** The seed of the first text. */
  public long firstSeed() {
    return settings.firstSeed();
  }

  /**
   * The options of one of the texts.
   *
   * @param maxTokens the most tokens
   * @param text its number, from 0
   * @param seed of the first
   */
  public GenerationOptions options(GenerationOptions defaults, int maxTokens, int text, long seed) {
    GenerationOptions options = settings.options(defaults, maxTokens, text, seed);
    return logProbabilities.isPresent()
        ? options.withLogProbabilities(logProbabilities.getAsInt())
        : options;
  }

  private static Map<String, Object> variables(Fields fields) {
    Map<String, Object> variables = new LinkedHashMap<>();
    if (fields.object("chat_template_kwargs").isPresent()) {
      for (Map.Entry<String, JsonNode> each : fields.node("chat_template_kwargs").properties()) {
        String name = "chat_template_kwargs." + each.getKey();
        if (RESERVED.contains(each.getKey())) {
          throw ApiException.invalid(name, name + " is the conversation's and cannot be set");
        }
        if (!each.getValue().isNull()) {
          variables.put(each.getKey(), Fields.plain(each.getValue()));
        }
      }
    }
    return variables;
  }

  private static OptionalInt maxTokens(Fields fields) {
    OptionalInt old = fields.integer("max_tokens", 1, Integer.MAX_VALUE);
    OptionalInt now = fields.integer("max_completion_tokens", 1, Integer.MAX_VALUE);
    if (old.isPresent() && now.isPresent() && old.getAsInt() != now.getAsInt()) {
      throw ApiException.invalid(
          "max_tokens", "max_tokens and max_completion_tokens say different things");
    }
    return now.isPresent() ? now : old;
  }

  private static OptionalInt logProbabilities(Fields fields) {
    boolean wanted = fields.flag("logprobs").orElse(false);
    OptionalInt likeliest = fields.integer("top_logprobs", 0, MOST_LIKELIEST);
    if (!wanted && likeliest.orElse(0) > 0) {
      throw ApiException.invalid("top_logprobs", "top_logprobs needs logprobs");
    }
    return wanted ? OptionalInt.of(likeliest.orElse(0)) : OptionalInt.empty();
  }
}
