package org.resa4j.langchain4j;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.List;
import java.util.Set;
import org.resa4j.GeneratedToken;
import org.resa4j.Resa;
import org.resa4j.chat.ChatAnswer;
import org.resa4j.chat.ToolCall;

/**
 * A model of LangChain4j that runs in this process.
 *
 * <pre>{@code
 * try (Resa resa = Resa.builder(Path.of("Qwen3-8B")).contextLength(32768).sequences(4).build()) {
 *   ChatModel model = ResaChatModel.builder(resa).temperature(0.7).maxOutputTokens(2000).build();
 *   System.out.println(model.chat("Why is the sky blue?"));
 * }
 * }</pre>
 *
 * <p>Prompts and calls of tools follow the model's chat template. {@code ResponseFormat.JSON} holds
 * an answer to a JSON object, one with a schema to what that describes, {@code ToolChoice.REQUIRED}
 * to a call. What a schema has that is not enforced is refused, and so is every parameter and
 * content that cannot be honoured, with {@link
 * dev.langchain4j.exception.UnsupportedFeatureException}. Token usage is a {@link ResaTokenUsage}.
 * An answer that {@link ResaChatRequestParameters#maxTime} ends has the finish reason {@code
 * OTHER}.
 *
 * <p>Every request has the whole conversation, and only its own: what is cached of earlier texts is
 * taken over where a prompt begins with exactly their tokens, which changes nothing of the answer.
 *
 * <p>Thread-safe; requests of many threads are written together, as many at once as the {@link
 * Resa} has sequences. An interrupt of the thread that waits ends the answer within a step, with
 * {@link java.util.concurrent.CancellationException}. The {@link Resa} stays the caller's to close.
 */
public final class ResaChatModel implements ChatModel {
  private static final ChatAnswer.Listener NOBODY =
      new ChatAnswer.Listener() {
        @Override
        public void onContent(String text) {}

        @Override
        public void onReasoning(String text) {}

        @Override
        public void onCall(int index, ToolCall call) {}
      };

  private final Requests requests;
  private final ChatRequestParameters parameters;
  private final List<ChatModelListener> listeners;
  private final Set<Capability> capabilities;

  private ResaChatModel(Builder builder) {
    requests = builder.requests();
    parameters = builder.parameters();
    listeners = builder.listeners();
    capabilities = builder.capabilities();
  }

  /** Starts to build. */
  public static Builder builder(Resa resa) {
    return new Builder(resa);
  }

  /** Settings of a {@link ResaChatModel}. */
  public static final class Builder extends ResaModelBuilder<Builder> {
    private Builder(Resa resa) {
      super(resa);
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Makes the model.
     *
     * @throws dev.langchain4j.exception.UnsupportedFeatureException for a setting that cannot be
     *     honoured
     * @throws dev.langchain4j.exception.InvalidRequestException for a value out of range
     */
    public ResaChatModel build() {
      return new ResaChatModel(this);
    }
  }

  @Override
  public ChatResponse doChat(ChatRequest request) {
    Requests.Begun begun = requests.begin(request);
    try {
      for (GeneratedToken token : begun.handle()) {
        begun.reply().add(token, NOBODY);
      }
      begun.reply().finish(NOBODY);
      return begun.reply().response(begun.handle().join());
    } catch (RuntimeException e) {
      throw Failures.of(e);
    } finally {
      // Of one that has ended it does nothing.
      begun.handle().cancel();
    }
  }

  @Override
  public ChatRequestParameters defaultRequestParameters() {
    return parameters;
  }

  @Override
  public List<ChatModelListener> listeners() {
    return listeners;
  }

  @Override
  public Set<Capability> supportedCapabilities() {
    return capabilities;
  }
}
