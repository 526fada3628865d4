package org.resa4j.tornado;

import java.util.List;
import org.resa4j.attention.AttentionShape;
import org.resa4j.engine.Device;
import org.resa4j.error.Setting;
import org.resa4j.model.LayerWeights;
import org.resa4j.model.Model;
import org.resa4j.model.ModelConfig;
import org.resa4j.model.Projection;
import org.resa4j.tornado.attention.AttentionBuffers.Chunk;
import org.resa4j.tornado.attention.AttentionBuffers.Rows;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.DriftBuffers;

/** The sizes of everything that an engine or an attention layer puts on a device. */
final class MemoryPlan {
  private static final List<Setting> CACHE =
      List.of(Setting.CONTEXT_LENGTH, Setting.SEQUENCES, Setting.KV_TYPE, Setting.CACHE_MEMORY);
  private static final List<Setting> BLOCKS = List.of(Setting.CONTEXT_LENGTH, Setting.SEQUENCES);
  private static final List<Setting> CHUNKS = List.of(Setting.ENCODE_TOKENS, Setting.SEQUENCES);
  private static final List<Setting> WEIGHTS = List.of(Setting.DEVICE, Setting.MODEL);

  private final DeviceMemory memory;

  MemoryPlan(Device device) {
    memory = new DeviceMemory(device);
  }

  /** All layers' cache and descriptors; returns their bytes. */
  long cache(AttentionLayout layout) {
    int layers = layout.plan().caches();
    int bytes = layout.storage().type().bytes();
    int packed = layout.storage().valuesPerElement();
    return memory.add("KV cache", 2L * layers, layout.cacheValues(), bytes, packed, CACHE)
        + memory.add(
            "block descriptors", 2L * layers, layout.descriptorValues(), bytes, packed, CACHE);
  }

  /** What one attention works on beside the cache. */
  void workspace(AttentionLayout layout) {
    AttentionShape shape = layout.shape();
    long rows = layout.rowCapacity();
    memory.add(
        "rows",
        1,
        Rows.HEADER + (long) layout.sequences() * Rows.INTS,
        4,
        1,
        List.of(Setting.SEQUENCES));
    memory.add(
        "tokens of a call",
        1,
        Chunk.HEADER + (long) layout.encodeTokens() * Chunk.INTS,
        4,
        1,
        CHUNKS);
    memory.add("block tables", 1, layout.tableValues(), 4, 1, BLOCKS);
    memory.add("block scores", 2, layout.scoreValues(), 4, 1, BLOCKS);
    memory.add("partial results", 1, layout.partials() * shape.headDim(), 4, 1, CHUNKS);
    memory.add("sums of partial results", 1, layout.partials() * 2, 4, 1, CHUNKS);
    memory.add("queries", 2, rows * shape.heads() * shape.headDim(), 4, 1, CHUNKS);
    memory.add("new keys", 2, rows * shape.kvHeads() * shape.headDim(), 4, 1, CHUNKS);
  }

  /** Weights and activations; returns the weights' bytes. */
  long model(Model model, AttentionLayout layout, boolean half) {
    ModelConfig config = model.config();
    long rows = layout.rowCapacity();
    memory.add("activations", 2, rows * config.hidden(), 4, 1, CHUNKS);
    memory.add("inputs in fp16", 1, rows * TornadoEngine.widestInput(config), 2, 1, CHUNKS);
    memory.add("split sums", 1, rows * TornadoEngine.SPLIT_HIDDENS * config.hidden(), 4, 1, CHUNKS);
    memory.add("MLP activations", 1, rows * 3 * config.intermediate(), 4, 1, CHUNKS);
    memory.add("drift", 1, DriftBuffers.partValues(layout, config.caches()), 4, 1, CHUNKS);
    memory.add(
        "logits",
        1,
        (long) layout.logitRows() * config.vocabulary(),
        4,
        1,
        layout.logitRows() > layout.sequences() ? CHUNKS : List.of(Setting.SEQUENCES));
    int bytes = half ? 2 : 4;
    long total = matrix("embedding", bytes, List.of(Projection.of(model.embedding())));
    if (model.head() != model.embedding()) {
      total += matrix("output head", bytes, List.of(Projection.of(model.head())));
    }
    for (LayerWeights layer : model.layers()) {
      total += matrix("weights", bytes, layer.projections());
      total += matrix("weights", bytes, List.of(layer.output()));
      total += matrix("weights", bytes, List.of(layer.gate(), layer.up()));
      total += matrix("weights", bytes, List.of(layer.down()));
    }
    return total;
  }

  private long matrix(String what, int bytes, List<Projection> below) {
    long values = below.stream().mapToLong(each -> each.weight().size()).sum();
    return memory.add(what, 1, values, bytes, 1, WEIGHTS);
  }

  /**
   * @throws org.resa4j.error.DeviceException if all together do not fit
   */
  void check() {
    memory.check();
  }
}
