package org.resa4j.langchain4j;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.resa4j.Resa;
import org.resa4j.engine.Golden;

/** A small model of random weights with Qwen3's chat template. */
final class Tiny {
  private Tiny() {}

  static Resa resa(int sequences) {
    return Resa.builder(directory()).engine("jvm").threads(1).sequences(sequences).build();
  }

  static synchronized Path directory() {
    Path directory = Golden.model("qwen2");
    Golden.file("models/qwen2/tokenizer.json");
    try (InputStream template = Tiny.class.getResourceAsStream("/chat-templates/qwen3.jinja")) {
      Path file = directory.resolve("chat_template.jinja");
      if (Files.notExists(file)) {
        Files.copy(template, file);
        file.toFile().deleteOnExit();
      }
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("not in time");
      }
      Thread.sleep(5);
    }
  }

  /** Keeps what comes. */
  static class Heard implements StreamingChatResponseHandler {
    final CompletableFuture<ChatResponse> response = new CompletableFuture<>();
    final CompletableFuture<StreamingHandle> handle = new CompletableFuture<>();
    final StringBuffer text = new StringBuffer();
    final List<CompleteToolCall> calls = new ArrayList<>();

    @Override
    public void onPartialResponse(PartialResponse part, PartialResponseContext context) {
      text.append(part.text());
      handle.complete(context.streamingHandle());
    }

    @Override
    public void onCompleteToolCall(CompleteToolCall call) {
      calls.add(call);
    }

    @Override
    public void onCompleteResponse(ChatResponse whole) {
      response.complete(whole);
    }

    @Override
    public void onError(Throwable error) {
      response.completeExceptionally(error);
    }

    ChatResponse get() {
      try {
        return response.get(60, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        if (e.getCause() instanceof RuntimeException own) {
          throw own;
        }
        throw new AssertionError(e);
      } catch (InterruptedException | TimeoutException e) {
        throw new AssertionError(e);
      }
    }
  }

  static Heard stream(StreamingChatModel model, ChatRequest request) {
    Heard heard = new Heard();
    model.chat(request, heard);
    return heard;
  }
}
