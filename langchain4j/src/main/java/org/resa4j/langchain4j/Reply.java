package org.resa4j.langchain4j;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import java.util.List;
import org.resa4j.GeneratedToken;
import org.resa4j.Generation;
import org.resa4j.Usage;
import org.resa4j.chat.ChatAnswer;
import org.resa4j.chat.Ids;
import org.resa4j.chat.ToolCall;

/** An answer as it comes, and as LangChain4j has it. Not thread-safe. */
final class Reply {
  private final ChatAnswer answer;
  private final String modelName;

  Reply(ChatAnswer answer, String modelName) {
    this.answer = answer;
    this.modelName = modelName;
  }

  void add(GeneratedToken token, ChatAnswer.Listener listener) {
    answer.add(token, listener);
  }

  /** The text has ended. */
  void finish(ChatAnswer.Listener listener) {
    answer.finish(listener);
  }

  /** All of it, when it has been finished. */
  ChatResponse response(Generation generation) {
    Usage usage = generation.usage();
    List<ToolExecutionRequest> calls = answer.calls().stream().map(Reply::request).toList();
    return ChatResponse.builder()
        .id(Ids.next("resa-"))
        .modelName(modelName)
        .aiMessage(
            AiMessage.builder()
                .text(orNull(answer.content()))
                .thinking(orNull(answer.reasoning()))
                .toolExecutionRequests(calls)
                .build())
        .tokenUsage(
            new ResaTokenUsage(
                usage.promptTokens(),
                usage.cachedTokens(),
                usage.generatedTokens(),
                answer.reasoningTokens()))
        .finishReason(finishReason(generation, !calls.isEmpty()))
        .build();
  }

  /** A text that is not there is null. */
  private static String orNull(String text) {
    return text.isEmpty() ? null : text;
  }

  static ToolExecutionRequest request(ToolCall call) {
    return ToolExecutionRequest.builder()
        .id(call.id())
        .name(call.name())
        .arguments(call.arguments())
        .build();
  }

  private static FinishReason finishReason(Generation generation, boolean calls) {
    return switch (generation.finish()) {
      case END_OF_TEXT, STOP_STRING -> calls ? FinishReason.TOOL_EXECUTION : FinishReason.STOP;
      case MAX_TOKENS, CONTEXT_FULL -> FinishReason.LENGTH;
      case TIME_UP -> FinishReason.OTHER;
      case CANCELLED -> throw new IllegalStateException("a cancelled text is no answer");
    };
  }
}
