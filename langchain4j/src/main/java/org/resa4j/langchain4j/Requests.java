package org.resa4j.langchain4j;

import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.resa4j.GenerationHandle;
import org.resa4j.GenerationOptions;
import org.resa4j.GenerationRequest;
import org.resa4j.Prompt;
import org.resa4j.Resa;
import org.resa4j.attention.ResaConfig;
import org.resa4j.chat.AnswerFormat;
import org.resa4j.chat.ChatPrompt;
import org.resa4j.chat.Chats;
import org.resa4j.chat.Tools;
import org.resa4j.generate.Sampling;
import org.resa4j.generate.TokenFilter;

/** Has answers written: reads requests, and refuses by name what cannot be done. Thread-safe. */
final class Requests {
  private final Resa resa;
  private final Chats chats;
  private final String modelName;

  Requests(Resa resa, String modelName) {
    this.resa = resa;
    this.modelName = modelName;
    chats = new Chats(resa);
  }

  /**
   * An answer in the making.
   *
   * @param reply takes it apart
   */
  record Begun(GenerationHandle handle, Reply reply) {}

  /**
   * Begins an answer.
   *
   * @param request with the model's default parameters where it has none of its own
   * @throws RuntimeException one of LangChain4j's, or {@link IllegalStateException} if the {@link
   *     Resa} is closed
   */
  Begun begin(ChatRequest request) {
    try {
      ResaChatRequestParameters parameters = parameters(request.parameters());
      check(parameters);
      AnswerFormat format = AnswerFormats.of(parameters.responseFormat());
      Tools tools = ToolDefinitions.of(parameters);
      refuseBoth(format, tools);
      ChatPrompt prompt =
          chats.prompt(Conversation.of(request.messages()), parameters.templateVariables(), tools);
      Optional<TokenFilter> filter = chats.filter(prompt, format);
      GenerationOptions options = options(parameters, chats.room(prompt));
      options = filter.isPresent() ? options.withTokenFilter(filter.get()) : options;
      GenerationHandle handle =
          resa.submit(new GenerationRequest(Prompt.tokens(prompt.tokens()), options));
      return new Begun(handle, new Reply(prompt.answer(), modelName));
    } catch (RuntimeException e) {
      throw Failures.of(e);
    }
  }

  /** What can be said of parameters without a conversation. */
  void checkDefaults(ChatRequestParameters defaults) {
    try {
      ResaChatRequestParameters parameters = parameters(defaults);
      check(parameters);
      AnswerFormat format = AnswerFormats.of(parameters.responseFormat());
      // Without tools a choice among them may be a default: a request brings those.
      if (!parameters.toolSpecifications().isEmpty()) {
        refuseBoth(format, ToolDefinitions.of(parameters));
      }
      options(parameters, Integer.MAX_VALUE);
    } catch (RuntimeException e) {
      throw Failures.of(e);
    }
  }

  private static ResaChatRequestParameters parameters(ChatRequestParameters given) {
    return ResaChatRequestParameters.builder().overrideWith(given).build();
  }

  /** Refuses what there is not. */
  private void check(ResaChatRequestParameters parameters) {
    String name = parameters.modelName();
    if (name != null && !name.equals(modelName)) {
      throw new UnsupportedFeatureException(
          "modelName %s is not supported: the model here is %s".formatted(name, modelName));
    }
    checkNone("frequencyPenalty", parameters.frequencyPenalty());
    checkNone("presencePenalty", parameters.presencePenalty());
  }

  private static void refuseBoth(AnswerFormat format, Tools tools) {
    if (!format.equals(AnswerFormat.FREE) && !tools.isEmpty()) {
      throw new UnsupportedFeatureException(
          "JSON response format with tools is not supported: a call is no answer in JSON; for an AI"
              + " service with both, build the model with supportedCapabilities(Set.of())");
    }
  }

  private static void checkNone(String name, Double penalty) {
    if (penalty != null && penalty != 0) {
      throw new UnsupportedFeatureException(
          "%s is not supported: repetitionPenalty is what there is".formatted(name));
    }
  }

  private GenerationOptions options(ResaChatRequestParameters parameters, int room) {
    GenerationOptions defaults = resa.defaults();
    Sampling own = defaults.sampling();
    Long seed = parameters.seed();
    GenerationOptions options =
        defaults
            .withMaxTokens(Math.min(room, or(parameters.maxOutputTokens(), room)))
            .withAttention(attention(parameters))
            .withStopStrings(parameters.stopSequences())
            .withPriority(or(parameters.priority(), defaults.priority()))
            .withSampling(
                new Sampling(
                    or(parameters.temperature(), own.temperature()),
                    or(parameters.topK(), own.topK()),
                    or(parameters.topP(), own.topP()),
                    or(parameters.minP(), own.minP()),
                    or(parameters.repetitionPenalty(), own.repetitionPenalty()),
                    seed == null ? ThreadLocalRandom.current().nextLong() : seed));
    Duration time = parameters.maxTime();
    return time == null ? options : options.withMaxTime(time);
  }

  private ResaConfig attention(ResaChatRequestParameters parameters) {
    ResaConfig own = resa.defaults().attention();
    ResaConfig asked = or(parameters.attention(), own);
    if (asked.blockSize() != own.blockSize()) {
      throw new IllegalArgumentException(
          "attention asks for blocks of %d tokens, the cache has blocks of %d"
              .formatted(asked.blockSize(), own.blockSize()));
    }
    return asked;
  }

  private static <T> T or(T value, T other) {
    return value == null ? other : value;
  }
}
