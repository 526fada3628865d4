package org.resa4j.eval;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.resa4j.attention.DraftLength;
import org.resa4j.attention.ResaConfig;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a run is: two runs of one identity may share a file of results. The first line of {@code
 * results.jsonl}.
 *
 * @param facts by name: model, tasks, device, sampling ... ; texts and numbers
 * @param settings all settings that are evaluated
 */
record Identity(Map<String, String> facts, List<Setting> settings) {
  Identity {
    facts = Map.copyOf(facts);
    settings = List.copyOf(settings);
  }

  Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("run", new TreeMap<>(facts));
    json.put(
        "settings",
        settings.stream()
            .map(
                setting -> {
                  ResaConfig config = setting.config();
                  Map<String, Object> columns = new LinkedHashMap<>();
                  columns.put("name", setting.name());
                  columns.put("block_size", config.blockSize());
                  columns.put("keep_ratio", config.keepRatio());
                  columns.put("min_blocks", config.minBlocks());
                  columns.put("local_blocks", config.localBlocks());
                  columns.put("rectify_every", config.rectification());
                  config
                      .rectifySelection()
                      .ifPresent(part -> columns.put("rectify_keep", config.rectifyKeep()));
                  config.exact().ifPresent(draft -> columns.put("draft", draft.toString()));
                  return columns;
                })
            .toList());
    return json;
  }

  /**
   * @throws IllegalArgumentException if it is none
   */
  static Identity read(JsonNode json) {
    JsonNode run = json.path("run");
    JsonNode settings = json.path("settings");
    if (!run.isObject() || !settings.isArray()) {
      throw new IllegalArgumentException("not the first line of an evaluation's results");
    }
    Map<String, String> facts =
        run.properties().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().asString()));
    return new Identity(facts, settings.valueStream().map(Identity::setting).toList());
  }

  /** A setting by its columns, which rows of results have too. */
  static Setting setting(JsonNode json) {
    ResaConfig config =
        new ResaConfig(
                json.path("block_size").asInt(),
                json.path("keep_ratio").asDouble(),
                json.path("min_blocks").asInt(),
                json.path("local_blocks").asInt(),
                0)
            .withRectification(json.path("rectify_every").asString())
            .withRectifyKeep(json.path("rectify_keep").asDouble(1));
    return new Setting(
        json.path("draft").asString("").isEmpty()
            ? config
            : config.withExact(DraftLength.parse(json.path("draft").asString())));
  }

  /** What sets another run apart, in words; empty where nothing does. */
  String differences(Identity other) {
    Map<String, String> mine = described();
    Map<String, String> theirs = other.described();
    TreeSet<String> names = new TreeSet<>(mine.keySet());
    names.addAll(theirs.keySet());
    return names.stream()
        .filter(name -> !String.valueOf(mine.get(name)).equals(theirs.get(name)))
        .map(name -> "%s was %s, is %s".formatted(name, mine.get(name), theirs.get(name)))
        .collect(Collectors.joining("; "));
  }

  private Map<String, String> described() {
    Map<String, String> all = new LinkedHashMap<>(facts);
    // Its number tells it from others of its kind, which write the same.
    all.computeIfPresent("device", (name, id) -> id.replaceFirst(":\\d+$", ""));
    all.put("settings", settings.stream().map(Setting::name).collect(Collectors.joining(" + ")));
    return all;
  }

  /** One line of JSON. */
  @Override
  public String toString() {
    return JsonMapper.shared().writeValueAsString(toJson());
  }
}
