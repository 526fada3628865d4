package org.resa4j.chat;

import java.util.ArrayList;
import java.util.List;
import org.resa4j.GeneratedToken;
import org.resa4j.answer.Answer;
import org.resa4j.answer.Part;

/** One answer of a chat as it comes: what it adds, and all of it. Not thread-safe. */
public final class ChatAnswer {
  private final Answer answer;
  private final StringBuilder content = new StringBuilder();
  private final StringBuilder reasoning = new StringBuilder();
  private final List<ToolCall> calls = new ArrayList<>();
  private int reasoningTokens;

  ChatAnswer(Answer answer) {
    this.answer = answer;
  }

  /** Hears what an answer gets. */
  public interface Listener {
    void onContent(String text);

    void onReasoning(String text);

    /**
     * @param index its number, from 0
     */
    void onCall(int index, ToolCall call);
  }

  /** Takes a token, and tells what is certain with it. */
  public void add(GeneratedToken token, Listener listener) {
    reasoningTokens += answer.isThinking() ? 1 : 0;
    tell(answer.add(token.text()), listener);
  }

  /** The text has ended; tells the rest. */
  public void finish(Listener listener) {
    tell(answer.finish(), listener);
  }

  private void tell(List<Part> parts, Listener listener) {
    for (Part part : parts) {
      switch (part) {
        case Part.Content each -> {
          content.append(each.text());
          listener.onContent(each.text());
        }
        case Part.Reasoning each -> {
          reasoning.append(each.text());
          listener.onReasoning(each.text());
        }
        case Part.Call each -> {
          ToolCall call = new ToolCall(Ids.next("call_"), each.name(), each.arguments());
          calls.add(call);
          listener.onCall(calls.size() - 1, call);
        }
      }
    }
  }

  /** What has come of the answer itself. */
  public String content() {
    return content.toString();
  }

  /** What has come of the thoughts before it. */
  public String reasoning() {
    return reasoning.toString();
  }

  /** The calls that have come. */
  public List<ToolCall> calls() {
    return List.copyOf(calls);
  }

  /** How many tokens were thoughts. */
  public int reasoningTokens() {
    return reasoningTokens;
  }
}
