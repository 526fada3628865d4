package org.resa4j.server;

import java.util.ArrayList;
import java.util.List;
import org.resa4j.GeneratedToken;
import org.resa4j.Generation;
import org.resa4j.chat.ChatAnswer;
import org.resa4j.chat.ToolCall;
import org.resa4j.generate.FinishReason;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** One answer of a chat as it comes, in JSON: what it adds, and all of it. Not thread-safe. */
final class ChatChoice {
  private final int index;
  private final ChatAnswer answer;
  private Generation generation;

  ChatChoice(int index, ChatAnswer answer) {
    this.index = index;
    this.answer = answer;
  }

  int index() {
    return index;
  }

  /** Takes a token; returns what the message gets by it. */
  List<ObjectNode> add(GeneratedToken token) {
    Deltas deltas = new Deltas();
    answer.add(token, deltas);
    return deltas.list;
  }

  /** The text has ended; returns what the message gets by that. */
  List<ObjectNode> finish(Generation written) {
    generation = written;
    Deltas deltas = new Deltas();
    answer.finish(deltas);
    return deltas.list;
  }

  private static final class Deltas implements ChatAnswer.Listener {
    private final List<ObjectNode> list = new ArrayList<>();

    @Override
    public void onContent(String text) {
      list.add(Json.object().put("content", text));
    }

    @Override
    public void onReasoning(String text) {
      list.add(Json.object().put("reasoning_content", text));
    }

    @Override
    public void onCall(int index, ToolCall call) {
      ObjectNode delta = Json.object();
      delta.putArray("tool_calls").add(json(call).put("index", index));
      list.add(delta);
    }
  }

  private static ObjectNode json(ToolCall call) {
    ObjectNode json = Json.object();
    json.put("id", call.id());
    json.put("type", "function");
    json.putObject("function").put("name", call.name()).put("arguments", call.arguments());
    return json;
  }

  /** All of it. */
  ObjectNode message() {
    List<ToolCall> calls = answer.calls();
    ObjectNode message = Json.object();
    message.put("role", "assistant");
    if (answer.content().isEmpty() && !calls.isEmpty()) {
      message.putNull("content");
    } else {
      message.put("content", answer.content());
    }
    if (!answer.reasoning().isEmpty()) {
      message.put("reasoning_content", answer.reasoning());
    }
    if (!calls.isEmpty()) {
      ArrayNode list = message.putArray("tool_calls");
      calls.forEach(call -> list.add(json(call)));
    }
    message.putNull("refusal");
    return message;
  }

  /** Why it ended. */
  String finishReason() {
    String reason = finishReason(generation.finish());
    return reason.equals("stop") && !answer.calls().isEmpty() ? "tool_calls" : reason;
  }

  static String finishReason(FinishReason finish) {
    return switch (finish) {
      case END_OF_TEXT, STOP_STRING -> "stop";
      case MAX_TOKENS, CONTEXT_FULL, TIME_UP -> "length";
      case CANCELLED -> throw new IllegalStateException("a cancelled text has no answer");
    };
  }

  Generation generation() {
    return generation;
  }

  int reasoningTokens() {
    return answer.reasoningTokens();
  }
}
