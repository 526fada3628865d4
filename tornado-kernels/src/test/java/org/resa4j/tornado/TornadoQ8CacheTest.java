package org.resa4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.resa4j.GenerationOptions;
import org.resa4j.GenerationRequest;
import org.resa4j.Prompt;
import org.resa4j.Resa;
import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.AttentionLayer;
import org.resa4j.engine.CachePlan;
import org.resa4j.engine.CacheSnapshot;
import org.resa4j.engine.Device;
import org.resa4j.engine.Drift;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.Errors;
import org.resa4j.engine.Golden;
import org.resa4j.engine.KvStorage;
import org.resa4j.engine.KvType;
import org.resa4j.engine.Pages;
import org.resa4j.engine.Sheet;
import org.resa4j.engine.StepBatch;
import org.resa4j.engine.WorksheetContractTest;
import org.resa4j.engine.jvm.JvmEngineProvider;
import org.resa4j.format.HuggingFace;
import org.resa4j.format.Safetensors;
import org.resa4j.generate.Sampling;
import org.resa4j.model.Model;
import org.resa4j.reference.ReferenceAttention;
import org.resa4j.reference.Vectors;
import org.resa4j.tornado.group.GroupFamily;
import org.resa4j.tornado.kernel.KernelFamily;
import org.resa4j.tornado.loop.LoopFamily;

/**
 * A KV cache in eight bits on devices: what it holds is the JVM engine's, bit for bit, and
 * attention is exact over that.
 */
class TornadoQ8CacheTest {
  private static final long SEED = 21;
  private static final double TOLERANCE = 1e-5;

  private static final List<KernelFamily> FAMILIES = List.of(new LoopFamily(), new GroupFamily());

  /** Lengths that are no whole blocks, chunks that are none either. */
  private record Case(
      int heads, int kvHeads, int width, int blockSize, int pageBlocks, int tokens, int chunk) {
    AttentionShape shape() {
      return new AttentionShape(heads, kvHeads, width);
    }

    EngineOptions options() {
      return EngineOptions.of(tokens + 8)
          .withKvType(KvType.Q8)
          .withBlockSize(blockSize)
          .withPageBlocks(pageBlocks)
          .withSequences(2)
          .withEncodeTokens(chunk);
    }
  }

  private static Stream<DynamicTest> onEveryDevice(BiConsumer<Device, KernelFamily> test) {
    List<Device> devices = new TornadoEngineProvider().devices();
    assertThat(devices).isNotEmpty();
    return devices.stream()
        .flatMap(
            device ->
                FAMILIES.stream()
                    .filter(family -> family.runsOn(device))
                    .map(
                        family ->
                            DynamicTest.dynamicTest(
                                device.id() + " " + family.name(),
                                () -> test.accept(device, family))));
  }

  /** Queries, keys and values of a sequence. */
  private static final class Tokens {
    final AttentionShape shape;
    final float[] query;
    final float[] key;
    final float[] value;

    Tokens(AttentionShape shape, int count, long seed) {
      this.shape = shape;
      Random random = new Random(seed);
      query = new float[count * shape.heads() * shape.headDim()];
      for (int i = 0; i < query.length; i++) {
        query[i] = (float) random.nextGaussian();
      }
      key = gaussian(random, count);
      value = gaussian(random, count);
    }

    private float[] gaussian(Random random, int count) {
      float[] x = new float[count * shape.kvHeads() * shape.headDim()];
      for (int i = 0; i < x.length; i++) {
        x[i] = (float) random.nextGaussian();
      }
      return x;
    }

    /**
     * Groups of all sizes to what fp16 holds, and of less than it does; and halves of whole
     * numbers.
     */
    void makeAwkward(Random random) {
      for (float[] x : List.of(key, value)) {
        for (int from = 0; from < x.length; from += 32) {
          int kind = random.nextInt(8);
          float size = (float) Math.scalb(1 + random.nextDouble(), random.nextInt(42) - 26);
          for (int i = from; i < from + 32; i++) {
            x[i] =
                switch (kind) {
                  case 0 -> 0;
                  case 1 -> -x[i] * 1e-30f;
                  case 2 -> i == from ? -127 : random.nextInt(254) / 2f - 63.5f;
                  case 3 -> (i == from ? 127 : random.nextInt(254) / 2f - 63.5f) * 0x1p-22f;
                  default -> (random.nextFloat() - 0.5f) * size;
                };
          }
        }
      }
    }

