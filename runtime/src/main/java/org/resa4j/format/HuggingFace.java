package org.resa4j.format;

import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.resa4j.attention.AttentionShape;
import org.resa4j.error.InputException;
import org.resa4j.error.Setting;
import org.resa4j.model.LayerWeights;
import org.resa4j.model.Model;
import org.resa4j.model.ModelConfig;
import org.resa4j.model.Tensor;

/**
 * Loads models from Hugging Face directories: {@code config.json} and {@code model.safetensors},
 * single or sharded. Weights stay memory-mapped.
 */
public final class HuggingFace {
  private final Path directory;
  private final ModelConfig config;
  private final Map<String, Safetensors> fileOf;
  private final Set<String> unused;

  private HuggingFace(Path directory, Arena arena) {
    this.directory = directory;
    config = HuggingFaceConfig.read(directory);
    fileOf = files(directory, arena);
    unused = new HashSet<>(fileOf.keySet());
  }

  /**
   * Loads a model.
   *
   * @param directory the checkpoint
   * @throws InputException if a file is missing or damaged, the architecture is unknown, a tensor
   *     is missing or of the wrong shape, or there are tensors that the architecture does not have
   */
  public static Model load(Path directory) {
    return load(directory, Arena.ofAuto());
  }

  /**
   * The same, with weights that are mapped for as long as an arena is open.
   *
   * @throws InputException as above
   */
  public static Model load(Path directory, Arena arena) {
    if (!Files.isDirectory(directory)) {
      throw new InputException(
          directory
              + (Files.exists(directory)
                  ? ": a file; a model is a directory as Hugging Face has them, with config.json,"
                      + " tokenizer.json and model.safetensors in it"
                  : ": no such directory"),
          List.of(Setting.MODEL));
    }
    return new HuggingFace(directory, arena).model();
  }

  private static Map<String, Safetensors> files(Path directory, Arena arena) {
    Path index = directory.resolve("model.safetensors.index.json");
    Map<String, Safetensors> fileOf = new HashMap<>();
    if (!Files.exists(index)) {
      Safetensors single = Safetensors.open(directory.resolve("model.safetensors"), arena);
      single.names().forEach(name -> fileOf.put(name, single));
      return fileOf;
    }
    Map<String, Safetensors> shards = new HashMap<>();
    for (var entry : Json.read(index).path("weight_map").properties()) {
      String shard = entry.getValue().asString("");
      // A name with a folder in it could lead out of the directory.
      if (shard.isEmpty() || !Path.of(shard).equals(Path.of(shard).getFileName())) {
        throw new InputException("%s: %s names no file of the directory".formatted(index, shard));
      }
      Safetensors file =
          shards.computeIfAbsent(shard, name -> Safetensors.open(directory.resolve(name), arena));
      if (!file.names().contains(entry.getKey())) {
        throw new InputException(
            "%s: tensor %s is not in %s".formatted(index, entry.getKey(), shard));
      }
      fileOf.put(entry.getKey(), file);
    }
    return fileOf;
  }

  private Model model() {
    AttentionShape shape = config.attention();
    int hidden = config.hidden();
    int queries = shape.heads() * shape.headDim();
    int keys = shape.kvHeads() * shape.headDim();
    Tensor embedding = tensor("model.embed_tokens.weight", config.vocabulary(), hidden);
    List<LayerWeights> layers = new ArrayList<>();
    for (int i = 0; i < config.layers(); i++) {
      String layer = "model.layers." + i + ".";
      String attention = layer + "self_attn.";
      layers.add(
          new LayerWeights(
              tensor(layer + "input_layernorm.weight", hidden),
              tensor(attention + "q_proj.weight", queries, hidden),
              Optional.of(tensor(attention + "k_proj.weight", keys, hidden)),
              Optional.of(tensor(attention + "v_proj.weight", keys, hidden)),
              tensor(attention + "o_proj.weight", hidden, queries),
              optional(attention + "q_proj.bias", queries),
              optional(attention + "k_proj.bias", keys),
              optional(attention + "v_proj.bias", keys),
              optional(attention + "q_norm.weight", shape.headDim()),
              optional(attention + "k_norm.weight", shape.headDim()),
              tensor(layer + "post_attention_layernorm.weight", hidden),
              tensor(layer + "mlp.gate_proj.weight", config.intermediate(), hidden),
              tensor(layer + "mlp.up_proj.weight", config.intermediate(), hidden),
              tensor(layer + "mlp.down_proj.weight", hidden, config.intermediate())));
    }
    Tensor norm = tensor("model.norm.weight", hidden);
    Tensor head = embedding;
    if (!config.tiedEmbeddings()) {
      head = tensor("lm_head.weight", config.vocabulary(), hidden);
    }
    unused.removeIf(name -> name.endsWith("rotary_emb.inv_freq") || name.equals("lm_head.weight"));
    if (!unused.isEmpty()) {
      throw new InputException(
          "%s: %d tensors are no part of %s as it is known here, such as %s"
              .formatted(
                  directory,
                  unused.size(),
                  config.architecture(),
                  unused.stream().sorted().findFirst().orElseThrow()));
    }
    String name = directory.toAbsolutePath().normalize().getFileName().toString();
    return new Model(name, config, embedding, List.copyOf(layers), norm, head);
  }

  private Optional<Tensor> optional(String name, long... shape) {
    return fileOf.containsKey(name) ? Optional.of(tensor(name, shape)) : Optional.empty();
  }

  private Tensor tensor(String name, long... shape) {
    Safetensors file = fileOf.get(name);
    if (file == null) {
      throw new InputException("%s: has no tensor %s".formatted(directory, name));
    }
    Tensor tensor = file.tensor(name);
    if (!Arrays.equals(tensor.shape(), shape)) {
      throw new InputException(
          "%s: tensor %s has shape %s, config.json asks for %s"
              .formatted(
                  file.file(), name, Arrays.toString(tensor.shape()), Arrays.toString(shape)));
    }
    unused.remove(name);
    return tensor;
  }
}
