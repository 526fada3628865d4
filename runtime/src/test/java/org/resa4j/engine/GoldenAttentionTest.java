package org.resa4j.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;
import org.resa4j.format.Safetensors;
import org.resa4j.model.Tensor;

/**
 * One decoding step of the published kernels, on every device of an engine. An engine's module
 * extends this with its provider.
 */
public abstract class GoldenAttentionTest {

  /** A file of the golden data and its metadata. */
  private record Case(String file, int kvHeads, int group, int width, ResaConfig config) {}

  private static final List<Case> CASES =
      List.of(
          new Case("b32_d128", 2, 4, 128, new ResaConfig(32, 0.15, 2, 1, 0)),
          new Case("g1_d64", 4, 1, 64, new ResaConfig(16, 0.25, 1, 1, 0)),
          new Case("g4_d64", 2, 4, 64, new ResaConfig(16, 0.1, 4, 1, 0)),
          new Case("g7_d128", 1, 7, 128, new ResaConfig(16, 0.1, 16, 1, 0)),
          new Case("local2_d64", 2, 2, 64, new ResaConfig(16, 0.2, 3, 2, 0)));

  protected abstract EngineProvider provider();

  @TestFactory
  Stream<DynamicTest> stepsEqualThePublishedOnes() {
    List<Device> devices = provider().devices();
    assertThat(devices).isNotEmpty();
    return devices.stream()
        .flatMap(
            device ->
                CASES.stream()
                    .map(
                        each ->
                            DynamicTest.dynamicTest(
                                device.id() + " " + each.file, () -> check(device, each))));
  }

  private void check(Device device, Case each) {
    Safetensors golden = Safetensors.open(Golden.file("attention/" + each.file + ".safetensors"));
    int[] lengths = golden.integers("lengths");
    Tensor keys = golden.tensor("key");
    int capacity = Math.toIntExact(keys.shape()[1]);
    AttentionShape shape = new AttentionShape(each.kvHeads * each.group, each.kvHeads, each.width);
    EngineOptions options =
        EngineOptions.of(capacity)
            .withDevice(device.id())
            .withKvType(KvType.F32)
            .withBlockSize(each.config.blockSize())
            .withSequences(lengths.length);
    int keyRow = each.kvHeads * each.width;
    int queryRow = shape.heads() * each.width;
    float[] key = keys.toFloats();
    float[] value = golden.tensor("value").toFloats();
    float[] lastKey = new float[lengths.length * keyRow];
    float[] lastValue = new float[lengths.length * keyRow];
    float[] query = golden.tensor("query").toFloats();
    float[] output = new float[query.length];
    try (AttentionLayer layer = provider().openAttention(shape, options)) {
      StepBatch batch = new StepBatch(lengths.length);
      StepBatch dense = new StepBatch(lengths.length);
      for (int b = 0; b < lengths.length; b++) {
        int last = lengths[b] - 1;
        int base = b * capacity * keyRow;
        for (int from = 0; from < last; from += options.encodeTokens()) {
          int n = Math.min(options.encodeTokens(), last - from);
          layer.encode(
              Pages.of(layer, b),
              from,
              n,
              new float[n * queryRow],
              Arrays.copyOfRange(key, base + from * keyRow, base + (from + n) * keyRow),
              Arrays.copyOfRange(value, base + from * keyRow, base + (from + n) * keyRow),
              new float[n * queryRow]);
        }
        System.arraycopy(key, base + last * keyRow, lastKey, b * keyRow, keyRow);
        System.arraycopy(value, base + last * keyRow, lastValue, b * keyRow, keyRow);
        batch.add(Pages.of(layer, b), 0, last, each.config);
        dense.add(Pages.of(layer, b), 0, last, ResaConfig.dense(each.config.blockSize()));
      }
      layer.step(batch, query, lastKey, lastValue, output);
      assertThat(Errors.relative(golden.tensor("out_sparse_exact").toFloats(), output))
          .as("sparse output")
          .isLessThan(1e-5);
      checkSelected(layer, golden.integers("selected"), each, lengths);
      checkDescriptors(layer, golden, each, lengths, capacity);
      layer.step(dense, query, lastKey, lastValue, output);
      assertThat(Errors.relative(golden.tensor("out_dense_exact").toFloats(), output))
          .as("dense output")
          .isLessThan(1e-5);
    }
  }

  private static void checkSelected(
      AttentionLayer layer, int[] selected, Case each, int[] lengths) {
    int most = selected.length / lengths.length / each.kvHeads;
    for (int b = 0; b < lengths.length; b++) {
      for (int head = 0; head < each.kvHeads; head++) {
        int from = (b * each.kvHeads + head) * most;
        int[] expected =
            Arrays.stream(selected, from, from + most).filter(block -> block >= 0).toArray();
        assertThat(layer.selected(b, head)).as("row %d head %d", b, head).isEqualTo(expected);
      }
    }
  }

  private static void checkDescriptors(
      AttentionLayer layer, Safetensors golden, Case each, int[] lengths, int capacity) {
    float[] min = golden.tensor("block_min").toFloats();
    float[] max = golden.tensor("block_max").toFloats();
    int blockCapacity = capacity / each.config.blockSize();
    for (int b = 0; b < lengths.length; b++) {
      CacheSnapshot snapshot = layer.snapshot(Pages.of(layer, b), lengths[b]);
      int blocks = each.config.blocks(lengths[b]);
      for (int head = 0; head < each.kvHeads; head++) {
        for (int i = 0; i < blocks * each.width; i++) {
          int block = i / each.width;
          int there =
              ((b * blockCapacity + block) * each.kvHeads + head) * each.width + i % each.width;
          int here = head * blocks * each.width + i;
          assertThat(snapshot.blockMin()[here]).isEqualTo(min[there]);
          assertThat(snapshot.blockMax()[here]).isEqualTo(max[there]);
        }
      }
    }
  }
}