    float[] queries(int from, int count) {
      int row = shape.heads() * shape.headDim();
      return Arrays.copyOfRange(query, from * row, (from + count) * row);
    }

    float[] keys(int from, int count) {
      return rows(key, from, count);
    }

    float[] values(int from, int count) {
      return rows(value, from, count);
    }

    private float[] rows(float[] x, int from, int count) {
      int row = shape.kvHeads() * shape.headDim();
      return Arrays.copyOfRange(x, from * row, (from + count) * row);
    }

    double[] query(int token, int head) {
      int at = (token * shape.heads() + head) * shape.headDim();
      return IntStream.range(0, shape.headDim()).mapToDouble(j -> query[at + j]).toArray();
    }
  }

  private static float[] encode(AttentionLayer layer, int sequence, Tokens tokens, int end) {
    int row = tokens.shape.heads() * tokens.shape.headDim();
    float[] output = new float[end * row];
    int chunk = layer.info().options().encodeTokens();
    for (int from = 0; from < end; from += chunk) {
      int count = Math.min(chunk, end - from);
      float[] part = new float[count * row];
      encode(layer, sequence, tokens, from, count, part);
      System.arraycopy(part, 0, output, from * row, part.length);
    }
    return output;
  }

  private static void encode(
      AttentionLayer layer, int sequence, Tokens tokens, int from, int count, float[] output) {
    layer.encode(
        Pages.of(layer, sequence),
        from,
        count,
        tokens.queries(from, count),
        tokens.keys(from, count),
        tokens.values(from, count),
        output);
  }

  /** Both sequences' tokens at positions of their own. */
  private static float[] step(
      AttentionLayer layer, Tokens[] tokens, int[] positions, ResaConfig config) {
    AttentionShape shape = layer.shape();
    StepBatch batch = new StepBatch(2);
    int queryRow = shape.heads() * shape.headDim();
    int keyRow = shape.kvHeads() * shape.headDim();
    float[] query = new float[2 * queryRow];
    float[] key = new float[2 * keyRow];
    float[] value = new float[2 * keyRow];
    for (int row = 0; row < 2; row++) {
      batch.add(Pages.of(layer, row), 0, positions[row], config);
      System.arraycopy(tokens[row].queries(positions[row], 1), 0, query, row * queryRow, queryRow);
      System.arraycopy(tokens[row].keys(positions[row], 1), 0, key, row * keyRow, keyRow);
      System.arraycopy(tokens[row].values(positions[row], 1), 0, value, row * keyRow, keyRow);
    }
    float[] output = new float[2 * queryRow];
    layer.step(batch, query, key, value, output);
    return output;
  }

