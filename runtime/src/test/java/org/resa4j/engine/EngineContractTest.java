package org.resa4j.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.EncodeBatch.Logits;
import org.resa4j.error.DeviceMemoryException;
import org.resa4j.error.InputException;
import org.resa4j.error.Setting;
import org.resa4j.format.HuggingFace;
import org.resa4j.format.Safetensors;
import org.resa4j.model.Model;
import org.resa4j.model.Tensor;
import org.resa4j.reference.ReferenceModel;

/**
 * What every engine's forward pass must do, on every device it finds, with fp32 throughout. An
 * engine's module extends this with its provider.
 */
public abstract class EngineContractTest {
  /** Relative to the norm of a token's logits. */
  private static final double TOLERANCE = 2e-4;

  private static final ResaConfig DENSE = ResaConfig.dense(16);

  protected abstract EngineProvider provider();

  private Engine open(Device device, Model model, EngineOptions options) {
    return provider().open(model, options.withDevice(device.id()).withKvType(KvType.F32));
  }

  private Stream<DynamicTest> onEveryDevice(Consumer<Device> test) {
    List<Device> devices = provider().devices();
    assertThat(devices).as("devices of engine " + provider().name()).isNotEmpty();
    return devices.stream()
        .map(device -> DynamicTest.dynamicTest(device.id(), () -> test.accept(device)));
  }

  @TestFactory
  Stream<DynamicTest> logitsOfFourArchitecturesEqualTheReferenceLibrarys() {
    return forEach(
        List.of("qwen2", "qwen3", "llama3", "mistral", "llama-biases"), this::checkLogits);
  }

  private Stream<DynamicTest> forEach(List<String> names, BiConsumer<Device, String> test) {
    return names.stream()
        .flatMap(
            name ->
                onEveryDevice(device -> test.accept(device, name))
                    .map(
                        each ->
                            DynamicTest.dynamicTest(
                                each.getDisplayName() + " " + name, each.getExecutable())));
  }

  @TestFactory
  Stream<DynamicTest> scaledPositionsGiveTheReferenceLibrarysLogits() {
    return forEach(List.of("yarn-qwen2", "yarn-qwen3", "linear-llama3"), this::checkScaled);
  }

  private void checkScaled(Device device, String name) {
    Model model = HuggingFace.load(Golden.model(name.split("-")[1], "rope/" + name));
    Safetensors golden = Safetensors.open(Golden.file("rope/" + name + "/golden.safetensors"));
    int[] ids = golden.integers("input_ids");
    EngineOptions options = EngineOptions.of(256).withEncodeTokens(64);
    try (Engine engine = open(device, model, options)) {
      checkRows(engine, model.config().vocabulary(), golden, ids, 64);
      // The reference's greedy text, from its own history; a choice within rounding may differ.
      int[] greedy = golden.integers("greedy_from_40");
      float[] margins = golden.tensor("greedy_margin").toFloats();
      Pages.encode(engine, 0, 0, greedy, 0, 40, true);
      StepBatch batch = new StepBatch(1);
      for (int position = 40; position < greedy.length; position++) {
        if (margins[position - 40] > 1e-3) {
          assertThat(engine.argmax(0)).as("token " + position).isEqualTo(greedy[position]);
        }
        batch.clear();
        batch.add(Pages.of(engine, 0), greedy[position], position, DENSE);
        engine.step(batch);
      }
    }
  }

  /**
   * At 9,000 positions, against the reference library's formula in double precision: an engine's
   * angles are in single, half a unit in the last place of which is 5e-4 radians there.
   */
  @TestFactory
  Stream<DynamicTest> scaledPositionsHoldFarOut() {
    return onEveryDevice(
        device -> {
          Model model = HuggingFace.load(Golden.model("qwen2", "rope/yarn-long"));
          Safetensors golden = Safetensors.open(Golden.file("rope/yarn-long/golden.safetensors"));
          EngineOptions options = EngineOptions.of(9216).withEncodeTokens(600);
          try (Engine engine = open(device, model, options)) {
            checkRows(
                engine, model.config().vocabulary(), golden, golden.integers("input_ids"), 600);
          }
        });
  }

  /** The logits at the golden's positions, each the last of a chunk or stepped to. */
  private static void checkRows(
      Engine engine, int vocabulary, Safetensors golden, int[] ids, int chunk) {
    int[] positions = golden.integers("positions");
    float[] expected = golden.tensor("logits").toFloats();
    float[] logits = new float[vocabulary];
    int cached = 0;
    for (int i = 0; i < positions.length; i++) {
      while (cached <= positions[i]) {
        int count = Math.min(chunk, positions[i] + 1 - cached);
        Pages.encode(engine, 0, cached, ids, cached, count, cached + count == positions[i] + 1);
        cached += count;
      }
      engine.logits(0, logits);
      assertThat(Errors.relative(row(expected, i, vocabulary), logits))
          .as("position " + positions[i])
          .isLessThan(TOLERANCE);
    }
  }

