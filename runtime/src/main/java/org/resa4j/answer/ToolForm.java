package org.resa4j.answer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.resa4j.error.InputException;
import org.resa4j.tokenizer.ChatTemplate;
import org.resa4j.tokenizer.Message;

/** How a model writes that it calls a tool. */
public enum ToolForm {
  /** {@code <tool_call>{"name": ..., "arguments": {...}}</tool_call>}: Hermes, Qwen. */
  MARKED("<tool_call>\n{\"name\": \"", "\", \"arguments\": ", "}\n</tool_call>"),
  /** {@code {"name": ..., "parameters": {...}}}: Llama 3. */
  BARE("{\"name\": \"", "\", \"parameters\": ", "}");

  private static final String PROBE = "probe_of_the_form";

  private final String beforeName;
  private final String beforeArguments;
  private final String end;

  ToolForm(String beforeName, String beforeArguments, String end) {
    this.beforeName = beforeName;
    this.beforeArguments = beforeArguments;
    this.end = end;
  }

  /** A call up to its arguments. */
  public String begin(String name) {
    return beforeName + name + beforeArguments;
  }

  /** What comes after the arguments. */
  public String end() {
    return end;
  }

  /** Takes an answer apart. */
  Stage stage(Set<String> tools) {
    return this == MARKED ? new MarkedCalls() : new BareCalls(tools);
  }

  /**
   * The form that a template writes calls in, as it writes one of a conversation; empty where it is
   * none of these, or the template knows no tools.
   */
  public static Optional<ToolForm> of(ChatTemplate template) {
    Map<String, Object> call = call();
    List<Message> messages =
        List.of(
            Message.user("x"), new Message("assistant", "", Map.of("tool_calls", List.of(call))));
    Map<String, Object> tool =
        Map.of(
            "type",
            "function",
            "function",
            Map.of("name", PROBE, "description", "x", "parameters", Map.of("type", "object")));
    String without;
    String with;
    try {
      without = template.render(messages, false);
      with = template.render(messages, false, Map.of("tools", List.of(tool)));
    } catch (InputException e) {
      return Optional.empty();
    }
    String written = without.replaceAll("\\s", "");
    if (with.equals(without)) {
      return Optional.empty();
    }
    for (ToolForm form : values()) {
      if (written.contains(form.begin(PROBE).replaceAll("\\s", ""))) {
        return Optional.of(form);
      }
    }
    return Optional.empty();
  }

  private static Map<String, Object> call() {
    Map<String, Object> function = new LinkedHashMap<>();
    function.put("name", PROBE);
    function.put("arguments", Map.of("x", 1));
    Map<String, Object> call = new LinkedHashMap<>();
    // Of the length that Mistral's templates want.
    call.put("id", "call00001");
    call.put("type", "function");
    call.put("function", function);
    return call;
  }
}
