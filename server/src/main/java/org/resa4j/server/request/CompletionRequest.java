package org.resa4j.server.request;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.resa4j.GenerationOptions;
import org.resa4j.Prompt;
import tools.jackson.databind.JsonNode;

/**
 * What {@code /v1/completions} is asked.
 *
 * @param model the model asked for, where the request says so
 * @param prompts one or several, each as text or tokens
 * @param maxTokens the most tokens of each text
 * @param logProbabilities whether tokens come with their probability, and with how many others
 */
public record CompletionRequest(
    Optional<String> model,
    List<Prompt> prompts,
    int maxTokens,
    OptionalInt logProbabilities,
    Streaming streaming,
    TextSettings settings) {
  private static final int MOST_LIKELIEST = 5;
  private static final int MOST_PROMPTS = 128;

  /** OpenAI's. */
  private static final int DEFAULT_TOKENS = 16;

  public CompletionRequest {
    prompts = List.copyOf(prompts);
  }

  /**
   * Reads a request.
   *
   * @throws ApiException if it cannot be answered as it asks
   */
  public static CompletionRequest of(JsonNode body) {
    Fields fields = Fields.of(body);
    CompletionRequest request =
        new CompletionRequest(
            fields.text("model"),
            prompts(fields),
            fields.integer("max_tokens", 1, Integer.MAX_VALUE).orElse(DEFAULT_TOKENS),
            fields.integer("logprobs", 0, MOST_LIKELIEST),
            Streaming.of(fields),
            TextSettings.of(fields));
    fields
        .only(
            "best_of",
            value -> value.isInt() && value.intValue() == request.n(),
            "n texts are written and n returned")
        .only(
            "echo",
            value -> value.isBoolean() && !value.asBoolean(),
            "texts come without their prompt")
        .only("suffix", value -> value.isString() && value.asString().isEmpty(), "texts go forward")
        .ignore("user", "metadata", "store")
        .nothingElse();
    return request;
  }

  /** Texts wanted for each prompt. */
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
   * @param text its number, from 0
   * @param seed of the first
   */
  public GenerationOptions options(GenerationOptions defaults, int text, long seed) {
    GenerationOptions options = settings.options(defaults, maxTokens, text, seed);
    return logProbabilities.isPresent()
        ? options.withLogProbabilities(logProbabilities.getAsInt())
        : options;
  }

  private static List<Prompt> prompts(Fields fields) {
    if (!fields.has("prompt")) {
      throw ApiException.missing("prompt");
    }
    JsonNode given = fields.node("prompt");
    if (!given.isArray() || isTokens(given)) {
      return List.of(prompt(given));
    }
    if (given.isEmpty() || given.size() > MOST_PROMPTS) {
      throw fields.wrong("prompt", "one or up to %d, as text or tokens".formatted(MOST_PROMPTS));
    }
    List<Prompt> prompts = new ArrayList<>();
    given.forEach(each -> prompts.add(prompt(each)));
    return prompts;
  }

  private static boolean isTokens(JsonNode node) {
    return node.isArray() && !node.isEmpty() && node.get(0).isNumber();
  }

  private static Prompt prompt(JsonNode node) {
    if (node.isString()) {
      return Prompt.text(node.asString());
    }
    if (!isTokens(node)) {
      throw ApiException.invalid(
          "prompt", "prompt must be a string, tokens, or a list of strings or of tokens");
    }
    int[] tokens = new int[node.size()];
    for (int i = 0; i < tokens.length; i++) {
      if (!node.get(i).isIntegralNumber() || !node.get(i).canConvertToInt()) {
        throw ApiException.invalid("prompt", "prompt has a token that is no whole number");
      }
      tokens[i] = node.get(i).intValue();
    }
    return Prompt.tokens(tokens);
  }
}
