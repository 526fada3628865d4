package org.resa4j.format;

import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
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
import org.resa4j.model.Projection;
import org.resa4j.model.Tensor;

/**
 * Loads models from Hugging Face directories: {@code config.json} and safetensors files. A
 * checkpoint must have every tensor that its configuration asks for, and none besides but those
 * that the reference library computes itself.
 */
public final class HuggingFace {
  static final String CONFIG = "config.json";
  private static final String EMBEDDING = "model.embed_tokens.weight";
  private static final String HEAD = "lm_head.weight";

  private final Path directory;
  private final HuggingFaceConfig facts;
  private final ModelConfig config;
  private final WeightFiles weights;
  private final Map<String, Set<Integer>> endOfText;
  private final Set<String> unused;

  private HuggingFace(Path directory, Arena arena, WeightAccess access) {
    this.directory = directory;
    facts = HuggingFaceConfig.read(JsonObject.read(directory.resolve(CONFIG)));
    endOfText = endOfText(facts.model().vocabulary());
    Set<Integer> ends = new HashSet<>();
    endOfText.values().forEach(ends::addAll);
    config = facts.model().withEndOfText(ends);
    weights = WeightFiles.open(directory, arena, access);
    unused = new HashSet<>(weights.fileOf().keySet());
  }

  /**
   * A model and the files that it stands in.
   *
   * @param model with the end-of-text tokens that {@code endOfText} has
   * @param files those that hold weights
   * @param endOfText the tokens that end a text by their ids, by the name of the file that says so;
   *     the tokenizer's files may name more by their text
   */
  public record Loaded(Model model, Set<MappedFile> files, Map<String, Set<Integer>> endOfText) {}

  /**
   * Loads a model, its weights mapped.
   *
   * @param directory the checkpoint
   * @throws InputException if a file is missing or damaged, the architecture is unknown, a tensor
   *     is missing or of the wrong shape, or there are tensors that the architecture does not have
   */
  public static Model load(Path directory) {
    return load(directory, Arena.ofAuto());
  }

  /**
   * The same, with weights that are there for as long as an arena is open.
   *
   * @throws InputException as above
   */
  public static Model load(Path directory, Arena arena) {
    return load(directory, arena, WeightAccess.MAPPED).model();
  }

  /**
   * The same, mapped or copied.
   *
   * @throws InputException as above, and if there is no memory for a copy
   */
  public static Loaded load(Path directory, Arena arena, WeightAccess access) {
    if (!Files.isDirectory(directory)) {
      throw new InputException(
          directory
              + (Files.exists(directory)
                  ? ": a file; a model is a directory as Hugging Face has them, with config.json,"
                      + " tokenizer.json and model.safetensors in it"
                  : ": no such directory"),
          List.of(Setting.MODEL));
    }
    if (!Files.exists(directory.resolve(CONFIG))
        && Files.exists(directory.resolve("adapter_config.json"))) {
      throw new InputException(
          directory + ": an adapter without its model; merge the two and name the result",
          List.of(Setting.MODEL));
    }
    HuggingFace checkpoint = new HuggingFace(directory, arena, access);
    return new Loaded(checkpoint.model(), checkpoint.weights.files(), checkpoint.endOfText);
  }

  private Map<String, Set<Integer>> endOfText(int vocabulary) {
    Map<String, Set<Integer>> named = new LinkedHashMap<>();
    for (String name : List.of(CONFIG, "generation_config.json")) {
      JsonObject.readIfThere(directory.resolve(name))
          .map(file -> file.tokens("eos_token_id", vocabulary))
          .filter(tokens -> !tokens.isEmpty())
          .ifPresent(tokens -> named.put(name, tokens));
    }
    return named;
  }

  private Model model() {
    Tensor embedding = embedding();
    List<LayerWeights> layers = new ArrayList<>();
    for (int i = 0; i < config.layers(); i++) {
      layers.add(layer("model.layers." + i + "."));
    }
    Tensor norm = tensor("model.norm.weight", config.hidden());
    Tensor head = embedding;
    if (!config.tiedEmbeddings()) {
      head = tensor(HEAD, config.vocabulary(), config.hidden());
    }
    unused.removeIf(HuggingFace::isComputed);
    if (!unused.isEmpty()) {
      throw new InputException(
          "%s: %d tensors are no part of %s as it is known here, such as %s"
              .formatted(
                  directory,
                  unused.size(),
                  config.architecture(),
                  unused.stream().sorted().findFirst().orElseThrow()));
    }
    Path name = directory.toAbsolutePath().normalize().getFileName();
    return new Model(
        name == null ? "model" : name.toString(),
        config,
        embedding,
        List.copyOf(layers),
        norm,
        head);
  }

