package org.resa4j.format;

import org.resa4j.attention.AttentionShape;
import org.resa4j.error.InputException;
import org.resa4j.model.ModelConfig;
import org.resa4j.model.Rope;
import org.resa4j.model.Tensor;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Writes the keys of an architecture, which {@link GgufConfig} reads. */
final class GgufConfigWriter {
  /** Relative; keys are in fp32. */
  private static final double ROUNDED = 1e-6;

  private final GgufWriter gguf;
  private final GgufArchitecture architecture;
  private final HuggingFaceConfig config;
  private final ModelConfig model;

  GgufConfigWriter(GgufWriter gguf, GgufArchitecture architecture, HuggingFaceConfig config) {
    this.gguf = gguf;
    this.architecture = architecture;
    this.config = config;
    this.model = config.model();
  }

  /**
   * Writes all keys, and the tensor that Llama 3's position scaling is.
   *
   * @throws InputException for position scaling that there are no keys for
   */
  void write() {
    AttentionShape attention = model.attention();
    put("block_count", model.layers());
    put("context_length", config.positions());
    put("embedding_length", model.hidden());
    put("feed_forward_length", model.intermediate());
    put("attention.head_count", attention.heads());
    put("attention.head_count_kv", attention.kvHeads());
    put("attention.key_length", attention.headDim());
    put("attention.value_length", attention.headDim());
    put("attention.layer_norm_rms_epsilon", model.rmsEpsilon());
    put("vocab_size", model.vocabulary());
    if (model.maxContext() < config.rope().maxContext()) {
      put("attention.sliding_window", model.maxContext());
    }
    put("rope.dimension_count", attention.headDim());
    put("rope.freq_base", (float) config.rope().theta());
    writeScaling(config.rope().scaling());
  }

  private void writeScaling(RopeConfig.Scaling scaling) {
    switch (scaling.type()) {
      case "default" -> {}
      case "linear" -> writeKeys(scaling);
      case "yarn" -> {
        writeKeys(scaling);
        put("rope.scaling.yarn_beta_fast", (float) scaling.betaFast());
        put("rope.scaling.yarn_beta_slow", (float) scaling.betaSlow());
        checkNothingElse(scaling);
      }
      case "llama3" -> gguf.add(Gguf.FREQUENCY_FACTORS, frequencyFactors());
      default ->
          throw new InputException(
              "GGUF files have no keys for position scaling of type " + scaling.type());
    }
  }

  private void writeKeys(RopeConfig.Scaling scaling) {
    gguf.put(key("rope.scaling.type"), scaling.type());
    put("rope.scaling.factor", (float) scaling.factor());
    put("rope.scaling.original_context_length", scaling.positions());
  }

  /** YaRN with a factor of attention of its own, or without rounding, has no keys. */
  private void checkNothingElse(RopeConfig.Scaling scaling) {
    ObjectNode said = JsonMapper.shared().createObjectNode();
    said.put("rope_theta", (float) config.rope().theta());
    said.putObject("rope_scaling")
        .put("rope_type", scaling.type())
        .put("factor", (float) scaling.factor())
        .put("original_max_position_embeddings", scaling.positions())
        .put("beta_fast", (float) scaling.betaFast())
        .put("beta_slow", (float) scaling.betaSlow());
    RopeConfig read =
        RopeConfig.read(
            new JsonObject("yarn", said), model.attention().headDim(), config.positions());
    if (!alike(read.rope(), model.rope())) {
      throw new InputException(
          "GGUF files have keys for yarn's factor, original positions, beta_fast and beta_slow"
              + " alone; this model's has others that change something");
    }
  }

  /** Whether two turn heads alike, but for what rounding to fp32 is worth. */
  static boolean alike(Rope one, Rope other) {
    float[] frequencies = one.inverseFrequencies();
    float[] others = other.inverseFrequencies();
    boolean alike =
        frequencies.length == others.length
            && one.originalContext() == other.originalContext()
            && Math.abs(one.attentionFactor() - other.attentionFactor()) <= ROUNDED;
    for (int j = 0; alike && j < others.length; j++) {
      alike = Math.abs(frequencies[j] - others[j]) <= ROUNDED * Math.abs(others[j]);
    }
    return alike;
  }

  /** What unscaled frequencies are to be divided by. */
  private Tensor frequencyFactors() {
    float[] scaled = model.rope().inverseFrequencies();
    float[] factors = new float[scaled.length];
    for (int j = 0; j < scaled.length; j++) {
      float unscaled = (float) Math.pow(config.rope().theta(), -2.0 * j / (2 * scaled.length));
      factors[j] = (float) (unscaled / (double) scaled[j]);
    }
    return GgufModel.vector(Gguf.FREQUENCY_FACTORS, factors);
  }

  private void put(String own, int value) {
    gguf.put(key(own), value);
  }

  private void put(String own, float value) {
    gguf.put(key(own), value);
  }

  private String key(String own) {
    return architecture.name() + "." + own;
  }
}
