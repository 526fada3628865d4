package org.resa4j.tornado;

import java.util.ArrayList;
import java.util.List;
import org.resa4j.attention.AttentionShape;
import org.resa4j.error.Setting;
import org.resa4j.model.Model;
import org.resa4j.model.ModelConfig;
import org.resa4j.tornado.array.ArraySource;
import org.resa4j.tornado.array.Placeholders;
import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.DriftBuffers;
import org.resa4j.tornado.kernel.KernelFamily;
import org.resa4j.tornado.kernel.LayerNeeds;
import org.resa4j.tornado.layer.Activations;
import org.resa4j.tornado.layer.LayerArrays;
import org.resa4j.tornado.layer.LayerTasks;
import org.resa4j.tornado.layer.Weights;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * All that an engine puts on a device, in the order in which it is asked for.
 *
 * @param placeholders for kernels that take both formats
 * @param work what attention hands from stage to stage
 * @param caches of each layer that has a cache of its own, or of the first for all
 * @param drift of rectifications
 * @param activations what the stages around attention hand on
 * @param kernels around attention, with arrays of their own
 * @param weights of the model
 * @param uploader fills them
 * @param sent what crosses the bus with each call
 * @param tables the block tables
 */
record EngineArrays(
    Placeholders placeholders,
    AttentionBuffers.Workspace work,
    List<AttentionBuffers> caches,
    DriftBuffers drift,
    Activations activations,
    LayerTasks kernels,
    ModelArrays weights,
    WeightUploader uploader,
    Sent sent,
    DeviceTables tables) {

  /**
   * @param layers of the model's layers
   * @param head the same as the embedding in a model that ties them
   * @param finalNorm {@code [hidden]}
   */
  record ModelArrays(
      Weights embedding, Weights head, FloatArray finalNorm, List<LayerArrays> layers) {}

  /**
   * Arrays that are sent before a call, and that come back from it.
   *
   * @param tokens ids, {@code [row]}
   * @param rows as {@link AttentionBuffers.Rows}
   * @param chunk as {@link AttentionBuffers.Chunk}
   * @param angles {@code [row][2][d/2]}
   * @param keys {@code [row][Hkv][d]}, of K and V that were computed elsewhere
   * @param values {@code [row][Hkv][d]}
   * @param stepChosen ids that come back from a step, {@code [row]}
   * @param encodeChosen from an encode call, {@code [row]}
   */
  record Sent(
      IntArray tokens,
      IntArray rows,
      IntArray chunk,
      FloatArray angles,
      FloatArray keys,
      FloatArray values,
      IntArray stepChosen,
      IntArray encodeChosen) {

    static Sent allocate(ArraySource source, AttentionLayout layout) {
      List<Setting> settings = List.of(Setting.ENCODE_TOKENS, Setting.SEQUENCES);
      AttentionShape shape = layout.shape();
      long rows = layout.rowCapacity();
      long keys = rows * shape.kvHeads() * shape.headDim();
      return new Sent(
          source.ints("tokens of a call", rows, settings),
          source.ints("rows", AttentionBuffers.Rows.size(layout), settings),
          source.ints("tokens of a call", AttentionBuffers.Chunk.size(layout), settings),
          source.floats("angles", rows * shape.headDim(), settings),
          source.floats("new keys and values", keys, settings),
          source.floats("new keys and values", keys, settings),
          source.ints("chosen tokens", layout.sequences(), settings),
          source.ints("chosen tokens", layout.logitRows(), settings));
    }
  }

  /**
   * Asks a source for all of them.
   *
   * @param half whether the weights' matrices become fp16, and the scales of those that stay
   *     quantised
   */
  static EngineArrays of(
      ArraySource source, Model model, AttentionLayout layout, KernelFamily family, boolean half) {
    ModelConfig config = model.config();
    Placeholders placeholders = new Placeholders();
    List<AttentionBuffers> caches = new ArrayList<>();
    boolean quantised = model.tensors().stream().anyMatch(each -> each.dtype().isQuantised());
    LayerTasks kernels =
        family.layers(
            source, placeholders, new LayerNeeds(config, layout.rowCapacity(), half, quantised));
    AttentionBuffers.Workspace work =
        AttentionBuffers.workspace(source, layout, placeholders, kernels.halfInputs());
    for (int i = 0; i < config.caches(); i++) {
      caches.add(AttentionBuffers.allocate(source, layout, placeholders, work));
    }
    WeightUploader uploader = new WeightUploader(source, placeholders, half);
    return new EngineArrays(
        placeholders,
        work,
        caches,
        DriftBuffers.allocate(source, layout, config.caches()),
        Activations.allocate(
            source,
            placeholders,
            config,
            layout.rowCapacity(),
            layout.logitRows(),
            kernels.halfInputs()),
        kernels,
        weights(uploader, model),
        uploader,
        Sent.allocate(source, layout),
        new DeviceTables(source, layout));
  }

  private static ModelArrays weights(WeightUploader uploader, Model model) {
    Weights embedding = uploader.matrix(model.embedding());
    return new ModelArrays(
        embedding,
        model.head() == model.embedding() ? embedding : uploader.matrix(model.head()),
        uploader.vector(model.finalNorm()),
        model.layers().stream().map(uploader::layer).toList());
  }

  /** What layers hand to each other: shared by all of them. */
  List<TornadoNativeArray> betweenLayers() {
    List<TornadoNativeArray> all = new ArrayList<>(kernels.scratch());
    all.addAll(placeholders.arrays());
    all.addAll(activations.ofLayers());
    all.addAll(work.arrays());
    all.add(drift.parts());
    return all;
  }

  /** What the head works on, but for the rows it is of. */
  List<TornadoNativeArray> ofHead() {
    List<TornadoNativeArray> all = new ArrayList<>(kernels.scratch());
    all.addAll(placeholders.arrays());
    all.addAll(activations.ofHead());
    all.add(weights.finalNorm());
    all.addAll(weights.head().arrays());
    return all;
  }
}
