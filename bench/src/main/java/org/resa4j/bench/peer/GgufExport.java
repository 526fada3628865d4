package org.resa4j.bench.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.resa4j.error.InputException;
import org.resa4j.format.GgufWriter;
import org.resa4j.format.Json;
import org.resa4j.model.DType;
import org.resa4j.model.LayerWeights;
import org.resa4j.model.Model;
import org.resa4j.model.ModelConfig;
import org.resa4j.model.Projection;
import org.resa4j.model.Tensor;
import tools.jackson.databind.JsonNode;

/**
 * Writes a model for llama.cpp with the very weights that we run: matrices bit by bit, vectors
 * widened to fp32, which llama.cpp asks for.
 *
 * <p>Qwen2 alone: llama.cpp turns its heads in halves as we do, so that nothing is permuted.
 */
final class GgufExport {
  private GgufExport() {}

  /**
   * Writes a model.
   *
   * @param directory where the model came from; for what {@link ModelConfig} does not keep
   * @throws InputException if it is no Qwen2 without scaled RoPE
   */
  static void write(Model model, Path directory, WordTokens tokens, Path file) {
    ModelConfig config = model.config();
    if (!config.architecture().equals("Qwen2ForCausalLM")) {
      throw new InputException(
          "%s: a %s; for llama.cpp only Qwen2ForCausalLM is exported"
              .formatted(directory, config.architecture()));
    }
    GgufWriter gguf = new GgufWriter();
    gguf.put("general.architecture", "qwen2");
    gguf.put("general.name", model.name());
    gguf.put("qwen2.block_count", config.layers());
    gguf.put("qwen2.context_length", config.maxContext());
    gguf.put("qwen2.embedding_length", config.hidden());
    gguf.put("qwen2.feed_forward_length", config.intermediate());
    gguf.put("qwen2.attention.head_count", config.attention().heads());
    gguf.put("qwen2.attention.head_count_kv", config.attention().kvHeads());
    gguf.put("qwen2.attention.key_length", config.attention().headDim());
    gguf.put("qwen2.attention.value_length", config.attention().headDim());
    gguf.put("qwen2.attention.layer_norm_rms_epsilon", config.rmsEpsilon());
    gguf.put("qwen2.rope.freq_base", ropeBase(directory));
    tokens.writeTo(gguf);
    config.endOfText().stream()
        .sorted()
        .findFirst()
        .ifPresent(token -> gguf.put("tokenizer.ggml.eos_token_id", token));

    gguf.add("token_embd.weight", model.embedding());
    gguf.add("output_norm.weight", widened(model.finalNorm()));
    if (model.head() != model.embedding()) {
      gguf.add("output.weight", model.head());
    }
    for (int i = 0; i < config.layers(); i++) {
      addLayer(gguf, "blk." + i + ".", model.layers().get(i));
    }
    try {
      gguf.write(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void addLayer(GgufWriter gguf, String name, LayerWeights layer) {
    gguf.add(name + "attn_norm.weight", widened(layer.attentionNorm()));
    add(gguf, name + "attn_q", layer.query());
    add(gguf, name + "attn_k", layer.key().orElseThrow());
    add(gguf, name + "attn_v", layer.value().orElseThrow());
    add(gguf, name + "attn_output", layer.output());
    gguf.add(name + "ffn_norm.weight", widened(layer.mlpNorm()));
    add(gguf, name + "ffn_gate", layer.gate());
    add(gguf, name + "ffn_up", layer.up());
    add(gguf, name + "ffn_down", layer.down());
  }

  private static void add(GgufWriter gguf, String name, Projection projection) {
    gguf.add(name + ".weight", projection.weight());
    projection.bias().ifPresent(bias -> gguf.add(name + ".bias", widened(bias)));
  }

  private static Tensor widened(Tensor tensor) {
    return new Tensor(
        tensor.name(), DType.F32, tensor.shape(), MemorySegment.ofArray(floats(tensor)));
  }

  /** A byte array, not a float array: its buffers are to be written. */
  private static byte[] floats(Tensor tensor) {
    float[] values = tensor.toFloats();
    byte[] bytes = new byte[values.length * Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
    return bytes;
  }

  private static float ropeBase(Path directory) {
    Path file = directory.resolve("config.json");
    JsonNode config = Json.read(file);
    JsonNode parameters = config.path("rope_parameters");
    JsonNode scaling = config.path("rope_scaling");
    boolean scaled =
        scaling.isObject() || !parameters.path("rope_type").asString("default").equals("default");
    if (scaled) {
      throw new InputException(file + ": scaled RoPE is not exported for llama.cpp");
    }
    return (float)
        parameters.path("rope_theta").asDouble(config.path("rope_theta").asDouble(10_000));
  }
}
