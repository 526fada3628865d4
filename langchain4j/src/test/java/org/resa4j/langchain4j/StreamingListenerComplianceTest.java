package org.resa4j.langchain4j;

import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelListenerIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ToolChoice;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.resa4j.Resa;

/** LangChain4j's own tests of what listeners hear of a streaming chat model. */
class StreamingListenerComplianceTest extends AbstractStreamingChatModelListenerIT {
  private static Resa resa;

  @BeforeAll
  static void load() {
    resa = Tiny.resa(1);
  }

  @AfterAll
  static void close() {
    resa.close();
  }

  @Override
  protected StreamingChatModel createModel(ChatModelListener listener) {
    return ResaStreamingChatModel.builder(resa)
        .modelName(modelName())
        .temperature(temperature())
        .topP(topP())
        .seed(1)
        .maxOutputTokens(maxTokens())
        .listeners(List.of(listener))
        .build();
  }

  @Override
  protected String modelName() {
    return "tiny";
  }

  /** Its every request needs a tool that is not there. */
  @Override
  protected StreamingChatModel createFailingModel(ChatModelListener listener) {
    return ResaStreamingChatModel.builder(resa)
        .toolChoice(ToolChoice.REQUIRED)
        .listeners(List.of(listener))
        .build();
  }

  @Override
  protected Class<? extends Exception> expectedExceptionClass() {
    return InvalidRequestException.class;
  }
}
