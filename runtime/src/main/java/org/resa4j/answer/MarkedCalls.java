package org.resa4j.answer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Calls as Hermes and Qwen write them: {@code <tool_call>{"name": ..., "arguments":
 * {...}}</tool_call>}, one after the other, with content before and between them. A call comes when
 * it is whole; one that is no such JSON is content, as it was written. White space around calls
 * belongs to neither.
 */
final class MarkedCalls implements Stage {
  static final String BEGIN = "<tool_call>";
  static final String END = "</tool_call>";

  private final Held held = new Held();
  private boolean inCall;
  private boolean called;

  @Override
  public List<Part> add(String text) {
    held.add(text);
    List<Part> parts = new ArrayList<>();
    while (true) {
      String whole = held.takeThrough(inCall ? END : BEGIN);
      if (whole == null) {
        break;
      }
      if (inCall) {
        call(parts, whole, END);
      } else {
        content(parts, whole.stripTrailing());
      }
      inCall = !inCall;
    }
    if (!inCall) {
      content(parts, held.takeBefore(BEGIN));
    }
    return parts;
  }

  private void call(List<Part> parts, String json, String end) {
    Optional<Part.Call> call = CallJson.read(json);
    if (call.isPresent()) {
      called = true;
      parts.add(call.get());
    } else {
      content(parts, BEGIN + json + end);
    }
  }

  private void content(List<Part> parts, String text) {
    // Between calls there are line breaks.
    String shown = called ? text.stripLeading() : text;
    if (!shown.isEmpty()) {
      parts.add(new Part.Content(shown));
    }
  }

  @Override
  public List<Part> finish() {
    List<Part> parts = new ArrayList<>();
    if (inCall) {
      // Models may end where the mark should be.
      call(parts, held.takeAll(), "");
    } else {
      content(parts, held.takeAll());
    }
    return parts;
  }
}