  @TestFactory
  Stream<DynamicTest> logitsThatAreNoNumbersAreTold() {
    return onEveryDevice(
        device -> {
          Model model = HuggingFace.load(Golden.model("qwen2"));
          StepBatch batch = new StepBatch(2);
          EngineOptions options = EngineOptions.of(256).withSequences(2).withEncodeTokens(64);
          try (Engine engine = open(device, model, options)) {
            batch.add(Pages.of(engine, 0), 5, 0, DENSE);
            batch.add(Pages.of(engine, 1), 7, 0, DENSE);
            engine.step(batch);
            assertThat(engine.argmax(0)).isNotNegative();
          }
          for (float wrong : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            // Row 7 of the embedding, which is the head too: one logit of every row, and all of
            // 7's.
            try (Engine engine = open(device, withWeight(model, 7, wrong), options)) {
              engine.step(batch);
              assertThat(engine.argmax(0)).as("one logit is " + wrong).isEqualTo(-1);
              assertThat(engine.argmax(1)).as("all are").isEqualTo(-1);
              Pages.encode(engine, 0, 0, new int[] {5, 6}, 0, 2, true);
              assertThat(engine.argmax(0)).as("after an encode").isEqualTo(-1);
            }
          }
        });
  }

  /** The model with one weight of its embedding, in the row of a token, replaced. */
  private static Model withWeight(Model model, int token, float weight) {
    Tensor embedding = model.embedding();
    MemorySegment data = Arena.ofAuto().allocate(embedding.data().byteSize(), 64);
    data.copyFrom(embedding.data());
    data.set(ValueLayout.JAVA_FLOAT_UNALIGNED, (4L * token * model.config().hidden()) + 8, weight);
    Tensor changed = new Tensor(embedding.name(), embedding.dtype(), embedding.shape(), data);
    return new Model(
        model.name(), model.config(), changed, model.layers(), model.finalNorm(), changed);
  }

  private void checkLogits(Device device, String name) {
    Model model = HuggingFace.load(Golden.model(name));
    Safetensors golden = Safetensors.open(Golden.file("models/" + name + "/golden.safetensors"));
    int[] ids = golden.integers("input_ids");
    float[] expected = golden.tensor("logits").toFloats();
    int vocabulary = model.config().vocabulary();
    float[] logits = new float[vocabulary];
    EngineOptions options = EngineOptions.of(256).withSequences(2).withEncodeTokens(64);
    try (Engine engine = open(device, model, options)) {
      StepBatch batch = new StepBatch(1);
      for (int position = 0; position < ids.length; position++) {
        batch.clear();
        batch.add(Pages.of(engine, 0), ids[position], position, DENSE);
        engine.step(batch);
        engine.logits(0, logits);
        assertThat(Errors.relative(row(expected, position, vocabulary), logits))
            .as("step at " + position)
            .isLessThan(TOLERANCE);
      }
      for (int from = 0; from < ids.length; from += 64) {
        int count = Math.min(64, ids.length - from);
        Pages.encode(engine, 1, from, ids, from, count, true);
        engine.logits(0, logits);
        assertThat(Errors.relative(row(expected, from + count - 1, vocabulary), logits))
            .as("encode of " + from + " to " + (from + count))
            .isLessThan(TOLERANCE);
      }
      int[] greedy = golden.integers("greedy_from_40");
      Pages.encode(engine, 0, 0, greedy, 0, 40, true);
      for (int position = 40; position < greedy.length; position++) {
        assertThat(engine.argmax(0)).as("greedy token " + position).isEqualTo(greedy[position]);
        batch.clear();
        batch.add(Pages.of(engine, 0), greedy[position], position, DENSE);
        engine.step(batch);
      }
    }
  }

  private static float[] row(float[] matrix, int row, int width) {
    return Arrays.copyOfRange(matrix, row * width, (row + 1) * width);
  }

