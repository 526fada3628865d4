package org.resa4j.server.request;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.resa4j.chat.Tools;
import tools.jackson.databind.JsonNode;

/** Reads the tools of a chat. */
final class ToolFields {
  private ToolFields() {}

  static Tools of(Fields request) {
    List<Object> definitions = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>();
    for (Fields tool : request.objects("tools")) {
      Conversation.checkFunction(tool);
      Fields function =
          tool.object("function").orElseThrow(() -> ApiException.missing(tool.name("function")));
      String name = function.requiredText("name");
      if (!Tools.isName(name)) {
        throw function.wrong("name", Tools.NAME_RULE);
      }
      if (!names.add(name)) {
        throw ApiException.invalid(function.name("name"), "two tools are named " + name);
      }
      function.text("description");
      function.object("parameters");
      function.only(
          "strict", value -> value.isBoolean() && !value.asBoolean(), "arguments follow no schema");
      function.nothingElse();
      tool.nothingElse();
      definitions.add(Fields.plain(tool.node()));
    }
    request.only(
        "parallel_tool_calls",
        value -> value.isBoolean() && value.asBoolean(),
        "a model calls as many tools as it likes");
    request.ignore("tool_choice");
    if (!request.has("tool_choice")) {
      return new Tools(definitions, names, Tools.Choice.AUTO, Optional.empty());
    }
    JsonNode choice = request.node("tool_choice");
    if (choice.isString() && choice.asString().equals("none")) {
      return Tools.NONE;
    }
    if (definitions.isEmpty()) {
      throw ApiException.invalid("tool_choice", "tool_choice needs tools");
    }
    if (choice.isString()) {
      return switch (choice.asString()) {
        case "auto" -> new Tools(definitions, names, Tools.Choice.AUTO, Optional.empty());
        case "required" -> new Tools(definitions, names, Tools.Choice.REQUIRED, Optional.empty());
        default -> throw request.wrong("tool_choice", "none, auto, required or a function");
      };
    }
    return new Tools(definitions, names, Tools.Choice.REQUIRED, Optional.of(named(request, names)));
  }

  private static String named(Fields request, Set<String> names) {
    Fields choice = request.object("tool_choice").orElseThrow();
    Conversation.checkFunction(choice);
    Fields function =
        choice.object("function").orElseThrow(() -> ApiException.missing("tool_choice.function"));
    String name = function.requiredText("name");
    function.nothingElse();
    choice.nothingElse();
    if (!names.contains(name)) {
      throw ApiException.invalid(
          "tool_choice.function.name",
          "tool_choice names " + name + ", which is none of the tools");
    }
    return name;
  }
}
