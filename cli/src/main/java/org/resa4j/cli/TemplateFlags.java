package org.resa4j.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.resa4j.GenerationOptions;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** What the model's chat template is given beside the conversation. */
final class TemplateFlags {
  private static final String THINKING = "enable_thinking";
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final Set<String> RESERVED = Set.of("messages", "add_generation_prompt");

  @Option(
      names = "--no-thinking",
      description = "Have the model answer at once, where its chat template knows that.")
  private boolean noThinking;

  @Option(
      names = "--template-var",
      paramLabel = "NAME=VALUE",
      description = "A variable of the chat template; VALUE is JSON, else text. May be repeated.")
  private List<String> assignments = new ArrayList<>();

  /** Whether any was given. */
  boolean given() {
    return noThinking || !assignments.isEmpty();
  }

  /**
   * The variables by name.
   *
   * @throws UsageException for what is no assignment, or sets the same twice
   */
  Map<String, Object> variables() {
    Map<String, Object> variables = new LinkedHashMap<>();
    if (noThinking) {
      variables.put(THINKING, false);
    }
    for (String assignment : assignments) {
      int equals = assignment.indexOf('=');
      String name = equals < 0 ? assignment : assignment.substring(0, equals);
      if (equals < 0 || !NAME.matcher(name).matches()) {
        throw new UsageException("--template-var wants NAME=VALUE, was " + assignment);
      }
      if (RESERVED.contains(name)) {
        throw new UsageException("--template-var cannot set " + name + ", the conversation does");
      }
      if (variables.putIfAbsent(name, value(assignment, assignment.substring(equals + 1)))
          != null) {
        throw new UsageException(
            name.equals(THINKING) && noThinking
                ? "--no-thinking and --template-var " + name + " exclude each other"
                : "--template-var sets " + name + " twice");
      }
    }
    return variables;
  }

  private static Object value(String assignment, String text) {
    Object value;
    try {
      value = JsonMapper.shared().readValue(text, Object.class);
    } catch (JacksonException e) {
      return text;
    }
    if (value == null && !text.isEmpty()) {
      throw new UsageException(
          "--template-var " + assignment + ": leave a variable without value out");
    }
    return value == null ? "" : value;
  }

  /** Options with the variables in them. */
  GenerationOptions in(GenerationOptions options) {
    GenerationOptions with = options;
    for (Map.Entry<String, Object> each : variables().entrySet()) {
      with = with.withTemplateVariable(each.getKey(), each.getValue());
    }
    return with;
  }
}
