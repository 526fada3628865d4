package org.resa4j.bench.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;
import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.DraftLength;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.KvType;
import tools.jackson.databind.JsonNode;

/**
 * A row as flat columns, those of the CSV and JSON files; absent values are null. Columns that
 * others follow from are read back; {@code gb_s}, {@code copy_share}, {@code host_share}, {@code
 * tokens_s}, {@code noisy}, {@code speed_up} and {@code speed_up_best} are written only, the last
 * two not of noisy rows.
 */
final class Columns {
  private static final Map<String, Function<Provenance, String>> PROVENANCE = provenance();

  private Columns() {}

  private static Map<String, Function<Provenance, String>> provenance() {
    Map<String, Function<Provenance, String>> columns = new LinkedHashMap<>();
    columns.put("time", Provenance::time);
    columns.put("run", Provenance::run);
    columns.put("version", Provenance::version);
    columns.put("commit", Provenance::commit);
    columns.put("processor", Provenance::processor);
    columns.put("system", Provenance::system);
    columns.put("driver", Provenance::driver);
    columns.put("flags", Provenance::flags);
    return columns;
  }

  /** Rows of others, and of earlier versions, have none. */
  private static Optional<Provenance> provenance(JsonNode json) {
    return json.hasNonNull("time")
        ? Optional.of(
            new Provenance(
                text(json, "time"),
                text(json, "run"),
                text(json, "version"),
                text(json, "commit"),
                text(json, "processor"),
                text(json, "system"),
                text(json, "driver"),
                text(json, "flags")))
        : Optional.empty();
  }

  /**
   * @param rows those to compare with
   */
  static Map<String, Object> of(Row row, List<Row> rows) {
    Map<String, Object> columns = new LinkedHashMap<>();
    columns.put("benchmark", row.benchmark());
    columns.put("engine", row.target().engine());
    columns.put("device", row.target().device());
    columns.put("device_name", row.target().deviceName());
    columns.put("backend", row.target().backend());
    columns.put("kv_type", row.target().kvType().name().toLowerCase(Locale.ROOT));
    Workload work = row.work();
    columns.put("shape", work.name());
    columns.put("heads", work.shape().heads());
    columns.put("kv_heads", work.shape().kvHeads());
    columns.put("head_dim", work.shape().headDim());
    columns.put("batch", work.batch());
    columns.put("context", work.context());
    columns.put("keep_ratio", work.config().keepRatio());
    columns.put("block_size", work.config().blockSize());
    columns.put("min_blocks", work.config().minBlocks());
    columns.put("local_blocks", work.config().localBlocks());
    columns.put("rectify_every", work.config().rectifyEvery());
    columns.put(
        "rectify_keep",
        work.config().rectifySelection().isPresent() ? work.config().rectifyKeep() : null);
    columns.put("draft", work.config().exact().map(DraftLength::tokens).orElse(null));
    columns.put("sparse_from", work.config().sparseFrom());
    columns.put("acceptance", boxed(work.acceptance()));
    columns.put("stage", row.stage());
    spread(columns, "wall", row.wall());
    spread(columns, "device", row.device());
    columns.put("bytes", row.bytes().isPresent() ? row.bytes().getAsLong() : null);
    columns.put("gb_s", boxed(row.gigabytesPerSecond()));
    columns.put(
        "copy_gb_s",
        row.copyBandwidth().isPresent() ? row.copyBandwidth().getAsDouble() / 1e9 : null);
    columns.put("copy_share", boxed(row.copyShare()));
    columns.put("host_share", boxed(row.hostShare()));
    columns.put("tokens", row.tokens().isPresent() ? row.tokens().getAsLong() : null);
    columns.put("tokens_s", boxed(row.tokensPerSecond()));
    columns.put("noisy", row.isNoisy());
    columns.put("speed_up", ratio(SpeedUp.overOwnDense(row, rows)));
    columns.put("speed_up_best", ratio(SpeedUp.overBestDense(row, rows)));
    columns.put("error", row.error());
    Optional<Provenance> from = row.provenance();
    PROVENANCE.forEach((name, of) -> columns.put(name, from.map(of).orElse(null)));
    return columns;
  }

