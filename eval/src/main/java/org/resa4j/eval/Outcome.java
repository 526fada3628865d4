package org.resa4j.eval;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.resa4j.eval.check.Steps;
import org.resa4j.eval.check.Verdict;
import org.resa4j.generate.FinishReason;
import org.resa4j.generate.Rectification;
import tools.jackson.databind.JsonNode;

/**
 * What came of a task under a setting: a line of {@code results.jsonl}.
 *
 * @param task its id
 * @param family what it is counted with
 * @param setting its {@link Setting#name()}
 * @param text what the model wrote, without special tokens
 * @param finish why it ended
 * @param verdict how right it is
 * @param promptTokens tokens of the prompt
 * @param generated tokens written
 * @param rectification what was encoded again, and how far it had drifted
 * @param blocksKept blocks attended to, over all steps
 * @param blocksSeen blocks cached, over all steps
 */
record Outcome(
    String task,
    String family,
    String setting,
    String text,
    FinishReason finish,
    Verdict verdict,
    int promptTokens,
    int generated,
    Rectification rectification,
    long blocksKept,
    long blocksSeen) {

  /**
   * Drift has six places, here as in the file: the JVM engine's sums may differ in their last bits
   * from run to run, and what is read again must be what was there.
   */
  Outcome {
    OptionalDouble drift = rectification.recentDrift();
    if (drift.isPresent()) {
      rectification =
          new Rectification(
              rectification.count(),
              rectification.tokens(),
              rectification.measured(),
              OptionalDouble.of(Math.round(1e6 * drift.getAsDouble()) / 1e6));
    }
  }

  /** Tells it from all other outcomes of a run. */
  record Key(String task, String setting) {}

  Key key() {
    return new Key(task, setting);
  }

  /** Columns, steps as an array of places and a string of 0 and 1. */
  Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("task", task);
    json.put("family", family);
    json.put("setting", setting);
    json.put("score", verdict.score());
    json.put("right", verdict.right());
    json.put("finish", finish.name());
    json.put("prompt_tokens", promptTokens);
    json.put("generated", generated);
    json.put("rectifications", rectification.count());
    json.put("tokens_rectified", rectification.tokens());
    json.put("drift_measured", rectification.measured());
    rectification.recentDrift().ifPresent(drift -> json.put("recent_drift", drift));
    json.put("blocks_kept", blocksKept);
    json.put("blocks_seen", blocksSeen);
    json.put("text", text);
    verdict
        .steps()
        .ifPresent(
            steps -> {
              json.put("steps", steps.places());
              json.put("steps_right", bits(steps.right()));
            });
    return json;
  }

  private static String bits(boolean[] right) {
    StringBuilder bits = new StringBuilder();
    for (boolean each : right) {
      bits.append(each ? '1' : '0');
    }
    return bits.toString();
  }

  /**
   * @throws IllegalArgumentException if something is missing
   */
  static Outcome read(JsonNode json) {
    return new Outcome(
        need(json, "task").asString(),
        need(json, "family").asString(),
        need(json, "setting").asString(),
        need(json, "text").asString(),
        FinishReason.valueOf(need(json, "finish").asString()),
        new Verdict(need(json, "score").asDouble(), need(json, "right").asBoolean(), steps(json)),
        need(json, "prompt_tokens").asInt(),
        need(json, "generated").asInt(),
        new Rectification(
            need(json, "rectifications").asInt(),
            need(json, "tokens_rectified").asLong(),
            need(json, "drift_measured").asInt(),
            json.hasNonNull("recent_drift")
                ? OptionalDouble.of(json.get("recent_drift").asDouble())
                : OptionalDouble.empty()),
        need(json, "blocks_kept").asLong(),
        need(json, "blocks_seen").asLong());
  }

  private static Optional<Steps> steps(JsonNode json) {
    if (!json.has("steps")) {
      return Optional.empty();
    }
    String bits = need(json, "steps_right").asString();
    boolean[] right = new boolean[bits.length()];
    for (int i = 0; i < right.length; i++) {
      right[i] = bits.charAt(i) == '1';
    }
    JsonNode places = json.get("steps");
    int[] at = new int[places.size()];
    Arrays.setAll(at, i -> places.get(i).asInt());
    return Optional.of(new Steps(at, right));
  }

  private static JsonNode need(JsonNode json, String name) {
    if (!json.hasNonNull(name)) {
      throw new IllegalArgumentException("no \"%s\"".formatted(name));
    }
    return json.get(name);
  }
}
