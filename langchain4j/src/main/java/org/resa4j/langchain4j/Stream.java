package org.resa4j.langchain4j;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import org.resa4j.GeneratedToken;
import org.resa4j.Generation;
import org.resa4j.GenerationHandle;
import org.resa4j.chat.ChatAnswer;
import org.resa4j.chat.ToolCall;

/** Tells a handler of an answer as it comes, until it has ended or is cancelled. */
final class Stream implements Runnable, ChatAnswer.Listener, StreamingHandle {
  private static final System.Logger LOG = System.getLogger(Stream.class.getName());

  private final GenerationHandle handle;
  private final Reply reply;
  private final StreamingChatResponseHandler handler;
  private final PartialResponseContext responseContext = new PartialResponseContext(this);
  private final PartialThinkingContext thinkingContext = new PartialThinkingContext(this);
  private volatile boolean cancelled;

  Stream(Requests.Begun begun, StreamingChatResponseHandler handler) {
    handle = begun.handle();
    reply = begun.reply();
    this.handler = handler;
  }

  @Override
  public void run() {
    ChatResponse response;
    try {
      for (GeneratedToken token : handle) {
        reply.add(token, this);
      }
      Generation generation = handle.join();
      if (cancelled) {
        return;
      }
      reply.finish(this);
      response = reply.response(generation);
    } catch (RuntimeException e) {
      if (!cancelled) {
        fail(handler, Failures.of(e));
      }
      return;
    } catch (Error e) {
      // Who waits for the handler waits for ever if it hears nothing.
      fail(handler, e);
      throw e;
    } finally {
      // Of one that has ended it does nothing.
      handle.cancel();
    }
    tell(() -> handler.onCompleteResponse(response));
  }

  @Override
  public void onContent(String text) {
    tell(() -> handler.onPartialResponse(new PartialResponse(text), responseContext));
  }

  @Override
  public void onReasoning(String text) {
    tell(() -> handler.onPartialThinking(new PartialThinking(text), thinkingContext));
  }

  @Override
  public void onCall(int index, ToolCall call) {
    tell(() -> handler.onCompleteToolCall(new CompleteToolCall(index, Reply.request(call))));
  }

  private void tell(Runnable callback) {
    if (cancelled) {
      return;
    }
    try {
      callback.run();
    } catch (RuntimeException | Error e) {
      fail(handler, e);
    }
  }

  static void fail(StreamingChatResponseHandler handler, Throwable e) {
    try {
      handler.onError(e);
    } catch (RuntimeException | Error of) {
      LOG.log(System.Logger.Level.WARNING, "onError failed, which is passed over", of);
    }
  }

  @Override
  public void cancel() {
    cancelled = true;
    handle.cancel();
  }

  @Override
  public boolean isCancelled() {
    return cancelled;
  }
}