  /** A tensor that older files have, and that is computed whatever they say. */
  static boolean isComputed(String name) {
    return name.endsWith("rotary_emb.inv_freq");
  }

  /**
   * The embedding; of tied ones either may be there. Both must be the same: libraries part in which
   * of two they take.
   */
  private Tensor embedding() {
    boolean embeds = weights.fileOf().containsKey(EMBEDDING);
    if (!config.tiedEmbeddings() || !weights.fileOf().containsKey(HEAD)) {
      return tensor(EMBEDDING, config.vocabulary(), config.hidden());
    }
    Tensor head = tensor(HEAD, config.vocabulary(), config.hidden());
    Tensor embedding = embeds ? tensor(EMBEDDING, config.vocabulary(), config.hidden()) : head;
    if (embedding.dtype() != head.dtype() || embedding.data().mismatch(head.data()) >= 0) {
      throw new InputException(
          "%s: tie_word_embeddings is true, but %s and %s differ"
              .formatted(directory, EMBEDDING, HEAD));
    }
    return embedding;
  }

  private LayerWeights layer(String layer) {
    AttentionShape shape = config.attention();
    long hidden = config.hidden();
    long intermediate = config.intermediate();
    long queries = (long) shape.heads() * shape.headDim();
    long keys = (long) shape.kvHeads() * shape.headDim();
    Architecture architecture = facts.architecture();
    Architecture.Bias queryBias = architecture.queryBias();
    Architecture.Bias outputBias = architecture.outputBias();
    Architecture.Bias mlpBias = architecture.mlpBias();
    boolean attention = facts.attentionBias();
    boolean mlp = facts.mlpBias();
    return new LayerWeights(
        tensor(layer + "input_layernorm.weight", hidden),
        projection(layer + "self_attn.q_proj", queryBias, attention, queries, hidden),
        Optional.of(projection(layer + "self_attn.k_proj", queryBias, attention, keys, hidden)),
        Optional.of(projection(layer + "self_attn.v_proj", queryBias, attention, keys, hidden)),
        projection(layer + "self_attn.o_proj", outputBias, attention, hidden, queries),
        headNorm(layer + "self_attn.q_norm.weight"),
        headNorm(layer + "self_attn.k_norm.weight"),
        tensor(layer + "post_attention_layernorm.weight", hidden),
        projection(layer + "mlp.gate_proj", mlpBias, mlp, intermediate, hidden),
        projection(layer + "mlp.up_proj", mlpBias, mlp, intermediate, hidden),
        projection(layer + "mlp.down_proj", mlpBias, mlp, hidden, intermediate));
  }

  private Optional<Tensor> headNorm(String name) {
    return facts.architecture().headNorms()
        ? Optional.of(tensor(name, config.attention().headDim()))
        : Optional.empty();
  }

  private Projection projection(
      String name, Architecture.Bias bias, boolean configured, long outputs, long inputs) {
    Tensor weight = tensor(name + ".weight", outputs, inputs);
    if (HuggingFaceConfig.has(bias, configured)) {
      return new Projection(weight, Optional.of(tensor(name + ".bias", outputs)));
    }
    if (bias == Architecture.Bias.CONFIGURED) {
      // Configured away: the reference library leaves it out too.
      unused.remove(name + ".bias");
    }
    return Projection.of(weight);
  }

  private Tensor tensor(String name, long... shape) {
    Safetensors file = weights.fileOf().get(name);
    if (file == null) {
      throw new InputException(
          "%s: has no tensor %s, which %s needs".formatted(directory, name, config.architecture()));
    }
    Tensor tensor = file.tensor(name);
    if (!Arrays.equals(tensor.shape(), shape)) {
      throw new InputException(
          "%s: tensor %s has shape %s, config.json asks for %s"
              .formatted(
                  file.path(), name, Arrays.toString(tensor.shape()), Arrays.toString(shape)));
    }
    unused.remove(name);
    return tensor;
  }
}
