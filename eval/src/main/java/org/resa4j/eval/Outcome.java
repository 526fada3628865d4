package org.resa4j.eval;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.resa4j.eval.check.Steps;
import org.resa4j.eval.check.Verdict;
import org.resa4j.eval.exact.Parting;
import org.resa4j.generate.FinishReason;
import org.resa4j.generate.Rectification;
import org.resa4j.generate.Verifications;
import tools.jackson.databind.JsonNode;

/**
 * What came of a task under a setting: a line of {@code results.jsonl}.
 *
 * @param task its id
 * @param family what it is counted with
 * @param setting its {@link Setting#name()}
 * @param seed of the random choice, in runs of several; empty in others
 * @param text what the model wrote, without special tokens
 * @param tokens the text's; none in results of versions that did not keep them
 * @param finish why it ended
 * @param verdict how right it is
 * @param promptTokens tokens of the prompt
 * @param generated tokens written
 * @param rectification what was encoded again, and how far it had drifted
 * @param steps decoding steps, those of drafts included
 * @param blocksKept blocks attended to, over all steps
 * @param blocksSeen blocks cached, over all steps
 * @param verifications what exact mode drafted and verified
 * @param parting where a text of exact mode leaves dense decoding's; empty where it does not, or
 *     dense decoding's is not known
 */
record Outcome(
    String task,
    String family,
    String setting,
    OptionalLong seed,
    String text,
    List<Integer> tokens,
    FinishReason finish,
    Verdict verdict,
    int promptTokens,
    int generated,
    Rectification rectification,
    long steps,
    long blocksKept,
    long blocksSeen,
    Verifications verifications,
    Optional<Parting> parting) {

  /**
   * Drift has six places, here as in the file: the JVM engine's sums may differ in their last bits
   * from run to run, and what is read again must be what was there.
   */
  Outcome {
    tokens = List.copyOf(tokens);
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
  record Key(String task, String setting, OptionalLong seed) {
    /** Dense decoding of the same text. */
    Key dense() {
      return new Key(task, Setting.DENSE, seed);
    }

    @Override
    public String toString() {
      return "task '%s' under '%s'%s"
          .formatted(task, setting, seed.isPresent() ? ", seed " + seed.getAsLong() : "");
    }
  }

  Key key() {
    return new Key(task, setting, seed);
  }

  Outcome withParting(Parting found) {
    return new Outcome(
        task,
        family,
        setting,
        seed,
        text,
        tokens,
        finish,
        verdict,
        promptTokens,
        generated,
        rectification,
        steps,
        blocksKept,
        blocksSeen,
        verifications,
        Optional.of(found));
  }

  /** Columns, steps as an array of places and a string of 0 and 1. */
  Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("task", task);
    json.put("family", family);
    json.put("setting", setting);
    seed.ifPresent(each -> json.put("seed", each));
    json.put("score", verdict.score());
    json.put("right", verdict.right());
    json.put("finish", finish.name());
    json.put("prompt_tokens", promptTokens);
    json.put("generated", generated);
    json.put("rectifications", rectification.count());
    json.put("tokens_rectified", rectification.tokens());
    json.put("drift_measured", rectification.measured());
    rectification.recentDrift().ifPresent(drift -> json.put("recent_drift", drift));
    json.put("decode_steps", steps);
    json.put("blocks_kept", blocksKept);
    json.put("blocks_seen", blocksSeen);
    if (!verifications.equals(Verifications.NONE)) {
      json.put("verifications", verifications.count());
      json.put("drafted", verifications.drafted());
      json.put("accepted", verifications.accepted());
      json.put("yielded", verifications.yielded());
    }
    parting.ifPresent(
        parts -> {
          json.put("parts_at", parts.token());
          json.put("parts_for", parts.kind().name());
          parts.margin().ifPresent(margin -> json.put("margin", margin));
        });
    json.put("text", text);
    json.put("tokens", tokens);
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
   * @throws IllegalArgumentException if something is missing that every version has
   */
  static Outcome read(JsonNode json) {
    return new Outcome(
        need(json, "task").asString(),
        need(json, "family").asString(),
        need(json, "setting").asString(),
        json.has("seed") ? OptionalLong.of(json.get("seed").asLong()) : OptionalLong.empty(),
        need(json, "text").asString(),
        json.path("tokens").valueStream().map(JsonNode::asInt).toList(),
        FinishReason.valueOf(need(json, "finish").asString()),
        new Verdict(need(json, "score").asDouble(), need(json, "right").asBoolean(), steps(json)),
        need(json, "prompt_tokens").asInt(),
        need(json, "generated").asInt(),
        new Rectification(
            need(json, "rectifications").asInt(),
            need(json, "tokens_rectified").asLong(),
            need(json, "drift_measured").asInt(),
            optional(json, "recent_drift")),
        // Before exact mode each token but the first was a step.
        json.path("decode_steps").asLong(need(json, "generated").asInt() - 1L),
        need(json, "blocks_kept").asLong(),
        need(json, "blocks_seen").asLong(),
        new Verifications(
            json.path("verifications").asInt(0),
            json.path("drafted").asLong(0),
            json.path("accepted").asLong(0),
            json.path("yielded").asLong(0)),
        parting(json));
  }

  private static Optional<Parting> parting(JsonNode json) {
    return json.has("parts_at")
        ? Optional.of(
            new Parting(
                json.get("parts_at").asInt(),
                Parting.Kind.valueOf(need(json, "parts_for").asString()),
                optional(json, "margin")))
        : Optional.empty();
  }

  private static OptionalDouble optional(JsonNode json, String name) {
    return json.hasNonNull(name)
        ? OptionalDouble.of(json.get(name).asDouble())
        : OptionalDouble.empty();
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
