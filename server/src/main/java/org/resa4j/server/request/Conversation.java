package org.resa4j.server.request;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.resa4j.chat.ToolCall;
import org.resa4j.error.InputException;
import org.resa4j.tokenizer.Message;
import tools.jackson.databind.JsonNode;

/** Reads the messages of a chat into what a chat template takes. */
final class Conversation {
  private static final String ASSISTANT = "assistant";
  private static final String TOOL = "tool";
  private static final Set<String> ROLES = Set.of("system", "developer", "user", ASSISTANT, TOOL);

  private Conversation() {}

  static List<Message> of(Fields request) {
    if (!request.has("messages")) {
      throw ApiException.missing("messages");
    }
    List<Message> messages = new ArrayList<>();
    for (Fields message : request.objects("messages")) {
      messages.add(message(message));
    }
    if (messages.isEmpty()) {
      throw ApiException.invalid("messages", "messages must have at least one");
    }
    return messages;
  }

  private static Message message(Fields message) {
    String role = message.requiredText("role");
    if (!ROLES.contains(role)) {
      throw message.wrong("role", "system, developer, user, assistant or tool");
    }
    Map<String, Object> more = new LinkedHashMap<>();
    message.text("name").ifPresent(name -> more.put("name", name));
    if (role.equals(ASSISTANT)) {
      message.text("reasoning_content").ifPresent(text -> more.put("reasoning_content", text));
      if (message.has("tool_calls")) {
        more.put("tool_calls", calls(message));
      }
      message.ignore("refusal", "annotations");
    } else if (role.equals(TOOL)) {
      more.put("tool_call_id", message.requiredText("tool_call_id"));
    }
    String content = content(message, more.containsKey("tool_calls"));
    message.nothingElse();
    // What OpenAI's newer models call the system prompt; templates know the old name.
    return new Message(role.equals("developer") ? "system" : role, content, more);
  }

  private static String content(Fields message, boolean mayBeMissing) {
    if (!message.has("content")) {
      if (mayBeMissing) {
        return "";
      }
      throw ApiException.missing(message.name("content"));
    }
    JsonNode content = message.node("content");
    if (content.isString()) {
      return content.asString();
    }
    if (!content.isArray()) {
      throw message.wrong("content", "a string or a list of parts");
    }
    StringBuilder text = new StringBuilder();
    for (Fields part : message.objects("content")) {
      String type = part.requiredText("type");
      if (!type.equals("text")) {
        throw ApiException.unsupported(
            part.name("type"), part.name("type") + ": models here read text only, no " + type);
      }
      text.append(part.requiredText("text"));
      part.nothingElse();
    }
    return text.toString();
  }

  /** With arguments as objects, as templates print them; clients send them as text. */
  private static List<Object> calls(Fields message) {
    List<Object> calls = new ArrayList<>();
    for (Fields call : message.objects("tool_calls")) {
      String id = call.requiredText("id");
      checkFunction(call);
      Fields function =
          call.object("function").orElseThrow(() -> ApiException.missing(call.name("function")));
      String name = function.requiredText("name");
      ToolCall written = new ToolCall(id, name, function.requiredText("arguments"));
      function.nothingElse();
      call.ignore("index").nothingElse();
      try {
        calls.add(written.asField());
      } catch (InputException e) {
        throw function.wrong("arguments", "the text of a JSON object");
      }
    }
    return calls;
  }

  static void checkFunction(Fields of) {
    String type = of.text("type").orElse("function");
    if (!type.equals("function")) {
      throw ApiException.unsupported(
          of.name("type"), of.name("type") + ": functions are the only tools, no " + type);
    }
  }
}
