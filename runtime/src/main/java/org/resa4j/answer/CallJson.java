package org.resa4j.answer;

import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads calls from JSON: a name, and arguments or parameters that are an object. */
final class CallJson {
  private CallJson() {}

  /** The call that a text is; empty where it is none. */
  static Optional<Part.Call> read(String json) {
    try {
      return read(JsonMapper.shared().readTree(json));
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  static Optional<Part.Call> read(JsonNode call) {
    JsonNode arguments = call.path(call.has("arguments") ? "arguments" : "parameters");
    String name = call.path("name").asString("");
    boolean isCall =
        call.isObject() && call.path("name").isString() && !name.isBlank() && arguments.isObject();
    return isCall ? Optional.of(new Part.Call(name, arguments.toString())) : Optional.empty();
  }
}
