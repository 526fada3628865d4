package org.resa4j.eval;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.resa4j.attention.ResaConfig;
import org.resa4j.eval.check.Steps;
import org.resa4j.generate.Rectification;
import org.resa4j.report.Interval;
import tools.jackson.databind.JsonNode;

/**
 * A family of tasks under a setting.
 *
 * @param family the tasks'
 * @param setting the setting
 * @param tasks texts that were checked
 * @param answers share of texts with a right answer
 * @param score mean score
 * @param steps share of right steps, where the texts have steps
 * @param stepCount steps that were checked
 * @param generated tokens written, a text's mean
 * @param rectifications a text's mean
 * @param interval tokens from a rectification to the next, a mean; 0 where there was none
 * @param recentDrift the drift that a rectification ended, a text's mean, see {@link
 *     org.resa4j.attention.DriftTarget}
 * @param cacheRead share of the KV cache that a step reads, on average: blocks attended to,
 *     descriptors (1/b) and rectification, which reads all of it once; 1 is dense. In exact mode
 *     for a token of the text: all its drafts' steps, and verification, which reads all of it once
 * @param exact what is compared where exact mode is among the settings; empty elsewhere
 */
record SummaryRow(
    String family,
    Setting setting,
    int tasks,
    Interval answers,
    Interval score,
    Optional<Interval> steps,
    long stepCount,
    double generated,
    double rectifications,
    double interval,
    Optional<Interval> recentDrift,
    double cacheRead,
    Optional<ExactFigures> exact) {

  /**
   * @param outcomes at least one, all of one family and setting
   */
  static SummaryRow of(Setting setting, List<Outcome> outcomes) {
    long right = outcomes.stream().filter(outcome -> outcome.verdict().right()).count();
    // Texts of one task are alike, whatever their seeds: the bootstrap draws tasks.
    List<List<Steps>> steps =
        byTask(outcomes)
            .map(texts -> texts.stream().flatMap(each -> each.verdict().steps().stream()).toList())
            .filter(texts -> !texts.isEmpty())
            .toList();
    long[] stepsRight = sums(steps, Steps::countRight);
    long[] stepsAll = sums(steps, Steps::count);
    Rectification rectification =
        outcomes.stream()
            .map(Outcome::rectification)
            .reduce(Rectification.NONE, Rectification::plus);
    double[] drifts =
        outcomes.stream()
            .flatMapToDouble(outcome -> outcome.rectification().recentDrift().stream())
            .toArray();
    return new SummaryRow(
        outcomes.getFirst().family(),
        setting,
        outcomes.size(),
        Interval.wilson(right, outcomes.size()),
        score(outcomes),
        steps.isEmpty()
            ? Optional.empty()
            : Optional.of(Interval.bootstrapShare(stepsRight, stepsAll)),
        LongStream.of(stepsAll).sum(),
        outcomes.stream().mapToInt(Outcome::generated).average().orElseThrow(),
        (double) rectification.count() / outcomes.size(),
        rectification.meanInterval(),
        drifts.length == 0 ? Optional.empty() : Optional.of(Interval.bootstrapMean(drifts)),
        cacheRead(setting.config(), outcomes),
        Optional.empty());
  }

  /**
   * The same, compared with dense decoding.
   *
   * @param dense dense decoding's outcomes
   * @param outcomes those of the row
   */
  SummaryRow beside(List<Outcome> dense, List<Outcome> outcomes) {
    return with(ExactFigures.of(dense, outcomes));
  }

  /** The same with a token's time, of a row that is {@link #beside}. */
  SummaryRow withTime(OptionalDouble time) {
    return with(exact.orElseThrow().withTime(time));
  }

  private SummaryRow with(ExactFigures figures) {
    return new SummaryRow(
        family,
        setting,
        tasks,
        answers,
        score,
        steps,
        stepCount,
        generated,
        rectifications,
        interval,
        recentDrift,
        cacheRead,
        Optional.of(figures));
  }

  private static Stream<List<Outcome>> byTask(List<Outcome> outcomes) {
    return outcomes.stream()
        .collect(Collectors.groupingBy(Outcome::task, LinkedHashMap::new, Collectors.toList()))
        .values()
        .stream();
  }

  private static long[] sums(List<List<Steps>> texts, ToLongFunction<Steps> count) {
    return texts.stream().mapToLong(each -> each.stream().mapToLong(count).sum()).toArray();
  }

  /** Scores of 0 and 1 are answers, right or wrong, and have their interval. */
  private static Interval score(List<Outcome> outcomes) {
    double[] scores = outcomes.stream().mapToDouble(each -> each.verdict().score()).toArray();
    return DoubleStream.of(scores).allMatch(score -> score == 0 || score == 1)
        ? Interval.wilson((long) DoubleStream.of(scores).sum(), scores.length)
        : Interval.bootstrapMean(
            byTask(outcomes)
                .mapToDouble(
                    texts ->
                        texts.stream()
                            .mapToDouble(each -> each.verdict().score())
                            .average()
                            .orElseThrow())
                .toArray());
  }

  private static double cacheRead(ResaConfig config, List<Outcome> outcomes) {
    double kept = outcomes.stream().mapToLong(Outcome::blocksKept).sum();
    double seen = outcomes.stream().mapToLong(Outcome::blocksSeen).sum();
    // The first token of a text comes of the prompt's encoding, not of a step.
    double tokens = outcomes.stream().mapToLong(outcome -> outcome.generated() - 1L).sum();
    if (config.exact().isPresent()) {
      double steps = outcomes.stream().mapToLong(Outcome::steps).sum();
      double verifications =
          outcomes.stream().mapToLong(outcome -> outcome.verifications().count()).sum();
      double ofStep = kept == seen ? 1 : kept / seen + 1.0 / config.blockSize();
      return (steps * ofStep + verifications) / tokens;
    }
    double rectifications =
        outcomes.stream().mapToLong(outcome -> outcome.rectification().count()).sum();
    return kept == seen ? 1 : kept / seen + 1.0 / config.blockSize() + rectifications / tokens;
  }

  /** The columns of the CSV and JSON files. */
  Map<String, Object> columns() {
    Map<String, Object> columns = new LinkedHashMap<>();
    columns.put("family", family);
    columns.put("setting", setting.kind());
    columns.put("block_size", setting.config().blockSize());
    columns.put("keep_ratio", setting.config().keepRatio());
    columns.put("min_blocks", setting.config().minBlocks());
    columns.put("local_blocks", setting.config().localBlocks());
    columns.put("rectify_every", setting.config().rectification());
    columns.put("tasks", tasks);
    interval(columns, "answers", Optional.of(answers));
    interval(columns, "score", Optional.of(score));
    interval(columns, "steps", steps);
    columns.put("step_count", stepCount);
    columns.put("generated", generated);
    columns.put("rectifications", rectifications);
    columns.put("mean_interval", interval);
    interval(columns, "recent_drift", recentDrift);
    columns.put("cache_read", cacheRead);
    exact.ifPresent(figures -> figures.addTo(columns, setting));
    return columns;
  }

  static void interval(Map<String, Object> columns, String name, Optional<Interval> interval) {
    columns.put(name, interval.map(Interval::estimate).orElse(null));
    columns.put(name + "_lower", interval.map(Interval::lower).orElse(null));
    columns.put(name + "_upper", interval.map(Interval::upper).orElse(null));
  }

  /**
   * @throws IllegalArgumentException for a column that is missing or has no such value
   */
  static SummaryRow read(JsonNode json) {
    return new SummaryRow(
        need(json, "family").asString(),
        Identity.setting(settingOf(json)),
        need(json, "tasks").asInt(),
        interval(json, "answers"),
        interval(json, "score"),
        json.hasNonNull("steps") ? Optional.of(interval(json, "steps")) : Optional.empty(),
        need(json, "step_count").asLong(),
        need(json, "generated").asDouble(),
        need(json, "rectifications").asDouble(),
        need(json, "mean_interval").asDouble(),
        json.hasNonNull("recent_drift")
            ? Optional.of(interval(json, "recent_drift"))
            : Optional.empty(),
        need(json, "cache_read").asDouble(),
        ExactFigures.read(json));
  }

  private static JsonNode settingOf(JsonNode json) {
    List.of("block_size", "keep_ratio", "min_blocks", "local_blocks", "rectify_every")
        .forEach(name -> need(json, name));
    return json;
  }

  static Interval interval(JsonNode json, String name) {
    return new Interval(
        need(json, name).asDouble(),
        need(json, name + "_lower").asDouble(),
        need(json, name + "_upper").asDouble());
  }

  private static JsonNode need(JsonNode json, String name) {
    if (!json.hasNonNull(name)) {
      throw new IllegalArgumentException("no \"%s\"".formatted(name));
    }
    return json.get(name);
  }
}
