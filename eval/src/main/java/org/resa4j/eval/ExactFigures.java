package org.resa4j.eval;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToLongFunction;
import org.resa4j.eval.exact.DenseCheck;
import org.resa4j.eval.exact.Equality;
import org.resa4j.eval.exact.Parting;
import org.resa4j.generate.Verifications;
import org.resa4j.report.Interval;
import tools.jackson.databind.JsonNode;

/**
 * What a row says beside one of exact mode.
 *
 * @param acceptance share of the drafted tokens that were accepted; empty for what drafts none
 * @param tokensEach tokens that a verification yields; empty where there is none
 * @param equality texts that are dense decoding's
 * @param time what a decoded token takes, dense decoding's being 1; empty where it was not taken
 */
record ExactFigures(
    Optional<Interval> acceptance,
    Optional<Interval> tokensEach,
    Equality equality,
    OptionalDouble time) {

  /**
   * @param dense dense decoding's outcomes, of the same tasks and others
   * @param outcomes the row's
   */
  static ExactFigures of(List<Outcome> dense, List<Outcome> outcomes) {
    long[] drafted = of(outcomes, Verifications::drafted);
    long[] verified = of(outcomes, Verifications::count);
    return new ExactFigures(
        any(drafted)
            ? Optional.of(Interval.bootstrapShare(of(outcomes, Verifications::accepted), drafted))
            : Optional.empty(),
        any(verified)
            ? Optional.of(
                Interval.bootstrapRatio(
                    doubles(of(outcomes, Verifications::yielded)), doubles(verified)))
            : Optional.empty(),
        equality(dense, outcomes),
        OptionalDouble.empty());
  }

  private static long[] of(List<Outcome> outcomes, ToLongFunction<Verifications> count) {
    return outcomes.stream().map(Outcome::verifications).mapToLong(count).toArray();
  }

  private static boolean any(long[] counts) {
    return Arrays.stream(counts).anyMatch(count -> count > 0);
  }

  private static double[] doubles(long[] counts) {
    return Arrays.stream(counts).asDoubleStream().toArray();
  }

  private static Equality equality(List<Outcome> dense, List<Outcome> outcomes) {
    Map<Outcome.Key, List<Integer>> denseTexts = new HashMap<>();
    dense.forEach(outcome -> denseTexts.put(outcome.key(), outcome.tokens()));
    List<Outcome> compared =
        outcomes.stream()
            .filter(outcome -> !outcome.tokens().isEmpty())
            .filter(outcome -> !denseTexts.getOrDefault(outcome.key().dense(), List.of()).isEmpty())
            .toList();
    long equal =
        compared.stream()
            .filter(
                outcome ->
                    DenseCheck.firstDifference(
                            denseTexts.get(outcome.key().dense()), outcome.tokens())
                        .isEmpty())
            .count();
    List<Parting> partings = compared.stream().flatMap(each -> each.parting().stream()).toList();
    return new Equality(
        compared.size(),
        (int) equal,
        count(partings, Parting.Kind.TIE),
        count(partings, Parting.Kind.FAULT),
        partings.stream()
            .filter(parting -> parting.kind() == Parting.Kind.TIE)
            .flatMapToDouble(parting -> parting.margin().stream())
            .max());
  }

  private static int count(List<Parting> partings, Parting.Kind kind) {
    return (int) partings.stream().filter(parting -> parting.kind() == kind).count();
  }

  ExactFigures withTime(OptionalDouble taken) {
    return new ExactFigures(acceptance, tokensEach, equality, taken);
  }

  /** The columns of the CSV and JSON files. */
  void addTo(Map<String, Object> columns, Setting setting) {
    columns.put("draft", setting.config().exact().map(Object::toString).orElse(null));
    SummaryRow.interval(columns, "acceptance", acceptance);
    SummaryRow.interval(columns, "tokens_each", tokensEach);
    columns.put("compared", equality.compared());
    columns.put("as_dense", equality.equal());
    columns.put("ties", equality.ties());
    columns.put("faults", equality.faults());
    columns.put("widest_tie", boxed(equality.widestTie()));
    columns.put("time", boxed(time));
  }

  private static Double boxed(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  /** Reads them again; empty where the row has none. */
  static Optional<ExactFigures> read(JsonNode json) {
    if (!json.hasNonNull("compared")) {
      return Optional.empty();
    }
    return Optional.of(
        new ExactFigures(
            interval(json, "acceptance"),
            interval(json, "tokens_each"),
            new Equality(
                json.path("compared").asInt(),
                json.path("as_dense").asInt(),
                json.path("ties").asInt(),
                json.path("faults").asInt(),
                optional(json, "widest_tie")),
            optional(json, "time")));
  }

  private static Optional<Interval> interval(JsonNode json, String name) {
    return json.hasNonNull(name) ? Optional.of(SummaryRow.interval(json, name)) : Optional.empty();
  }

  private static OptionalDouble optional(JsonNode json, String name) {
    return json.hasNonNull(name)
        ? OptionalDouble.of(json.get(name).asDouble())
        : OptionalDouble.empty();
  }
}