  /** Equal numbers, of either sign where they are 0. */
  private static void equal(float[] expected, float[] actual, String what) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      if (!(actual[i] == expected[i])) {
        assertThat(actual[i]).as(what + " " + i).isEqualTo(expected[i]);
      }
    }
  }

  private static void equal(CacheSnapshot expected, CacheSnapshot actual) {
    equal(expected.key(), actual.key(), "key");
    equal(expected.value(), actual.value(), "value");
    equal(expected.blockMin(), actual.blockMin(), "minimum");
    equal(expected.blockMax(), actual.blockMax(), "maximum");
  }

  /** A KV head's rows of a snapshot. */
  private static Vectors rows(float[] from, int kvHead, int tokens, int width) {
    double[][] rows = new double[tokens][width];
    for (int t = 0; t < tokens; t++) {
      for (int j = 0; j < width; j++) {
        rows[t][j] = from[(kvHead * tokens + t) * width + j];
      }
    }
    return Vectors.of(rows);
  }

  /** Few of them: a driver compiles the kernels anew for each. */
  private static List<Case> cases(KernelFamily family) {
    return family instanceof LoopFamily
        ? List.of(new Case(4, 2, 64, 16, 4, 203, 67), new Case(3, 3, 32, 5, 3, 34, 33))
        : List.of(new Case(7, 1, 128, 16, 1, 333, 200));
  }

  @TestFactory
  Stream<DynamicTest> theCacheIsTheJvmsAndAttentionThatOfTheCache() {
    return onEveryDevice(
        (device, family) -> cases(family).forEach(each -> check(device, family, each)));
  }

  private static void check(Device device, KernelFamily family, Case each) {
    AttentionShape shape = each.shape();
    int last = each.tokens - 1;
    int[] positions = {last, last / 2};
    ResaConfig sparse = new ResaConfig(each.blockSize, 0.2, 2, 1, 0);
    ResaConfig dense = ResaConfig.dense(each.blockSize);
    Tokens[] tokens = {
      new Tokens(shape, each.tokens + 1, SEED), new Tokens(shape, each.tokens + 1, SEED + 1)
    };
    Tokens right = new Tokens(shape, each.tokens + 1, SEED + 2);
    TornadoEngineProvider provider = new TornadoEngineProvider(any -> family);
    EngineOptions options = each.options();
    try (AttentionLayer layer = provider.openAttention(shape, options.withDevice(device.id()));
        AttentionLayer jvm = new JvmEngineProvider().openAttention(shape, options)) {
      float[] encoded = encode(layer, 0, tokens[0], last);
      encode(jvm, 0, tokens[0], last);
      encode(layer, 1, tokens[1], positions[1]);
      encode(jvm, 1, tokens[1], positions[1]);
      for (ResaConfig config : List.of(sparse, dense)) {
        float[] output = step(layer, tokens, positions, config);
        step(jvm, tokens, positions, config);
        for (int row = 0; row < 2; row++) {
          int count = positions[row] + 1;
          CacheSnapshot snapshot = layer.snapshot(Pages.of(layer, row), count);
          equal(jvm.snapshot(Pages.of(jvm, row), count), snapshot);
          checkRow(each, layer, jvm, tokens[row], row, snapshot, config, output);
          positions[row]++;
        }
      }
      CacheSnapshot snapshot = layer.snapshot(Pages.of(layer, 0), last);
      for (int t : new int[] {0, last / 2, last - 1}) {
        for (int head = 0; head < shape.heads(); head++) {
          int kvHead = head / shape.group();
          double[] expected =
              ReferenceAttention.attend(
                  tokens[0].query(t, head),
                  rows(snapshot.key(), kvHead, last, each.width),
                  rows(snapshot.value(), kvHead, last, each.width),
                  ReferenceAttention.allTokens(t + 1));
          assertThat(Errors.relative(expected, encoded, (t * shape.heads() + head) * each.width))
              .as("%s, token %d", each, t)
              .isLessThan(TOLERANCE);
        }
      }
      // Rectified: other keys and values over the last ones, from within a block.
      int count = Math.min(each.chunk, 21);
      int from = positions[0] - count;
      float[] ignored = new float[count * shape.heads() * each.width];
      encode(layer, 0, right, from, count, ignored);
      encode(jvm, 0, right, from, count, ignored.clone());
      equal(
          jvm.snapshot(Pages.of(jvm, 0), positions[0]),
          layer.snapshot(Pages.of(layer, 0), positions[0]));
      equal(
          jvm.snapshot(Pages.of(jvm, 1), positions[1]),
          layer.snapshot(Pages.of(layer, 1), positions[1]));
      checkRounding(each, layer, jvm);
      checkNoNumbers(each, layer);
      checkMemory(each, device, layer);
    }
  }

  private static void checkRow(
      Case each,
      AttentionLayer layer,
      AttentionLayer jvm,
      Tokens tokens,
      int row,
      CacheSnapshot snapshot,
      ResaConfig config,
      float[] output) {
    AttentionShape shape = each.shape();
    int count = snapshot.key().length / shape.kvHeads() / each.width;
    for (int kvHead = 0; kvHead < shape.kvHeads(); kvHead++) {
      int[] selected = layer.selected(row, kvHead);
      assertThat(selected).as("%s", each).isEqualTo(jvm.selected(row, kvHead));
      int[] seen =
          config.isDense()
              ? ReferenceAttention.allTokens(count)
              : ReferenceAttention.tokens(selected, count, each.blockSize);
      for (int g = 0; g < shape.group(); g++) {
        int head = kvHead * shape.group() + g;
        double[] expected =
            ReferenceAttention.attend(
                tokens.query(count - 1, head),
                rows(snapshot.key(), kvHead, count, each.width),
                rows(snapshot.value(), kvHead, count, each.width),
                seen);
        assertThat(Errors.relative(expected, output, (row * shape.heads() + head) * each.width))
            .as("%s, row %d, head %d, %s", each, row, head, config)
            .isLessThan(TOLERANCE);
      }
    }
  }

  /** By the arithmetic of the device's compiler. */
  private static void checkRounding(Case each, AttentionLayer layer, AttentionLayer jvm) {
    Random random = new Random(SEED);
    for (int round = 0; round < 4; round++) {
      Tokens tokens = new Tokens(each.shape(), each.tokens, SEED + round);
      tokens.makeAwkward(random);
      for (AttentionLayer to : List.of(layer, jvm)) {
        for (int from = 0; from < each.tokens; from += each.chunk) {
          int count = Math.min(each.chunk, each.tokens - from);
          float[] key = tokens.keys(from, count);
          float[] value = tokens.values(from, count);
          to.load(Pages.of(to, 0), from, count, key, value);
        }
      }
      equal(
          jvm.snapshot(Pages.of(jvm, 0), each.tokens),
          layer.snapshot(Pages.of(layer, 0), each.tokens));
    }
  }

  /** What is no number is not rounded to one: it would hide a model's fault. */
  private static void checkNoNumbers(Case each, AttentionLayer layer) {
    for (float wrong : new float[] {Float.NaN, Float.NEGATIVE_INFINITY, 1e20f}) {
      Tokens tokens = new Tokens(each.shape(), 1, SEED);
      tokens.value[7] = wrong;
      layer.load(Pages.of(layer, 0), 0, 1, tokens.key, tokens.value);
      float[] value = layer.snapshot(Pages.of(layer, 0), 1).value();
      assertThat(Float.isFinite(value[7])).as("%s became %s", wrong, value[7]).isFalse();
      assertThat(Float.isFinite(value[0])).as("of one group").isFalse();
      assertThat(Float.isFinite(value[each.width - 1]))
          .as("of another group")
          .isEqualTo(each.width > 32);
    }
  }

  /** The memory that is planned, so that {@code --cache-memory} holds. */
  private static void checkMemory(Case each, Device device, AttentionLayer layer) {
    boolean half = device.fp16() && !layer.info().kernels().equals("loop");
    KvStorage storage = new KvStorage(32, 36, half ? 2 : 4);
    CachePlan plan = CachePlan.of(each.shape(), KvType.Q8, storage, 1, each.options());
    assertThat(layer.info().pages()).isEqualTo(plan.pages());
    assertThat(layer.info().cacheBytes()).isEqualTo(plan.bytes());
    EngineOptions wide = each.options().withDevice(device.id()).withKvType(KvType.F32);
    CachePlan wider = CachePlan.of(each.shape(), KvType.F32, 1, wide);
    assertThat((double) plan.bytes() / wider.bytes()).isBetween(0.28, 0.42);
  }

  /** Logits as the JVM engine's, to what half precision costs: of a few numbers the last bit. */
  @TestFactory
  Stream<DynamicTest> logitsAreTheJvms() {
    Model model = HuggingFace.load(Golden.model("qwen3"));
    int[] ids =
        Safetensors.open(Golden.file("models/qwen3/golden.safetensors")).integers("input_ids");
    EngineOptions options =
        EngineOptions.of(256).withSequences(2).withEncodeTokens(64).withKvType(KvType.Q8);
    ResaConfig sparse = new ResaConfig(16, 0.2, 2, 1, 0);
    float[] expected = new float[model.config().vocabulary()];
    float[] actual = new float[expected.length];
    return onEveryDevice(
        (device, family) -> {
          assumeTrue(
              family instanceof LoopFamily || Integer.getInteger("resa.test.rounds", 1) > 1,
              "takes long to compile: -Dresa.test.rounds=2");
          TornadoEngineProvider provider = new TornadoEngineProvider(any -> family);
          try (Engine jvm = new JvmEngineProvider().open(model, options);
              Engine engine = provider.open(model, options.withDevice(device.id()))) {
            for (Engine each : List.of(jvm, engine)) {
              Pages.encode(each, 1, 0, ids, 0, 64, false);
              Pages.encode(each, 1, 64, ids, 64, 59, true);
              each.logits(0, each == jvm ? expected : actual);
            }
            assertThat(Errors.relative(expected, actual)).as("encode").isLessThan(2e-3);
            for (int position = 123; position < 140; position++) {
              for (Engine each : List.of(jvm, engine)) {
                StepBatch batch = new StepBatch(1);
                ResaConfig config = position % 3 == 0 ? ResaConfig.dense(16) : sparse;
                batch.add(Pages.of(each, 1), ids[position], position, config);
                each.step(batch);
                each.logits(0, each == jvm ? expected : actual);
              }
              assertThat(Errors.relative(expected, actual))
                  .as("step at %d", position)
                  .isLessThan(2e-3);
            }
            Drift drift = engine.rectify(Pages.of(engine, 1), 123, ids, 123, 17);
            assertThat(drift.relative()).isBetween(1e-3, 1.0);
            double again = engine.rectify(Pages.of(engine, 1), 123, ids, 123, 17).relative();
            assertThat(again).as("rectified twice").isBetween(1e-4, 1e-2);
          }
        });
  }

  /** Greedy, sparse and rectified; and either engine goes on from the other's saved cache. */
  @Test
  void aTextIsTheJvmsAndSavedCachesAreExchanged(@TempDir Path folder) {
    Sheet sheet = Sheet.of(20, 3);
    GenerationOptions options =
        new GenerationOptions(120, new ResaConfig(16, 0.3, 4, 1, 32), Sampling.GREEDY);
    String device = new TornadoEngineProvider().devices().getFirst().id();
    try (Resa on = builder().engine("tornado").device(device).build();
        Resa jvm = builder().engine("jvm").build()) {
      assertThat(on.info().engine().kvType()).isEqualTo(KvType.Q8);
      int[] prompt = on.tokenizer().encode(sheet.prompt(), true);
      int[] text = generate(on, prompt, options);
      assertThat(text).isEqualTo(generate(jvm, prompt, options)).hasSizeGreaterThan(100);
      int[] all = IntStream.concat(IntStream.of(prompt), IntStream.of(text)).toArray();
      assertThat(sheet.text()).startsWith(on.tokenizer().decode(text, 0, 20, false).strip());
      for (Resa from : List.of(on, jvm)) {
        Path file = folder.resolve("text" + (from == on));
        // What has been rectified.
        int saved = from.saveCache(file, all);
        assertThat(saved).isEqualTo(prompt.length + text.length / 32 * 32);
        Resa to = from == on ? jvm : on;
        assertThat(to.restoreCache(file)).containsExactly(Arrays.copyOf(all, saved));
      }
      assertThat(generate(on, all, options)).isEqualTo(generate(jvm, all, options));
    }
  }

  private static Resa.Builder builder() {
    return Resa.builder(WorksheetContractTest.worksheetModel())
        .kvType(KvType.Q8)
        .contextLength(1024);
  }

  private static int[] generate(Resa resa, int[] prompt, GenerationOptions options) {
    GenerationRequest request = new GenerationRequest(Prompt.tokens(prompt), options);
    return resa.submit(request).join().tokenIds();
  }
}
