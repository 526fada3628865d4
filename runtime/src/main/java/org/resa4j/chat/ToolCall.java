package org.resa4j.chat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.resa4j.error.InputException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A model's call of a tool.
 *
 * @param id what its result names
 * @param name the tool's
 * @param arguments the text of a JSON object
 */
public record ToolCall(String id, String name, String arguments) {
  public ToolCall {
    Objects.requireNonNull(id, "a call needs an id");
    Objects.requireNonNull(name, "a call needs a name");
    Objects.requireNonNull(arguments, "a call needs arguments");
  }

  /**
   * As chat templates print it, an element of a message's {@code tool_calls}: with arguments as an
   * object, where clients have text.
   *
   * @throws InputException if the arguments are no JSON object
   */
  public Map<String, Object> asField() {
    Map<String, Object> function = new LinkedHashMap<>();
    function.put("name", name);
    function.put("arguments", object());
    Map<String, Object> call = new LinkedHashMap<>();
    call.put("id", id);
    call.put("type", "function");
    call.put("function", function);
    return call;
  }

  private Object object() {
    try {
      JsonNode object = JsonMapper.shared().readTree(arguments);
      if (object.isObject()) {
        return JsonMapper.shared().treeToValue(object, Object.class);
      }
    } catch (JacksonException e) {
      // Said below, as for other JSON.
    }
    throw new InputException("the arguments of a call of %s are no JSON object".formatted(name));
  }
}
