package org.resa4j.format;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.resa4j.attention.AttentionShape;
import org.resa4j.error.InputException;
import org.resa4j.model.ModelConfig;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the keys of an architecture, such as {@code qwen2.block_count}, say. A key of that kind that
 * is not known here is refused: it could make another model of it.
 */
final class GgufConfig {
  private static final int MOST = 1 << 28;
  private static final String SCALING = "rope.scaling.";

  /** What is read. */
  private static final Set<String> READ =
      Set.of(
          "block_count",
          "context_length",
          "embedding_length",
          "feed_forward_length",
          "attention.head_count",
          "attention.head_count_kv",
          "attention.key_length",
          "attention.value_length",
          "attention.layer_norm_rms_epsilon",
          "attention.sliding_window",
          "rope.dimension_count",
          "rope.freq_base",
          "rope.scale_linear",
          SCALING + "type",
          SCALING + "factor",
          SCALING + "attn_factor",
          SCALING + "original_context_length",
          SCALING + "yarn_beta_fast",
          SCALING + "yarn_beta_slow",
          "vocab_size");

  /** What changes nothing, or nothing where it has this value. */
  private static final Map<String, Object> NEUTRAL =
      Map.of(
          "tensor_data_layout",
          "Meta AI original pth",
          SCALING + "finetuned",
          "",
          "attention.causal",
          true,
          "use_parallel_residual",
          false,
          "expert_count",
          0,
          "expert_used_count",
          0);

  private final GgufMetadata metadata;
  private final GgufArchitecture architecture;
  private final int vocabulary;

  private GgufConfig(GgufMetadata metadata, GgufArchitecture architecture, int vocabulary) {
    this.metadata = metadata;
    this.architecture = architecture;
    this.vocabulary = vocabulary;
  }

  /**
   * Reads a file's.
   *
   * @param vocabulary rows of its embedding
   * @param tied whether the embedding is the head as well
   * @throws InputException if a key is missing, not what it must be, or unknown
   */
  static ModelConfig read(
      GgufMetadata metadata, GgufArchitecture architecture, int vocabulary, boolean tied) {
    return new GgufConfig(metadata, architecture, vocabulary).config(tied);
  }

  private ModelConfig config(boolean tied) {
    refuseUnknown();
    int said = optional("vocab_size", vocabulary);
    if (said != vocabulary) {
      throw metadata.wrong(key("vocab_size"), "the %d rows of token_embd".formatted(vocabulary));
    }
    int hidden = required("embedding_length");
    AttentionShape shape = shape(hidden);
    int positions = required("context_length");
    RopeConfig rope = rope(shape.headDim(), positions);
    double epsilon = number("attention.layer_norm_rms_epsilon");
    // 0 is none.
    int window = metadata.whole(key("attention.sliding_window"), 0, MOST).orElse(0);
    try {
      return new ModelConfig(
          architecture.model(),
          required("block_count"),
          hidden,
          shape,
          required("feed_forward_length"),
          vocabulary,
          (float) epsilon,
          rope.rope(),
          window == 0 ? rope.maxContext() : Math.min(rope.maxContext(), window),
          tied,
          false,
          Set.of());
    } catch (IllegalArgumentException e) {
      throw new InputException(metadata.file() + ": " + e.getMessage(), e);
    }
  }

  private void refuseUnknown() {
    String prefix = architecture.name() + ".";
    for (String key : new TreeSet<>(metadata.keys())) {
      String own = key.startsWith(prefix) ? key.substring(prefix.length()) : "";
      if (own.isEmpty() || READ.contains(own)) {
        continue;
      }
      Object neutral = NEUTRAL.get(own);
      boolean harmless =
          switch (neutral) {
            case Boolean value -> metadata.flag(key).orElseThrow().equals(value);
            case Integer value -> metadata.whole(key, 0, MOST).orElseThrow().equals(value);
            case null -> false;
            default -> true;
          };
      if (!harmless) {
        throw metadata.wrong(key, neutral == null ? "missing: it is not known here" : neutral + "");
      }
    }
  }

  private AttentionShape shape(int hidden) {
    int heads = required("attention.head_count");
    int kvHeads = optional("attention.head_count_kv", heads);
    if (!metadata.has(key("attention.key_length")) && hidden % heads != 0) {
      throw new InputException(
          "%s: %s %d does not divide into %d heads, and there is no %s"
              .formatted(
                  metadata.file(),
                  key("embedding_length"),
                  hidden,
                  heads,
                  key("attention.key_length")));
    }
    int width = optional("attention.key_length", hidden / heads);
    if (optional("attention.value_length", width) != width) {
      throw metadata.wrong(key("attention.value_length"), "%d, as keys have".formatted(width));
    }
    if (optional("rope.dimension_count", width) != width) {
      throw metadata.wrong(
          key("rope.dimension_count"), "%d: heads are turned whole".formatted(width));
    }
    try {
      return new AttentionShape(heads, kvHeads, width);
    } catch (IllegalArgumentException e) {
      throw new InputException(metadata.file() + ": " + e.getMessage(), e);
    }
  }

  /** The same scaling as {@code config.json} would say it. */
  private RopeConfig rope(int headDim, int positions) {
    ObjectNode config = JsonMapper.shared().createObjectNode();
    ObjectNode scaling = config.putObject("rope_scaling");
    put(config, "rope_theta", "rope.freq_base");
    String type = metadata.text(key(SCALING + "type")).orElse("none");
    boolean older = !metadata.has(key(SCALING + "type")) && metadata.has(key("rope.scale_linear"));
    switch (older ? "linear" : type) {
      case "none" -> config.remove("rope_scaling");
      case "linear" -> {
        scaling.put("rope_type", "linear");
        put(scaling, "factor", older ? "rope.scale_linear" : SCALING + "factor");
        putPositions(scaling);
      }
      case "yarn" -> {
        scaling.put("rope_type", "yarn");
        put(scaling, "factor", SCALING + "factor");
        put(scaling, "beta_fast", SCALING + "yarn_beta_fast");
        put(scaling, "beta_slow", SCALING + "yarn_beta_slow");
        putPositions(scaling);
        // Here it multiplies YaRN's own factor, there it stands for it.
        if (metadata.number(key(SCALING + "attn_factor")).orElse(1.0) != 1) {
          throw metadata.wrong(key(SCALING + "attn_factor"), "1, or missing");
        }
      }
      default -> throw metadata.wrong(key(SCALING + "type"), "none, linear or yarn");
    }
    return RopeConfig.read(new JsonObject(metadata.file().toString(), config), headDim, positions);
  }

  private void put(ObjectNode to, String name, String own) {
    metadata.number(key(own)).ifPresent(value -> to.put(name, value));
  }

  private void putPositions(ObjectNode scaling) {
    metadata
        .whole(key(SCALING + "original_context_length"), 1, MOST)
        .ifPresent(value -> scaling.put("original_max_position_embeddings", value));
  }

  private int required(String own) {
    return metadata
        .whole(key(own), 1, MOST)
        .orElseThrow(() -> metadata.wrong(key(own), "a whole number from 1"));
  }

  private int optional(String own, int otherwise) {
    return metadata.whole(key(own), 1, MOST).orElse(otherwise);
  }

  private double number(String own) {
    return metadata.number(key(own)).orElseThrow(() -> metadata.wrong(key(own), "a number"));
  }

  private String key(String own) {
    return architecture.name() + "." + own;
  }
}
