package org.resa4j.langchain4j;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.resa4j.chat.ToolCall;
import org.resa4j.tokenizer.Message;

/**
 * Makes of LangChain4j's messages what chat templates take. Their attributes are the application's
 * own, by LangChain4j's word, and go to no model.
 */
final class Conversation {
  private Conversation() {}

  static List<Message> of(List<ChatMessage> messages) {
    return messages.stream().map(Conversation::message).toList();
  }

  private static Message message(ChatMessage message) {
    return switch (message) {
      case SystemMessage each -> Message.system(each.text());
      case UserMessage each ->
          new Message("user", text(each.contents()), named(each.name(), Map.of()));
      case AiMessage each -> assistant(each);
      case ToolExecutionResultMessage each ->
          new Message(
              "tool",
              text(each.contents()),
              named(
                  each.toolName(),
                  each.id() == null ? Map.of() : Map.of("tool_call_id", each.id())));
      default ->
          throw new UnsupportedFeatureException(
              "%s is not supported: chat templates know no such message"
                  .formatted(message.getClass().getSimpleName()));
    };
  }

  private static Message assistant(AiMessage message) {
    if (!message.images().isEmpty()) {
      throw notText("image");
    }
    Map<String, Object> fields = new LinkedHashMap<>();
    if (message.thinking() != null) {
      // Templates leave it out or not.
      fields.put("reasoning_content", message.thinking());
    }
    if (message.hasToolExecutionRequests()) {
      List<Object> calls = new ArrayList<>();
      for (ToolExecutionRequest call : message.toolExecutionRequests()) {
        calls.add(call(calls.size(), call).asField());
      }
      fields.put("tool_calls", calls);
    }
    return new Message("assistant", message.text() == null ? "" : message.text(), fields);
  }

  /** Other models' calls may come without an id, and without arguments where there are none. */
  private static ToolCall call(int index, ToolExecutionRequest call) {
    String arguments = call.arguments();
    return new ToolCall(
        call.id() == null ? "call_" + index : call.id(),
        call.name(),
        arguments == null || arguments.isBlank() ? "{}" : arguments);
  }

  private static Map<String, Object> named(String name, Map<String, Object> fields) {
    Map<String, Object> named = new LinkedHashMap<>();
    if (name != null) {
      named.put("name", name);
    }
    named.putAll(fields);
    return named;
  }

  private static String text(List<Content> contents) {
    StringBuilder text = new StringBuilder();
    for (Content content : contents) {
      if (!(content instanceof TextContent part)) {
        throw notText(content.type().name().toLowerCase(Locale.ROOT));
      }
      text.append(part.text());
    }
    return text.toString();
  }

  private static UnsupportedFeatureException notText(String what) {
    return new UnsupportedFeatureException(
        "content of type %s is not supported: models here read text only".formatted(what));
  }
}
