package org.resa4j.answer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.resa4j.grammar.JsonText;
import org.resa4j.grammar.TextState;

/**
 * Calls as Llama 3 writes them: an answer that is {@code {"name": ..., "parameters": {...}}} and
 * nothing else, or several with {@code ;} between them. An answer that begins with a brace is held
 * back until it has ended; if it is no call of a tool that there is, it is content.
 */
final class BareCalls implements Stage {
  private static final String BEGIN = "{";
  private static final String BETWEEN = ";";

  private final Set<String> tools;
  private final Held held = new Held();
  private boolean isContent;

  BareCalls(Set<String> tools) {
    this.tools = tools;
  }

  @Override
  public List<Part> add(String text) {
    held.add(text);
    if (!isContent && !held.beginsWith(BEGIN) && !held.mayBeginWith(BEGIN)) {
      isContent = true;
    }
    return isContent ? content() : List.of();
  }

  private List<Part> content() {
    return held.isEmpty() ? List.of() : List.of(new Part.Content(held.takeAll()));
  }

  @Override
  public List<Part> finish() {
    if (isContent || !held.beginsWith(BEGIN)) {
      return content();
    }
    String text = held.takeAll();
    List<Part> calls = calls(text);
    return calls.isEmpty() ? List.of(new Part.Content(text)) : calls;
  }

  /** All of a text's calls; none where it has anything else. */
  private List<Part> calls(String text) {
    List<Part> calls = new ArrayList<>();
    String rest = text.strip();
    while (!rest.isEmpty()) {
      int end = end(rest);
      Optional<Part.Call> call = CallJson.read(rest.substring(0, end));
      if (call.isEmpty() || !tools.contains(call.get().name())) {
        return List.of();
      }
      calls.add(call.get());
      rest = rest.substring(end).strip();
      if (rest.startsWith(BETWEEN)) {
        rest = rest.substring(BETWEEN.length()).strip();
      }
    }
    return calls;
  }

  /** Where a text's first object ends; the whole length where it begins with none. */
  private static int end(String text) {
    TextState state = new JsonText();
    for (int i = 0; i < text.length(); i++) {
      state = state.next(text.charAt(i));
      if (state == null) {
        break;
      }
      if (state.isComplete()) {
        return i + 1;
      }
    }
    return text.length();
  }
}