  @TestFactory
  Stream<DynamicTest> raggedRowsEqualSequencesOnTheirOwn() {
    return onEveryDevice(
        device -> {
          Model model = HuggingFace.load(Golden.model("qwen3"));
          int[] ids = ids("qwen3");
          int[] lengths = {1, 150, 40};
          ResaConfig[] configs = {DENSE, new ResaConfig(16, 0.2, 2, 1, 0), DENSE};
          float[][] alone = new float[3][model.config().vocabulary()];
          float[] together = new float[model.config().vocabulary()];
          try (Engine engine = open(device, model, EngineOptions.of(256).withSequences(3))) {
            StepBatch batch = new StepBatch(3);
            for (int row = 0; row < 3; row++) {
              fill(engine, row, ids, lengths[row] - 1);
              batch.clear();
              batch.add(
                  Pages.of(engine, row), ids[lengths[row] - 1], lengths[row] - 1, configs[row]);
              engine.step(batch);
              engine.logits(0, alone[row]);
            }
            batch.clear();
            for (int row = 0; row < 3; row++) {
              batch.add(
                  Pages.of(engine, row), ids[lengths[row] - 1], lengths[row] - 1, configs[row]);
            }
            engine.step(batch);
            for (int row = 0; row < 3; row++) {
              engine.logits(row, together);
              assertThat(Errors.relative(alone[row], together)).as("row " + row).isLessThan(1e-5);
            }
          }
        });
  }

  /** Every layer's K, V and descriptors after rectification equal those of a dense encode. */
  @TestFactory
  Stream<DynamicTest> rectificationRestoresTheDenseCacheInEveryLayer() {
    return onEveryDevice(
        device -> {
          Model model = HuggingFace.load(Golden.model("llama3"));
          int[] ids = ids("llama3");
          int prompt = 120;
          int generated = 32;
          ResaConfig sparse = new ResaConfig(16, 0.1, 1, 1, 32);
          EngineOptions options = EngineOptions.of(256).withSequences(2);
          try (Engine engine = open(device, model, options)) {
            fill(engine, 0, ids, prompt + generated);
            fill(engine, 1, ids, prompt);
            StepBatch batch = new StepBatch(1);
            for (int position = prompt; position < prompt + generated; position++) {
              batch.clear();
              batch.add(Pages.of(engine, 1), ids[position], position, sparse);
              engine.step(batch);
            }
            int last = model.config().layers() - 1;
            CacheSnapshot dense = engine.snapshot(last, Pages.of(engine, 0), prompt + generated);
            CacheSnapshot drifted = engine.snapshot(last, Pages.of(engine, 1), prompt + generated);
            assertThat(Errors.relative(dense.key(), drifted.key())).isGreaterThan(1e-3);
            assertThat(Errors.relative(dense.blockMax(), drifted.blockMax())).isGreaterThan(1e-3);
            Pages.encode(engine, 1, prompt, ids, prompt, generated, false);
            for (int layer = 0; layer <= last; layer++) {
              CacheSnapshot expected =
                  engine.snapshot(layer, Pages.of(engine, 0), prompt + generated);
              CacheSnapshot actual =
                  engine.snapshot(layer, Pages.of(engine, 1), prompt + generated);
              assertThat(Errors.relative(expected.key(), actual.key())).isLessThan(1e-5);
              assertThat(Errors.relative(expected.value(), actual.value())).isLessThan(1e-5);
              assertThat(Errors.relative(expected.blockMin(), actual.blockMin())).isLessThan(1e-5);
              assertThat(Errors.relative(expected.blockMax(), actual.blockMax())).isLessThan(1e-5);
            }
          }
        });
  }

  /** In chunks that begin and end within blocks. */
  @TestFactory
  Stream<DynamicTest> rectificationTellsHowFarTheCacheWas() {
    return onEveryDevice(
        device -> checkDrift(device, HuggingFace.load(Golden.model("llama3")), "llama3"));
  }

  @TestFactory
  Stream<DynamicTest> rectificationTellsHowFarASharedCacheWas() {
    return onEveryDevice(
        device ->
            checkDrift(
                device,
                SharedCacheModels.sharing(HuggingFace.load(Golden.model("qwen3"))),
                "qwen3"));
  }

