package org.resa4j.engine.jvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.AttentionLayer;
import org.resa4j.engine.CachePlan;
import org.resa4j.engine.CacheSnapshot;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.Errors;
import org.resa4j.engine.Golden;
import org.resa4j.engine.KvType;
import org.resa4j.engine.Pages;
import org.resa4j.engine.StepBatch;
import org.resa4j.error.InputException;
import org.resa4j.error.Setting;
import org.resa4j.format.HuggingFace;
import org.resa4j.format.Safetensors;
import org.resa4j.model.DType;
import org.resa4j.model.Model;
import org.resa4j.model.Quantiser;
import org.resa4j.model.Tensor;
import org.resa4j.reference.ReferenceAttention;
import org.resa4j.reference.Vectors;

/** A KV cache in eight bits: exact attention over what was rounded once, and half the memory. */
class JvmQ8CacheTest {
  private static final long SEED = 20;

  private static float[] gaussian(Random random, int size) {
    float[] x = new float[size];
    for (int i = 0; i < size; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }

  private static float[] rounded(float[] x) {
    byte[] bytes = new byte[Math.toIntExact(DType.Q8_0.bytes(x.length))];
    MemorySegment blocks = MemorySegment.ofArray(bytes);
    Quantiser.of(DType.Q8_0).write(x, 0, x.length, blocks, 0);
    return new Tensor("x", DType.Q8_0, new long[] {x.length}, blocks).toFloats();
  }

  /** One head's rows of {@code [token][head][d]}, in double precision. */
  private static double[][] rows(float[] from, int heads, int head, int width) {
    double[][] rows = new double[from.length / heads / width][width];
    for (int t = 0; t < rows.length; t++) {
      for (int j = 0; j < width; j++) {
        rows[t][j] = from[(t * heads + head) * width + j];
      }
    }
    return rows;
  }

  @ParameterizedTest
  @CsvSource({"4, 2, 64, 203", "7, 1, 128, 645", "3, 3, 32, 33", "5, 1, 96, 17"})
  void attentionIsThatOfTheRoundedCache(int heads, int kvHeads, int width, int count) {
    AttentionShape shape = new AttentionShape(heads, kvHeads, width);
    ResaConfig config = new ResaConfig(16, 0.2, 2, 1, 0);
    Random random = new Random(SEED);
    float[] query = gaussian(random, count * heads * width);
    float[] key = gaussian(random, count * kvHeads * width);
    float[] value = gaussian(random, key.length);
    float[] cachedKey = rounded(key);
    float[] cachedValue = rounded(value);
    int last = count - 1;
    int queryRow = heads * width;
    int keyRow = kvHeads * width;
    EngineOptions options =
        EngineOptions.of(count).withKvType(KvType.Q8).withEncodeTokens(count).withBlockSize(16);
    try (AttentionLayer layer = new JvmEngineProvider().openAttention(shape, options)) {
      float[] encoded = new float[last * queryRow];
      layer.encode(
          Pages.of(layer, 0),
          0,
          last,
          Arrays.copyOf(query, encoded.length),
          Arrays.copyOf(key, last * keyRow),
          Arrays.copyOf(value, last * keyRow),
          encoded);
      StepBatch batch = new StepBatch(1);
      batch.add(Pages.of(layer, 0), 0, last, config);
      float[] stepped = new float[queryRow];
      layer.step(
          batch,
          Arrays.copyOfRange(query, last * queryRow, count * queryRow),
          Arrays.copyOfRange(key, last * keyRow, count * keyRow),
          Arrays.copyOfRange(value, last * keyRow, count * keyRow),
          stepped);
      CacheSnapshot snapshot = layer.snapshot(Pages.of(layer, 0), count);
      for (int kvHead = 0; kvHead < kvHeads; kvHead++) {
        double[][] keyRows = rows(cachedKey, kvHeads, kvHead, width);
        for (int t = 0; t < count; t++) {
          for (int j = 0; j < width; j++) {
            assertThat((double) snapshot.key()[(kvHead * count + t) * width + j])
                .isEqualTo(keyRows[t][j]);
          }
        }
        Vectors keys = Vectors.of(keyRows);
        Vectors values = Vectors.of(rows(cachedValue, kvHeads, kvHead, width));
        double[][] group = new double[shape.group()][];
        for (int g = 0; g < shape.group(); g++) {
          group[g] = rows(query, heads, kvHead * shape.group() + g, width)[last];
        }
        double[] scores =
            ReferenceAttention.estimate(ReferenceAttention.meanQuery(group), keys, count, 16);
        int[] selected = ReferenceAttention.select(scores, config, count);
        assertThat(layer.selected(0, kvHead)).isEqualTo(selected);
        for (int g = 0; g < shape.group(); g++) {
          int head = kvHead * shape.group() + g;
          double[] expected =
              ReferenceAttention.attend(
                  group[g], keys, values, ReferenceAttention.tokens(selected, count, 16));
          assertThat(Errors.relative(expected, stepped, head * width)).isLessThan(1e-5);
          double[][] queries = rows(query, heads, head, width);
          for (int t : new int[] {0, last / 2, last - 1}) {
            expected =
                ReferenceAttention.attend(
                    queries[t], keys, values, ReferenceAttention.allTokens(t + 1));
            assertThat(Errors.relative(expected, encoded, t * queryRow + head * width))
                .isLessThan(1e-5);
          }
        }
      }
    }
  }

  @Test
  void theCacheTakesLittleMoreThanHalfOfHalfPrecision() {
    AttentionShape shape = new AttentionShape(28, 4, 128);
    EngineOptions options = EngineOptions.of(32768);
    long half = CachePlan.of(shape, KvType.F16, 28, options).bytes();
    long eight = CachePlan.of(shape, KvType.Q8, 28, options).bytes();
    // 34/64 of K and V, and descriptors as they were: a sixteenth of each.
    assertThat((double) eight / half).isEqualTo((34.0 / 64 + 1.0 / 16) / (17.0 / 16));
  }

  @Test
  void headsOfNoWholeGroupsAreRefused() {
    EngineOptions options = EngineOptions.of(64).withKvType(KvType.Q8);
    assertThatThrownBy(
            () -> new JvmEngineProvider().openAttention(new AttentionShape(2, 2, 80), options))
        .isInstanceOfSatisfying(
            InputException.class, e -> assertThat(e.settings()).contains(Setting.KV_TYPE))
        .hasMessageContaining("q8")
        .hasMessageContaining("80");
  }

  @Test
  void logitsCostTheRoundingOnly() {
    Model model = HuggingFace.load(Golden.model("qwen3"));
    Safetensors golden = Safetensors.open(Golden.file("models/qwen3/golden.safetensors"));
    int[] ids = golden.integers("input_ids");
    int count = 60;
    int vocabulary = model.config().vocabulary();
    float[] logits = new float[vocabulary];
    EngineOptions options = EngineOptions.of(64).withKvType(KvType.Q8);
    try (Engine engine = new JvmEngineProvider().open(model, options)) {
      Pages.encode(engine, 0, 0, ids, 0, count, true);
      engine.logits(0, logits);
      float[] all = golden.tensor("logits").toFloats();
      float[] expected = Arrays.copyOfRange(all, (count - 1) * vocabulary, count * vocabulary);
      assertThat(Errors.relative(expected, logits)).isBetween(1e-5, 2e-2);
    }
  }
}
