package org.resa4j;

import static java.util.Map.entry;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import org.resa4j.attention.DraftLength;
import org.resa4j.attention.ResaConfig;
import org.resa4j.error.InputException;
import org.resa4j.format.Gguf;
import org.resa4j.format.GgufFile;
import org.resa4j.format.GgufMetadata;
import org.resa4j.format.JsonObject;
import org.resa4j.generate.Sampling;
import tools.jackson.databind.JsonNode;

/**
 * What a model directory says about writing with its model: attention settings in {@code
 * resa.json}, sampling in {@code generation_config.json}. What neither names has this program's
 * default: {@link ResaConfig#DEFAULT}, and the likeliest token.
 *
 * @param attention attention settings
 * @param sampling how tokens are chosen; greedy unless {@code do_sample} is true
 * @param settings each setting with where it came from
 */
public record ModelDefaults(ResaConfig attention, Sampling sampling, List<SettingOrigin> settings) {
  private static final String RESA = "resa.json";
  private static final String GENERATION = "generation_config.json";
  private static final Set<String> RESA_KEYS =
      Set.of(
          "block_size",
          "keep_ratio",
          "min_blocks",
          "local_blocks",
          "rectify_every",
          "rectify_keep",
          "sparse_from",
          "exact",
          "draft");

  /** What would change a text and is not done here, with the value that changes nothing. */
  private static final Map<String, Double> UNSUPPORTED =
      Map.ofEntries(
          entry("num_beams", 1.0),
          entry("num_beam_groups", 1.0),
          entry("no_repeat_ngram_size", 0.0),
          entry("encoder_no_repeat_ngram_size", 0.0),
          entry("encoder_repetition_penalty", 1.0),
          entry("typical_p", 1.0),
          entry("epsilon_cutoff", 0.0),
          entry("eta_cutoff", 0.0),
          entry("min_new_tokens", 0.0),
          entry("min_length", 0.0),
          entry("penalty_alpha", 0.0),
          entry("guidance_scale", 1.0));

  /** The same for what changes nothing but where it is null or missing. */
  private static final Set<String> UNSUPPORTED_LISTS =
      Set.of(
          "bad_words_ids",
          "force_words_ids",
          "sequence_bias",
          "suppress_tokens",
          "begin_suppress_tokens",
          "forced_bos_token_id",
          "forced_eos_token_id",
          "forced_decoder_ids",
          "exponential_decay_length_penalty",
          "watermarking_config");

  public ModelDefaults {
    settings = List.copyOf(settings);
  }

  /** This program's defaults, for a model that comes without files. */
  public static final ModelDefaults NONE =
      new ModelDefaults(ResaConfig.DEFAULT, Sampling.GREEDY, List.of());

  /** Whether the model's files name a setting. */
  public boolean isGiven(String name) {
    return settings.stream()
        .anyMatch(each -> each.name().equals(name) && !each.origin().equals(SettingOrigin.DEFAULT));
  }

  /** The same with more settings that came from somewhere. */
  ModelDefaults with(List<SettingOrigin> more) {
    List<SettingOrigin> all = new ArrayList<>(settings);
    all.addAll(more);
    return new ModelDefaults(attention, sampling, all);
  }

  /**
   * Reads those of a model's directory or GGUF file.
   *
   * @throws InputException if a file cannot be read, or a value in it is not what it should be
   */
  public static ModelDefaults read(Path directory) {
    return Gguf.isFile(directory)
        ? of(GgufFile.open(directory).metadata())
        : read(
            directory.toString(),
            JsonObject.readIfThere(directory.resolve(RESA)),
            GENERATION,
            JsonObject.readIfThere(directory.resolve(GENERATION)));
  }

  /**
   * Those of a GGUF file: the same files' texts, under the keys {@code resa.json} and {@code
   * generation_config.json}; without the latter, what it has under {@code general.sampling}.
   *
   * @throws InputException as above
   */
  static ModelDefaults of(GgufMetadata metadata) {
    String file = metadata.file().toString();
    Optional<JsonObject> generation = part(metadata, GENERATION);
    return generation.isPresent()
        ? read(file, part(metadata, RESA), GENERATION, generation)
        : read(file, part(metadata, RESA), GgufSampling.NAME, GgufSampling.of(metadata));
  }

  private static Optional<JsonObject> part(GgufMetadata metadata, String name) {
    return metadata.text(name).map(text -> JsonObject.parse(metadata.file(), name, text));
  }

  private static ModelDefaults read(
      String where,
      Optional<JsonObject> resa,
      String generationName,
      Optional<JsonObject> generation) {
    List<SettingOrigin> settings = new ArrayList<>();
    ResaConfig attention = attention(new Reader(where, RESA, resa, settings));
    Sampling sampling = sampling(new Reader(where, generationName, generation, settings));
    return new ModelDefaults(attention, sampling, settings);
  }