  @TestFactory
  Stream<DynamicTest> eachSequenceOfAnEncodeSelectsItsOwnBlocks() {
    return onEveryDevice(
        device -> {
          Model model = HuggingFace.load(Golden.model("qwen3"));
          int[] ids = ids("qwen3");
          ResaConfig few = new ResaConfig(16, 0.1, 1, 1, 16).withRectifyKeep(0.05);
          ResaConfig selection = few.rectifySelection().orElseThrow();
          EngineOptions options = EngineOptions.of(256).withSequences(2).withEncodeTokens(64);
          try (Engine engine = open(device, model, options)) {
            fill(engine, 0, ids, 160);
            fill(engine, 1, ids, 197);
            EncodeBatch batch = new EncodeBatch(2, 64);
            batch.add(Pages.of(engine, 0), 144, ids, 144, 16, EncodeBatch.Logits.LAST);
            batch.select(selection);
            if (!engine.info().encodesSelections()) {
              assertThatThrownBy(() -> engine.encode(batch))
                  .isInstanceOf(InputException.class)
                  .hasMessageContaining("densely");
              return;
            }
            engine.encode(batch);
            float[] selected = logits(engine, model, 0);
            ReferenceModel plain = new ReferenceModel(model, 160);
            for (int position = 0; position < 144; position++) {
              plain.step(ids[position], position, ResaConfig.dense(16));
            }
            double[][] expected = plain.encode(Arrays.copyOfRange(ids, 144, 160), 144, selection);
            assertThat(Errors.relative(expected[15], selected, 0)).isLessThan(1e-4);
            batch.clear();
            batch.add(Pages.of(engine, 1), 170, ids, 170, 27, EncodeBatch.Logits.LAST);
            engine.encode(batch);
            float[] dense = logits(engine, model, 0);
            fill(engine, 0, ids, 160);
            batch.clear();
            batch.add(Pages.of(engine, 1), 170, ids, 170, 27, EncodeBatch.Logits.LAST);
            batch.add(Pages.of(engine, 0), 144, ids, 144, 16, EncodeBatch.Logits.LAST);
            assertThat(batch.selection(1)).as("of what was there before").isEmpty();
            batch.select(selection);
            engine.encode(batch);
            assertThat(logits(engine, model, 0)).containsExactly(dense, within(1e-5f));
            assertThat(logits(engine, model, 1)).containsExactly(selected, within(1e-5f));
            batch.clear();
            batch.add(Pages.of(engine, 0), 144, ids, 144, 16, EncodeBatch.Logits.LAST);
            engine.encode(batch);
            assertThat(logits(engine, model, 0)).as("dense is another").isNotEqualTo(selected);
            batch.select(selection.withBlockSize(8));
            assertThatThrownBy(() -> engine.encode(batch)).hasMessageContaining("blocks of 8");
          }
        });
  }

  private static float[] logits(Engine engine, Model model, int row) {
    float[] logits = new float[model.config().vocabulary()];
    engine.logits(row, logits);
    return logits;
  }

  private void checkDrift(Device device, Model model, String name) {
    int[] ids = ids(name);
    int prompt = 115;
    int[] chunks = {21, 32};
    int end = prompt + chunks[0] + chunks[1];
    int caches = model.config().caches();
    EngineOptions options = EngineOptions.of(256).withSequences(2).withEncodeTokens(32);
    try (Engine engine = open(device, model, options)) {
      fill(engine, 0, ids, end);
      fill(engine, 1, ids, prompt);
      StepBatch batch = new StepBatch(1);
      for (int position = prompt; position < end; position++) {
        batch.clear();
        // A shared cache does not drift, its K and V depend on the token alone: take other tokens.
        int token = ids[caches > 1 ? position : position - 1];
        batch.add(Pages.of(engine, 1), token, position, new ResaConfig(16, 0.1, 1, 1, 0));
        engine.step(batch);
      }
      List<CacheSnapshot> before = snapshots(engine, 1, end, caches);
      Drift drift =
          engine
              .rectify(Pages.of(engine, 1), prompt, ids, prompt, chunks[0])
              .plus(
                  engine.rectify(
                      Pages.of(engine, 1), prompt + chunks[0], ids, prompt + chunks[0], chunks[1]));
      List<CacheSnapshot> after = snapshots(engine, 1, end, caches);
      assertThat(drift.layers()).hasSize(caches);
      for (int layer = 0; layer < caches; layer++) {
        Drift.Layer actual = drift.layers().get(layer);
        float[] oldKey = before.get(layer).key();
        float[] newKey = after.get(layer).key();
        float[] oldValue = before.get(layer).value();
        float[] newValue = after.get(layer).value();
        int width = model.config().attention().headDim();
        double[] none = new double[newKey.length];
        close(actual.keyChange(), squares(newKey, widened(oldKey), prompt, end, width));
        close(actual.key(), squares(newKey, none, prompt, end, width));
        close(actual.valueChange(), squares(newValue, widened(oldValue), prompt, end, width));
        close(actual.value(), squares(newValue, none, prompt, end, width));
      }
      assertThat(drift.relative()).isGreaterThan(1e-3);
      assertThat(drift.ofKeys()).isNotEqualTo(drift.ofValues());
      if (caches > 1) {
        assertThat(drift.layers().getFirst().ofKeys())
            .as("the first layer sees no attention")
            .isLessThan(1e-6);
      }
      Drift again = engine.rectify(Pages.of(engine, 1), prompt, ids, prompt, chunks[0]);
      assertThat(again.relative()).as("rectified twice").isLessThan(1e-6);
      Drift dense = engine.rectify(Pages.of(engine, 0), 96, ids, 96, 32);
      assertThat(dense.relative()).as("built densely").isLessThan(1e-6);
      assertThat(dense.layers().getFirst().key()).isPositive();
      assertThatThrownBy(() -> engine.rectify(Pages.of(engine, 0), 0, ids, 0, 33))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static List<CacheSnapshot> snapshots(
      Engine engine, int sequence, int tokens, int caches) {
    return IntStream.range(0, caches)
        .mapToObj(layer -> engine.snapshot(layer, Pages.of(engine, sequence), tokens))
        .toList();
  }

  /** Sum of (a - b)² over the tokens {@code from} to {@code end} of {@code [head][end][d]}. */
  private static double squares(float[] a, double[] b, int from, int end, int width) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      if (i / width % end >= from) {
        sum += (a[i] - b[i]) * (a[i] - b[i]);
      }
    }
    return sum;
  }