  private static Double ratio(Optional<SpeedUp> speedUp) {
    return speedUp
        .filter(each -> !each.isNoisy())
        .map(each -> each.ratio().estimate())
        .orElse(null);
  }

  private static void spread(Map<String, Object> columns, String name, Optional<Spread> time) {
    columns.put(name + "_ms", time.map(Spread::median).orElse(null));
    columns.put(name + "_q1_ms", time.map(Spread::lower).orElse(null));
    columns.put(name + "_q3_ms", time.map(Spread::upper).orElse(null));
  }

  private static Double boxed(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  /**
   * @throws IllegalArgumentException for a column that is missing or has no such value
   */
  static Row read(JsonNode json) {
    Target target =
        new Target(
            text(json, "engine"),
            text(json, "device"),
            text(json, "device_name"),
            text(json, "backend"),
            KvType.valueOf(text(json, "kv_type").toUpperCase(Locale.ROOT)));
    Workload work =
        new Workload(
            text(json, "shape"),
            new AttentionShape(
                integer(json, "heads"), integer(json, "kv_heads"), integer(json, "head_dim")),
            integer(json, "batch"),
            integer(json, "context"),
            config(json),
            json.hasNonNull("acceptance")
                ? OptionalDouble.of(number(json, "acceptance"))
                : OptionalDouble.empty());
    return new Row(
        text(json, "benchmark"),
        target,
        work,
        text(json, "stage"),
        spread(json, "wall"),
        spread(json, "device"),
        whole(json, "bytes"),
        whole(json, "tokens"),
        json.hasNonNull("copy_gb_s")
            ? OptionalDouble.of(number(json, "copy_gb_s") * 1e9)
            : OptionalDouble.empty(),
        number(json, "error"),
        provenance(json));
  }

  private static ResaConfig config(JsonNode json) {
    ResaConfig config =
        new ResaConfig(
            integer(json, "block_size"),
            number(json, "keep_ratio"),
            integer(json, "min_blocks"),
            integer(json, "local_blocks"),
            integer(json, "rectify_every"));
    if (json.hasNonNull("sparse_from")) {
      config = config.withSparseFrom(integer(json, "sparse_from"));
    }
    if (json.hasNonNull("rectify_keep")) {
      config = config.withRectifyKeep(number(json, "rectify_keep"));
    }
    return json.hasNonNull("draft")
        ? config.withExact(DraftLength.of(integer(json, "draft")))
        : config;
  }

  private static Optional<Spread> spread(JsonNode json, String name) {
    return json.hasNonNull(name + "_ms")
        ? Optional.of(
            new Spread(
                number(json, name + "_ms"),
                number(json, name + "_q1_ms"),
                number(json, name + "_q3_ms")))
        : Optional.empty();
  }

  private static OptionalLong whole(JsonNode json, String name) {
    return json.hasNonNull(name)
        ? OptionalLong.of((long) number(json, name))
        : OptionalLong.empty();
  }

  private static String text(JsonNode json, String name) {
    JsonNode value = json.path(name);
    if (!value.isString()) {
      throw new IllegalArgumentException("column %s is no text: %s".formatted(name, value));
    }
    return value.stringValue();
  }

  private static int integer(JsonNode json, String name) {
    JsonNode value = json.path(name);
    if (!value.canConvertToInt()) {
      throw new IllegalArgumentException("column %s is no integer: %s".formatted(name, value));
    }
    return value.intValue();
  }

  private static double number(JsonNode json, String name) {
    JsonNode value = json.path(name);
    if (!value.isNumber()) {
      throw new IllegalArgumentException("column %s is no number: %s".formatted(name, value));
    }
    return value.doubleValue();
  }
}
