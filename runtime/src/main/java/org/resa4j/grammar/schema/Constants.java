package org.resa4j.grammar.schema;

import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Given values as words: without white space, strings and names in one spelling. */
final class Constants {
  private Constants() {}

  /** Adds a value; whether it is finite, as JSON has it, which a number above all others is not. */
  static boolean add(JsonNode value, Words.Builder to) {
    to.begin(0);
    boolean finite = write(value, to);
    to.end();
    return finite;
  }

  private static boolean write(JsonNode value, Words.Builder to) {
    if (value.isString()) {
      string(value.asString(), to);
    } else if (value.isArray()) {
      to.open('[');
      boolean first = true;
      for (JsonNode each : value) {
        to.text(first ? "" : ",");
        first = false;
        if (!write(each, to)) {
          return false;
        }
      }
      to.close(']');
    } else if (value.isObject()) {
      to.open('{');
      boolean first = true;
      for (Map.Entry<String, JsonNode> each : value.properties()) {
        to.text(first ? "" : ",");
        first = false;
        string(each.getKey(), to);
        to.text(":");
        if (!write(each.getValue(), to)) {
          return false;
        }
      }
      to.close('}');
    } else if (value.isFloatingPointNumber() && !Double.isFinite(value.doubleValue())) {
      return false;
    } else {
      to.text(value.toString());
    }
    return true;
  }

  private static void string(String value, Words.Builder to) {
    to.text("\"").characters(value).text("\"");
  }
}
