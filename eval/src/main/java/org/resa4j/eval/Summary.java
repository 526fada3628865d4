package org.resa4j.eval;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.resa4j.attention.DraftLength;
import org.resa4j.error.InputException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An evaluation in figures.
 *
 * @param facts of the run, or of all runs, by name
 * @param rows by family, and within it dense, sparse, ReSA, exact
 * @param outcomes what the rows are made of; none where they were read from a file
 */
record Summary(Map<String, String> facts, List<SummaryRow> rows, List<Outcome> outcomes) {
  private static final Comparator<Setting> ORDER =
      Comparator.comparing((Setting setting) -> !setting.isDense())
          .thenComparing(setting -> setting.config().blockSize())
          .thenComparing(setting -> setting.config().minBlocks())
          .thenComparing(setting -> setting.config().localBlocks())
          .thenComparing(setting -> -setting.config().keepRatio())
          .thenComparing(Setting::isExact)
          .thenComparing(setting -> setting.config().exact().map(DraftLength::toString).orElse(""))
          .thenComparing(setting -> setting.config().driftTarget().isPresent())
          .thenComparing(setting -> setting.config().rectifyEvery())
          .thenComparing(setting -> setting.config().rectification());

  Summary {
    facts = Map.copyOf(facts);
    rows = List.copyOf(rows);
    outcomes = List.copyOf(outcomes);
  }

  /**
   * Puts runs together.
   *
   * @throws InputException if they are not of one model, or one task was run twice under a setting
   */
  static Summary of(List<ResultFile.Content> runs) {
    Map<String, Setting> settings = new LinkedHashMap<>();
    List<Outcome> outcomes = new ArrayList<>();
    Set<Outcome.Key> keys = new HashSet<>();
    for (ResultFile.Content run : runs) {
      run.identity().settings().forEach(setting -> settings.put(setting.name(), setting));
      for (Outcome outcome : run.outcomes()) {
        if (!keys.add(outcome.key())) {
          throw new InputException(outcome.key() + " was run twice: report those runs one by one");
        }
        outcomes.add(outcome);
      }
    }
    // In an order of their own, not that in which they ended: the bootstrap's draws depend on it.
    outcomes.sort(
        Comparator.comparing(Outcome::task)
            .thenComparing(Outcome::setting)
            .thenComparing(outcome -> outcome.seed().orElse(0)));
    Map<String, Map<String, List<Outcome>>> grouped =
        outcomes.stream()
            .collect(
                Collectors.groupingBy(
                    Outcome::family, TreeMap::new, Collectors.groupingBy(Outcome::setting)));
    List<Setting> ordered = settings.values().stream().sorted(ORDER).toList();
    boolean exact = ordered.stream().anyMatch(Setting::isExact);
    Map<List<String>, Double> paces = paces(runs);
    List<SummaryRow> rows = new ArrayList<>();
    grouped.forEach(
        (family, bySetting) -> {
          List<Outcome> dense = bySetting.getOrDefault(Setting.DENSE, List.of());
          for (Setting setting : ordered) {
            if (bySetting.containsKey(setting.name())) {
              SummaryRow row = SummaryRow.of(setting, bySetting.get(setting.name()));
              rows.add(
                  exact
                      ? row.beside(dense, bySetting.get(setting.name()))
                          .withTime(time(paces, family, setting))
                      : row);
            }
          }
        });
    return new Summary(
        facts(runs.stream().map(ResultFile.Content::identity).toList()), rows, outcomes);
  }

  /** Seconds for a token, by family and setting. */
  private static Map<List<String>, Double> paces(List<ResultFile.Content> runs) {
    Map<List<String>, Double> seconds = new HashMap<>();
    Map<List<String>, Double> tokens = new HashMap<>();
    for (ResultFile.Content run : runs) {
      for (Timing timing : run.timings()) {
        List<String> key = List.of(timing.family(), timing.setting());
        seconds.merge(key, timing.seconds(), Double::sum);
        tokens.merge(key, (double) timing.tokens(), Double::sum);
      }
    }
    seconds.replaceAll((key, sum) -> sum / tokens.get(key));
    return seconds;
  }

  private static OptionalDouble time(
      Map<List<String>, Double> paces, String family, Setting setting) {
    Double own = paces.get(List.of(family, setting.name()));
    Double dense = paces.get(List.of(family, Setting.DENSE));
    return own == null || dense == null || !(dense > 0)
        ? OptionalDouble.empty()
        : OptionalDouble.of(own / dense);
  }

  private static Map<String, String> facts(List<Identity> runs) {
    Map<String, String> facts = new LinkedHashMap<>();
    for (String name : new TreeSet<>(runs.getFirst().facts().keySet())) {
      List<String> values =
          runs.stream().map(run -> String.valueOf(run.facts().get(name))).distinct().toList();
      if (name.equals("model_sha256") && values.size() > 1) {
        throw new InputException("the runs are of different models: report them one by one");
      }
      facts.put(name, String.join(", ", values));
    }
    return facts;
  }

  /** All settings that there are rows of, in their order. */
  List<Setting> settings() {
    return rows.stream().map(SummaryRow::setting).distinct().sorted(ORDER).toList();
  }

  /** Whether exact mode is among the settings. */
  boolean hasExact() {
    return rows.stream().anyMatch(row -> row.setting().isExact());
  }

  List<String> families() {
    return rows.stream().map(SummaryRow::family).distinct().toList();
  }

  /**
   * A setting's name in tables and legends: with its blocks where the settings at hand differ in
   * them.
   */
  String label(Setting setting) {
    long blocks =
        settings().stream()
            .map(Setting::config)
            .filter(config -> !config.isDense())
            .map(config -> List.of(config.blockSize(), config.minBlocks(), config.localBlocks()))
            .distinct()
            .count();
    return blocks > 1 ? setting.name() : setting.shortName();
  }

  /**
   * Reads the rows of an earlier run from its {@code results.json}.
   *
   * @param folder where it is
   * @throws InputException if it cannot be read or a row lacks something
   */
  static Summary read(Path folder) {
    Path file = folder.resolve(EvalReport.JSON);
    List<SummaryRow> rows = new ArrayList<>();
    try {
      for (JsonNode json : JsonMapper.shared().readTree(Files.readString(file))) {
        rows.add(SummaryRow.read(json));
      }
    } catch (IOException e) {
      throw new InputException(
          file + (Files.exists(file) ? ": cannot be read: " + e.getMessage() : ": no such file"),
          e);
    } catch (JacksonException e) {
      throw new InputException(file + ": not JSON: " + e.getOriginalMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new InputException(
          "%s, row %d: %s".formatted(file, rows.size() + 1, e.getMessage()), e);
    }
    return new Summary(Map.of(), rows, List.of());
  }
}
