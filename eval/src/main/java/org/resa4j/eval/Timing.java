package org.resa4j.eval;

import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * What decoding took: texts of one family and setting, written together and with no others. A line
 * of {@code results.jsonl}, in runs that are on exact mode too; several add up.
 *
 * @param family of the texts
 * @param setting its {@link Setting#name()}
 * @param seconds from the first request to the last token, but for prefill
 * @param tokens decoded: of each text, all but the first
 */
record Timing(String family, String setting, double seconds, long tokens) {
  private static final String MARK = "timing_of";

  /**
   * @throws IllegalArgumentException for a negative number
   */
  Timing {
    if (!(seconds >= 0) || tokens < 0) {
      throw new IllegalArgumentException("%d tokens in %s seconds".formatted(tokens, seconds));
    }
  }

  Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put(MARK, setting);
    json.put("family", family);
    json.put("seconds", seconds);
    json.put("tokens", tokens);
    return json;
  }

  /** Whether a line is one. */
  static boolean is(JsonNode json) {
    return json.has(MARK);
  }

  static Timing read(JsonNode json) {
    return new Timing(
        json.path("family").asString(),
        json.path(MARK).asString(),
        json.path("seconds").asDouble(),
        json.path("tokens").asLong());
  }
}
