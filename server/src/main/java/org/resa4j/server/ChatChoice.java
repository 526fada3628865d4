package org.resa4j.server;

import java.util.ArrayList;
import java.util.List;
import org.resa4j.GeneratedToken;
import org.resa4j.Generation;
import org.resa4j.generate.FinishReason;
import org.resa4j.server.answer.Answer;
import org.resa4j.server.answer.Part;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** One answer of a chat as it comes: what it adds, and all of it. Not thread-safe. */
final class ChatChoice {
  private final int index;
  private final Answer answer;
  private final StringBuilder content = new StringBuilder();
  private final StringBuilder reasoning = new StringBuilder();
  private final ArrayNode calls = Json.list();
  private int reasoningTokens;
  private Generation generation;

  ChatChoice(int index, Answer answer) {
    this.index = index;
    this.answer = answer;
  }

  int index() {
    return index;
  }

  /** Takes a token; returns what the message gets by it. */
  List<ObjectNode> add(GeneratedToken token) {
    reasoningTokens += answer.isThinking() ? 1 : 0;
    return deltas(answer.add(token.text()));
  }

  /** The text has ended; returns what the message gets by that. */
  List<ObjectNode> finish(Generation written) {
    generation = written;
    return deltas(answer.finish());
  }

  private List<ObjectNode> deltas(List<Part> parts) {
    List<ObjectNode> deltas = new ArrayList<>();
    for (Part part : parts) {
      ObjectNode delta = Json.object();
      switch (part) {
        case Part.Content each -> {
          content.append(each.text());
          delta.put("content", each.text());
        }
        case Part.Reasoning each -> {
          reasoning.append(each.text());
          delta.put("reasoning_content", each.text());
        }
        case Part.Call each -> delta.putArray("tool_calls").add(call(each));
      }
      deltas.add(delta);
    }
    return deltas;
  }

  private ObjectNode call(Part.Call call) {
    ObjectNode json = Json.object();
    json.put("id", Ids.next("call_"));
    json.put("type", "function");
    json.putObject("function").put("name", call.name()).put("arguments", call.arguments());
    calls.add(json);
    ObjectNode delta = json.deepCopy();
    delta.put("index", calls.size() - 1);
    return delta;
  }

  /** All of it. */
  ObjectNode message() {
    ObjectNode message = Json.object();
    message.put("role", "assistant");
    if (content.isEmpty() && !calls.isEmpty()) {
      message.putNull("content");
    } else {
      message.put("content", content.toString());
    }
    if (!reasoning.isEmpty()) {
      message.put("reasoning_content", reasoning.toString());
    }
    if (!calls.isEmpty()) {
      message.set("tool_calls", calls);
    }
    message.putNull("refusal");
    return message;
  }

  /** Why it ended. */
  String finishReason() {
    String reason = finishReason(generation.finish());
    return reason.equals("stop") && !calls.isEmpty() ? "tool_calls" : reason;
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
    return reasoningTokens;
  }
}
