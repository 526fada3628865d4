package org.resa4j.langchain4j;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ToolChoice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.resa4j.chat.Tools;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Makes of a request's tools what chat templates take. */
final class ToolDefinitions {
  private ToolDefinitions() {}

  static Tools of(ChatRequestParameters parameters) {
    List<Object> definitions = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>();
    for (ToolSpecification tool : parameters.toolSpecifications()) {
      if (Boolean.TRUE.equals(tool.strict())) {
        throw new UnsupportedFeatureException(
            "strict tools are not supported (%s): arguments follow no schema"
                .formatted(tool.name()));
      }
      if (!names.add(tool.name())) {
        throw new InvalidRequestException("two tools are named " + tool.name());
      }
      definitions.add(definition(tool));
    }
    ToolChoice choice = parameters.toolChoice();
    if (choice == ToolChoice.NONE) {
      return Tools.NONE;
    }
    if (choice == ToolChoice.REQUIRED && definitions.isEmpty()) {
      throw new InvalidRequestException("ToolChoice.REQUIRED needs tools");
    }
    return new Tools(
        definitions,
        names,
        choice == ToolChoice.REQUIRED ? Tools.Choice.REQUIRED : Tools.Choice.AUTO,
        Optional.empty());
  }

  /** In the order in which OpenAI's interface has it, and models were trained on it. */
  private static Map<String, Object> definition(ToolSpecification tool) {
    JsonNode json = JsonMapper.shared().readTree(tool.toJson());
    Map<String, Object> function = new LinkedHashMap<>();
    function.put("name", tool.name());
    for (String field : List.of("description", "parameters")) {
      if (json.hasNonNull(field)) {
        function.put(field, JsonMapper.shared().treeToValue(json.get(field), Object.class));
      }
    }
    Map<String, Object> definition = new LinkedHashMap<>();
    definition.put("type", "function");
    definition.put("function", function);
    return definition;
  }
}