  private static double[] widened(float[] x) {
    return IntStream.range(0, x.length).mapToDouble(i -> x[i]).toArray();
  }

  /** To 1e-4 relative, or both no more than rounding. */
  private static void close(double actual, double expected) {
    assertThat(actual).isCloseTo(expected, within(1e-4 * expected + 1e-12));
  }

  @TestFactory
  Stream<DynamicTest> aSlotIsReusedByEncodingFromTheStart() {
    return onEveryDevice(
        device -> {
          Model model = HuggingFace.load(Golden.model("mistral"));
          int[] ids = ids("mistral");
          float[] first = new float[model.config().vocabulary()];
          float[] again = new float[model.config().vocabulary()];
          try (Engine engine = open(device, model, EngineOptions.of(256))) {
            Pages.encode(engine, 0, 0, ids, 0, 50, true);
            engine.logits(0, first);
            fill(engine, 0, ids, 190);
            Pages.encode(engine, 0, 0, ids, 0, 50, true);
            engine.logits(0, again);
            assertThat(Errors.relative(first, again)).isLessThan(1e-5);
          }
        });
  }

  /** K and V taken from one cache and loaded into another slot: it goes on as if encoded there. */
  @TestFactory
  Stream<DynamicTest> aLoadedCacheEqualsAnEncodedOne() {
    return onEveryDevice(
        device -> {
          Model model = HuggingFace.load(Golden.model("qwen2"));
          int[] ids = ids("qwen2");
          int tokens = 75;
          float[] expected = new float[model.config().vocabulary()];
          float[] actual = new float[expected.length];
          EngineOptions options = EngineOptions.of(128).withSequences(2).withEncodeTokens(32);
          try (Engine engine = open(device, model, options)) {
            fill(engine, 0, ids, tokens);
            // What the slot held before must not show through, nor widen a descriptor.
            fill(engine, 1, ids, 90);
            for (int layer = 0; layer < model.config().layers(); layer++) {
              CacheSnapshot cache = engine.snapshot(layer, Pages.of(engine, 0), tokens);
              float[] key = byToken(cache.key(), model.config().attention(), tokens);
              float[] value = byToken(cache.value(), model.config().attention(), tokens);
              int row = key.length / tokens;
              for (int from = 0; from < tokens; from += 32) {
                int count = Math.min(32, tokens - from);
                engine.load(
                    layer,
                    Pages.of(engine, 1),
                    from,
                    count,
                    Arrays.copyOfRange(key, from * row, (from + count) * row),
                    Arrays.copyOfRange(value, from * row, (from + count) * row));
              }
              CacheSnapshot loaded = engine.snapshot(layer, Pages.of(engine, 1), tokens);
              assertThat(loaded.key()).isEqualTo(cache.key());
              assertThat(loaded.value()).isEqualTo(cache.value());
              assertThat(loaded.blockMin()).isEqualTo(cache.blockMin());
              assertThat(loaded.blockMax()).isEqualTo(cache.blockMax());
            }
            StepBatch batch = new StepBatch(1);
            for (int sequence = 0; sequence < 2; sequence++) {
              batch.clear();
              batch.add(
                  Pages.of(engine, sequence),
                  ids[tokens],
                  tokens,
                  new ResaConfig(16, 0.2, 2, 1, 0));
              engine.step(batch);
              engine.logits(0, sequence == 0 ? expected : actual);
            }
            assertThat(Errors.relative(expected, actual)).isLessThan(1e-5);
            float[] row = new float[model.config().attention().kvHeads() * 32];
            assertThatThrownBy(() -> engine.load(2, Pages.of(engine, 0), 0, 1, row, row))
                .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> engine.load(0, Pages.of(engine, 0), 127, 2, row, row))
                .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> engine.load(0, Pages.of(engine, 0), 0, 1, row, new float[1]))
                .isInstanceOf(IllegalArgumentException.class);
          }
        });
  }

  /** {@code [head][token][d]} as {@code [token][head][d]}. */
  private static float[] byToken(float[] byHead, AttentionShape shape, int tokens) {
    float[] turned = new float[byHead.length];
    int width = shape.headDim();
    for (int head = 0; head < shape.kvHeads(); head++) {
      for (int token = 0; token < tokens; token++) {
        System.arraycopy(
            byHead,
            (head * tokens + token) * width,
            turned,
            (token * shape.kvHeads() + head) * width,
            width);
      }
    }
    return turned;
  }

  @TestFactory
  Stream<DynamicTest> aSharedCacheGivesWhatEqualCachesGive() {
    return Stream.of("qwen2", "qwen3")
        .flatMap(
            name ->
                onEveryDevice(device -> checkSharing(device, name))
                    .map(
                        test ->
                            DynamicTest.dynamicTest(
                                test.getDisplayName() + " " + name, test.getExecutable())));
  }

  private void checkSharing(Device device, String name) {
    Model own = SharedCacheModels.agreeing(HuggingFace.load(Golden.model(name)));
    Model shared = SharedCacheModels.sharing(own);
    int[] ids = ids(name);
    float[] expected = new float[own.config().vocabulary()];
    float[] actual = new float[expected.length];
    EngineOptions options = EngineOptions.of(256);
    try (Engine first = open(device, own, options);
        Engine second = open(device, shared, options)) {
      assertThat(second.info().cacheBytes())
          .isEqualTo(first.info().cacheBytes() / own.config().layers());
      StepBatch batch = new StepBatch(1);
      for (Engine engine : List.of(first, second)) {
        float[] logits = engine == first ? expected : actual;
        Pages.encode(engine, 0, 0, ids, 0, 100, false);
        batch.clear();
        batch.add(Pages.of(engine, 0), ids[100], 100, new ResaConfig(16, 0.2, 2, 1, 0));
        engine.step(batch);
        engine.logits(0, logits);
      }
      assertThat(Errors.relative(expected, actual)).as("step").isLessThan(1e-5);
      Pages.encode(first, 0, 101, ids, 101, 20, true);
      first.logits(0, expected);
      Pages.encode(second, 0, 101, ids, 101, 20, true);
      second.logits(0, actual);
      assertThat(Errors.relative(expected, actual)).as("encode").isLessThan(1e-5);
      assertThatThrownBy(() -> second.snapshot(1, Pages.of(second, 0), 10))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @TestFactory
  Stream<DynamicTest> stepsEqualEncodesWithASharedCache() {
    return onEveryDevice(
        device -> {
          Model model = SharedCacheModels.sharing(HuggingFace.load(Golden.model("llama3")));
          int[] ids = ids("llama3");
          int tokens = 70;
          float[] stepped = new float[model.config().vocabulary()];
          float[] encoded = new float[stepped.length];
          EngineOptions options = EngineOptions.of(128).withSequences(2).withEncodeTokens(32);
          try (Engine engine = open(device, model, options)) {
            StepBatch batch = new StepBatch(1);
            for (int position = 0; position < tokens; position++) {
              batch.clear();
              batch.add(Pages.of(engine, 0), ids[position], position, DENSE);
              engine.step(batch);
              engine.logits(0, stepped);
              if (position % 32 == 31 || position == tokens - 1) {
                int from = position / 32 * 32;
                Pages.encode(engine, 1, from, ids, from, position - from + 1, true);
                engine.logits(0, encoded);
                assertThat(Errors.relative(stepped, encoded))
                    .as("position " + position)
                    .isLessThan(1e-5);
              }
            }
            CacheSnapshot expected = engine.snapshot(0, Pages.of(engine, 0), tokens);
            CacheSnapshot actual = engine.snapshot(0, Pages.of(engine, 1), tokens);
            assertThat(Errors.relative(expected.key(), actual.key())).isLessThan(1e-5);
            assertThat(Errors.relative(expected.value(), actual.value())).isLessThan(1e-5);
            assertThat(Errors.relative(expected.blockMax(), actual.blockMax())).isLessThan(1e-5);
          }
        });
  }

  @Test
  void aModelsContextBeyondTheDeviceIsRefusedWithTheNumbersAndTheSetting() {
    Model model = HuggingFace.load(Golden.model("qwen2"));
    EngineOptions options = EngineOptions.of(1 << 26).withSequences(64);
    assertThatThrownBy(() -> open(provider().devices().getFirst(), model, options))
        .hasMessageContaining("GiB")
        .isInstanceOfSatisfying(
            DeviceMemoryException.class,
            e -> assertThat(e.settings()).contains(Setting.CONTEXT_LENGTH));
  }

  @Test
  void tokensOutsideTheVocabularyAreRefused() {
    Model model = HuggingFace.load(Golden.model("qwen2"));
    try (Engine engine = open(provider().devices().getFirst(), model, EngineOptions.of(64))) {
      assertThatThrownBy(() -> Pages.encode(engine, 0, 0, new int[] {512}, 0, 1, true))
          .hasMessageContaining("512");
      assertThatThrownBy(() -> Pages.encode(engine, 0, 0, new int[] {-1}, 0, 1, true))
          .hasMessageContaining("-1");
      StepBatch batch = new StepBatch(1);
      batch.add(Pages.of(engine, 0), 512, 0, DENSE);
      assertThatThrownBy(() -> engine.step(batch))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("512");
    }
  }

  /** Several sequences in one call, each with its own logits, as each of them alone. */
  @TestFactory
  Stream<DynamicTest> encodeTakesSequencesTogether() {
    return onEveryDevice(
        device -> {
          Model model = HuggingFace.load(Golden.model("llama3"));
          int[] ids = ids("llama3");
          int vocabulary = model.config().vocabulary();
          EngineOptions options = EngineOptions.of(256).withSequences(4).withEncodeTokens(64);
          // Where each begins, and how many tokens the call has of it.
          int[] cached = {37, 0, 130, 16};
          int[] counts = {19, 1, 33, 11};
          Logits[] wanted = {Logits.ALL, Logits.LAST, Logits.NONE, Logits.ALL};
          try (Engine engine = open(device, model, options);
              Engine alone = open(device, model, options)) {
            EncodeBatch batch = new EncodeBatch(4, 64);
            for (int i = 0; i < cached.length; i++) {
              fill(engine, i, ids, cached[i]);
              batch.add(Pages.of(engine, i), cached[i], ids, cached[i], counts[i], wanted[i]);
            }
            engine.encode(batch);
            float[] together = new float[vocabulary];
            float[] apart = new float[vocabulary];
            for (int i = 0; i < cached.length; i++) {
              fill(alone, i, ids, cached[i]);
              for (int t = 0; t < counts[i]; t++) {
                int at = cached[i] + t;
                Pages.encode(alone, i, at, ids, at, 1, true);
                int row = batch.firstLogitRow(i) + t - (counts[i] - batch.logitRows(i));
                if (row >= batch.firstLogitRow(i)) {
                  engine.logits(row, together);
                  alone.logits(0, apart);
                  assertThat(Errors.relative(apart, together))
                      .as("sequence %d, token %d", i, t)
                      .isLessThan(TOLERANCE);
                  assertThat(engine.argmax(row)).isEqualTo(argmax(together));
                }
              }
              int last = cached[i] + counts[i];
              for (int layer = 0; layer < model.config().caches(); layer++) {
                CacheSnapshot expected = alone.snapshot(layer, Pages.of(alone, i), last);
                CacheSnapshot actual = engine.snapshot(layer, Pages.of(engine, i), last);
                assertThat(Errors.relative(expected.key(), actual.key())).isLessThan(TOLERANCE);
                assertThat(Errors.relative(expected.value(), actual.value())).isLessThan(TOLERANCE);
                assertThat(Errors.relative(expected.blockMin(), actual.blockMin()))
                    .isLessThan(TOLERANCE);
                assertThat(Errors.relative(expected.blockMax(), actual.blockMax()))
                    .isLessThan(TOLERANCE);
              }
            }
            int rows = batch.firstLogitRow(4);
            assertThat(rows).isEqualTo(19 + 1 + 11);
            assertThatThrownBy(() -> engine.argmax(rows))
                .isInstanceOf(IllegalArgumentException.class);
          }
        });
  }

  private static int argmax(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      best = logits[i] > logits[best] ? i : best;
    }
    return best;
  }

  /** What was cached past a step's or an encode's last token leaves no trace in descriptors. */
  @TestFactory
  Stream<DynamicTest> forgottenTokensLeaveNoTrace() {
    return onEveryDevice(
        device -> {
          Model model = HuggingFace.load(Golden.model("llama3"));
          int[] ids = ids("llama3");
          EngineOptions options = EngineOptions.of(256).withSequences(2).withEncodeTokens(64);
          StepBatch batch = new StepBatch(2);
          try (Engine engine = open(device, model, options)) {
            fill(engine, 0, ids, 64);
            fill(engine, 1, ids, 64);
            // Of other tokens, so that other keys widen the descriptors.
            Pages.encode(engine, 1, 40, ids, 100, 30, false);
            Pages.encode(engine, 1, 40, ids, 40, 3, false);
            for (int position = 43; position < 60; position++) {
              batch.clear();
              batch.add(Pages.of(engine, 0), ids[position], position, DENSE);
              batch.add(Pages.of(engine, 1), ids[position], position, DENSE);
              engine.step(batch);
              for (int layer = 0; layer < model.config().caches(); layer++) {
                CacheSnapshot expected = engine.snapshot(layer, Pages.of(engine, 0), position + 1);
                CacheSnapshot actual = engine.snapshot(layer, Pages.of(engine, 1), position + 1);
                assertThat(Errors.relative(expected.blockMin(), actual.blockMin()))
                    .as("minima after token %d", position)
                    .isLessThan(TOLERANCE);
                assertThat(Errors.relative(expected.blockMax(), actual.blockMax()))
                    .as("maxima after token %d", position)
                    .isLessThan(TOLERANCE);
              }
            }
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> aCopiedPageIsThePage() {
    return onEveryDevice(
        device -> {
          Model model = HuggingFace.load(Golden.model("qwen2"));
          int[] ids = ids("qwen2");
          EngineOptions options =
              EngineOptions.of(128).withSequences(2).withEncodeTokens(64).withBlockSize(4);
          try (Engine engine = open(device, model, options)) {
            fill(engine, 0, ids, 120);
            BlockTable original = Pages.of(engine, 0);
            BlockTable copy = Pages.of(engine, 1);
            for (int i = 0; i < original.size(); i++) {
              engine.copyPage(original.page(i), copy.page(i));
            }
            // The original goes another way meanwhile.
            Pages.encode(engine, 0, 70, ids, 0, 50, false);
            CacheSnapshot expected;
            try (Engine fresh = open(device, model, options)) {
              fill(fresh, 0, ids, 120);
              for (int layer = 0; layer < model.config().caches(); layer++) {
                expected = fresh.snapshot(layer, Pages.of(fresh, 0), 120);
                assertThat(engine.snapshot(layer, copy, 120))
                    .usingRecursiveComparison()
                    .isEqualTo(expected);
              }
            }
            assertThatThrownBy(() -> engine.copyPage(0, engine.info().pages()))
                .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> engine.copyPage(1, 1))
                .isInstanceOf(IllegalArgumentException.class);
          }
        });
  }

  @Test
  void misuseIsRefusedAlikeOnEveryEngine() {
    Model model = HuggingFace.load(Golden.model("qwen2"));
    int[] ids = ids("qwen2");
    Engine engine = open(provider().devices().getFirst(), model, EngineOptions.of(64));
    Pages.encode(engine, 0, 0, ids, 0, 4, true);
    float[] logits = new float[model.config().vocabulary()];
    for (ThrowingCallable call :
        List.<ThrowingCallable>of(
            () -> Pages.encode(engine, 0, 0, ids, ids.length - 1, 2, true),
            () -> Pages.encode(engine, 0, 0, ids, -1, 2, true),
            () -> Pages.encode(engine, 0, 63, ids, 0, 2, true),
            () -> encode(engine, new BlockTable(engine.info().pages()), ids, 2),
            () -> encode(engine, foreign(engine), ids, 2),
            () -> engine.encode(new EncodeBatch(1, 1)),
            () -> engine.argmax(1),
            () -> engine.argmax(-1),
            () -> engine.logits(0, new float[logits.length - 1]),
            () -> engine.snapshot(9, Pages.of(engine, 0), 1),
            () -> engine.load(0, Pages.of(engine, 0), 0, 1, new float[1], new float[1]))) {
      assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class);
    }
    Pages.encode(engine, 0, 4, ids, 4, 1, false);
    assertThatThrownBy(() -> engine.argmax(0)).isInstanceOf(IllegalArgumentException.class);
    engine.close();
    engine.close();
    StepBatch batch = new StepBatch(1);
    batch.add(Pages.of(engine, 0), 1, 0, DENSE);
    for (ThrowingCallable call :
        List.<ThrowingCallable>of(
            () -> Pages.encode(engine, 0, 0, ids, 0, 2, true),
            () -> engine.rectify(Pages.of(engine, 0), 0, ids, 0, 2),
            () -> engine.step(batch),
            () -> engine.argmax(0),
            () -> engine.logits(0, logits),
            () -> engine.snapshot(0, Pages.of(engine, 0), 1),
            () -> engine.load(0, Pages.of(engine, 0), 0, 1, logits, logits))) {
      assertThatThrownBy(call)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
    }
  }

  private static void encode(Engine engine, BlockTable table, int[] ids, int count) {
    engine.encode(EncodeBatch.of(table, 0, ids, 0, count, Logits.LAST));
  }

  /** The table of another cache. */
  private static BlockTable foreign(Engine engine) {
    BlockTable table = new BlockTable(engine.info().pages() + 1);
    table.add(0);
    return table;
  }

  private static int[] ids(String model) {
    return Safetensors.open(Golden.file("models/" + model + "/golden.safetensors"))
        .integers("input_ids");
  }

  private static void fill(Engine engine, int sequence, int[] ids, int count) {
    int chunk = engine.info().options().encodeTokens();
    for (int from = 0; from < count; from += chunk) {
      Pages.encode(engine, sequence, from, ids, from, Math.min(chunk, count - from), false);
    }
  }
}