  private static ResaConfig attention(Reader reader) {
    reader.refuseUnknown(RESA_KEYS);
    ResaConfig base = ResaConfig.DEFAULT;
    return reader.made(
        () -> {
          ResaConfig config =
              new ResaConfig(
                      reader.integer("block_size", base.blockSize()),
                      reader.number("keep_ratio", base.keepRatio()),
                      reader.integer("min_blocks", base.minBlocks()),
                      reader.integer("local_blocks", base.localBlocks()),
                      base.rectifyEvery())
                  .withRectification(reader.text("rectify_every", base.rectification()))
                  .withRectifyKeep(reader.number("rectify_keep", base.rectifyKeep()))
                  .withSparseFrom(reader.integer("sparse_from", base.sparseFrom()));
          boolean exact = reader.bool("exact", false);
          if (exact && reader.has("rectify_every")) {
            throw new IllegalArgumentException(
                "exact leaves nothing to rectify; drop rectify_every");
          }
          if (exact && reader.has("rectify_keep")) {
            throw new IllegalArgumentException("exact verifies densely; drop rectify_keep");
          }
          if (!exact && reader.has("draft")) {
            throw new IllegalArgumentException("draft is exact mode's; add \"exact\": true");
          }
          DraftLength draft = DraftLength.parse(reader.text("draft", DraftLength.AUTO.toString()));
          return exact ? config.withExact(draft) : config;
        });
  }

  private static Sampling sampling(Reader reader) {
    reader.refuseOthers(UNSUPPORTED);
    boolean sampled = reader.bool("do_sample", false);
    double penalty = reader.number("repetition_penalty", 1);
    // Without do_sample the rest has no effect, as in the library that writes these files.
    return reader.made(
        () ->
            sampled
                ? new Sampling(
                    reader.number("temperature", 1),
                    reader.integer("top_k", 0),
                    reader.number("top_p", 1),
                    reader.number("min_p", 0),
                    penalty,
                    0)
                : Sampling.GREEDY.withRepetitionPenalty(penalty));
  }

  /** One file's values, each noted with its origin. */
  private static final class Reader {
    private final String where;
    private final String name;
    private final Optional<JsonObject> values;
    private final List<SettingOrigin> settings;

    Reader(String where, String name, Optional<JsonObject> values, List<SettingOrigin> settings) {
      this.where = values.map(JsonObject::where).orElse(where);
      this.name = name;
      this.values = values;
      this.settings = settings;
    }

    void refuseUnknown(Set<String> known) {
      Set<String> names = values.map(JsonObject::keys).orElse(Set.of());
      for (String name : new TreeSet<>(names)) {
        if (!known.contains(name)) {
          throw new InputException(
              "%s: there is no setting %s; there are %s"
                  .formatted(where, name, known.stream().sorted().toList()));
        }
      }
    }

    /** A key whose value would change the text in a way that is not known here. */
    void refuseOthers(Map<String, Double> neutral) {
      for (String name : values.map(JsonObject::keys).orElse(Set.of())) {
        JsonNode node = values.get().node().get(name);
        boolean number = neutral.containsKey(name) && !node.isNull();
        if (number && !(node.isNumber() && node.asDouble() == neutral.get(name))) {
          throw values
              .get()
              .wrong(
                  name,
                  "%d, or missing: it is not supported".formatted(neutral.get(name).intValue()));
        }
        if (UNSUPPORTED_LISTS.contains(name) && !node.isNull() && !isEmpty(node)) {
          throw values.get().wrong(name, "null, or missing: it is not supported");
        }
      }
    }

    private static boolean isEmpty(JsonNode node) {
      return node.isContainer() && node.isEmpty();
    }

    boolean has(String name) {
      return values.map(all -> all.node().hasNonNull(name)).orElse(false);
    }

    int integer(String name, int otherwise) {
      return value(
          name,
          otherwise,
          "a whole number",
          node -> node.isIntegralNumber() && node.canConvertToInt() ? node.asInt() : null);
    }

    double number(String name, double otherwise) {
      return value(
          name,
          otherwise,
          "a number",
          node -> node.isNumber() && Double.isFinite(node.asDouble()) ? node.asDouble() : null);
    }

    boolean bool(String name, boolean otherwise) {
      return value(
          name, otherwise, "true or false", node -> node.isBoolean() ? node.asBoolean() : null);
    }

    String text(String name, String otherwise) {
      return value(
          name,
          otherwise,
          "text or a whole number",
          node -> node.isString() || node.isIntegralNumber() ? node.asString() : null);
    }

    private <T> T value(String name, T otherwise, String kind, Function<JsonNode, T> read) {
      JsonNode node = values.map(all -> all.node().get(name)).orElse(null);
      if (node == null || node.isNull()) {
        settings.add(new SettingOrigin(name, otherwise.toString(), SettingOrigin.DEFAULT));
        return otherwise;
      }
      T value = read.apply(node);
      if (value == null) {
        throw values.get().wrong(name, kind);
      }
      settings.add(new SettingOrigin(name, value.toString(), this.name));
      return value;
    }

    <T> T made(Supplier<T> maker) {
      try {
        return maker.get();
      } catch (IllegalArgumentException e) {
        throw new InputException(where + ": " + e.getMessage(), e);
      }
    }
  }
}
