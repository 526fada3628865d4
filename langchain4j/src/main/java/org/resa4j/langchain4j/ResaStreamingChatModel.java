package org.resa4j.langchain4j;

import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.List;
import java.util.Set;
import org.resa4j.Resa;

/**
 * A model of LangChain4j that runs in this process and answers as it writes; otherwise as {@link
 * ResaChatModel}.
 *
 * <p>A handler is called on one thread, which is not the caller's; it may take its time, without
 * holding up other answers. What it throws goes to its {@code onError}, and the answer goes on. A
 * call of a tool comes when it is whole, {@code onCompleteToolCall}; there are no partial ones.
 * {@code StreamingHandle.cancel}, from any thread, ends the writing before the next token: nothing
 * is called after it. LangChain4j hands it over with the first piece of text or thought; before
 * that, and where the answer is a call alone, {@code maxTime} bounds the writing.
 *
 * <p>Parameters and content that cannot be honoured are refused by {@code chat} itself, with {@link
 * UnsupportedFeatureException}, of which LangChain4j tells no listener; whatever else goes wrong
 * comes as {@code onError}.
 *
 * <p>Thread-safe.
 */
public final class ResaStreamingChatModel implements StreamingChatModel {
  private final Requests requests;
  private final ChatRequestParameters parameters;
  private final List<ChatModelListener> listeners;
  private final Set<Capability> capabilities;

  private ResaStreamingChatModel(Builder builder) {
    requests = builder.requests();
    parameters = builder.parameters();
    listeners = builder.listeners();
    capabilities = builder.capabilities();
  }

  /** Starts to build. */
  public static Builder builder(Resa resa) {
    return new Builder(resa);
  }

  /** Settings of a {@link ResaStreamingChatModel}. */
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
     * @throws UnsupportedFeatureException for a setting that cannot be honoured
     * @throws dev.langchain4j.exception.InvalidRequestException for a value out of range
     */
    public ResaStreamingChatModel build() {
      return new ResaStreamingChatModel(this);
    }
  }

  @Override
  public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
    Requests.Begun begun;
    try {
      begun = requests.begin(request);
    } catch (UnsupportedFeatureException e) {
      throw e;
    } catch (RuntimeException e) {
      start(() -> Stream.fail(handler, e));
      return;
    }
    start(new Stream(begun, handler));
  }

  private static void start(Runnable task) {
    Thread.ofVirtual().name("resa-langchain4j").start(task);
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
