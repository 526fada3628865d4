package org.resa4j.engine;

import java.util.List;
import org.resa4j.format.Json;
import tools.jackson.databind.JsonNode;

/**
 * A sheet of the task of the model that ships, with its right answer; made and checked by {@code
 * resa eval}'s worksheets.
 *
 * @param prompt the sheet
 * @param answer its lines
 */
public record Sheet(String prompt, List<String> answer) {

  /** The sheet of so many lines that a seed gives; one of those in the golden data. */
  public static Sheet of(int lines, long seed) {
    for (JsonNode sheet : Json.read(Golden.file("worksheet/sheets.json")).path("sheets")) {
      if (sheet.path("lines").asInt() == lines && sheet.path("seed").asLong() == seed) {
        return new Sheet(
            sheet.path("prompt").asString(),
            sheet.path("answer").valueStream().map(JsonNode::asString).toList());
      }
    }
    throw new IllegalArgumentException("no sheet of %d lines and seed %d".formatted(lines, seed));
  }

  /** The whole answer, as the model writes it. */
  public String text() {
    return String.join(" ", answer);
  }

  /** Whether a text is the answer, word for word. */
  public boolean isAnsweredBy(String text) {
    return String.join(" ", text.strip().split("\\s+")).equals(text());
  }
}
