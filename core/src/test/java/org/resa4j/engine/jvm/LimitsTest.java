package org.resa4j.engine.jvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.resa4j.attention.AttentionShape;
import org.resa4j.engine.AttentionLayer;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.Limits;
import org.resa4j.engine.StepBatch;
import org.resa4j.error.DeviceMemoryException;
import org.resa4j.error.Setting;
import org.resa4j.model.ModelConfig;
import org.resa4j.model.Rope;

/** Sizes that no array, machine or int holds. */
class LimitsTest {
  private static final int MOST = Integer.MAX_VALUE;
  private static final Rope ROPE = new Rope(new float[32]);

  private static EngineOptions options(
      int sequences, int contextLength, int blockSize, int encodeTokens) {
    return EngineOptions.of(contextLength)
        .withSequences(sequences)
        .withBlockSize(blockSize)
        .withEncodeTokens(encodeTokens)
        .withThreads(3);
  }

  private static Set<Thread> workers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("resa-worker"))
        .collect(Collectors.toSet());
  }

  @ParameterizedTest
  @CsvSource({
    "2147483647, 64, 16, 1, SEQUENCES",
    "1, 2147483647, 16, 1, CONTEXT_LENGTH",
    "1, 64, 2147483647, 1, BLOCK_SIZE",
    "1, 64, 16, 2147483647, ENCODE_TOKENS",
    "2147483647, 2147483647, 1, 2147483647, CONTEXT_LENGTH",
    "65536, 65536, 1, 1, CONTEXT_LENGTH"
  })
  void whatNoMachineHoldsIsRefusedBeforeAThreadIsStarted(
      int sequences, int contextLength, int blockSize, int encodeTokens, Setting setting) {
    Set<Thread> before = workers();
    AttentionShape shape = new AttentionShape(4, 2, 64);
    EngineOptions options = options(sequences, contextLength, blockSize, encodeTokens);
    assertThatThrownBy(() -> new JvmEngineProvider().openAttention(shape, options))
        .isInstanceOfSatisfying(
            DeviceMemoryException.class,
            e -> {
              assertThat(e.settings()).contains(setting);
              assertThat(e.neededBytes()).isGreaterThan(e.availableBytes());
            });
    assertThat(workers()).isEqualTo(before);
  }

  @Test
  void closingAnEngineLeavesNoThread() {
    Set<Thread> before = workers();
    AttentionShape shape = new AttentionShape(4, 2, 64);
    try (AttentionLayer layer =
        new JvmEngineProvider().openAttention(shape, options(1, 64, 16, 8))) {
      assertThat(workers()).hasSize(before.size() + 2);
      assertThat(layer.shape()).isEqualTo(shape);
    }
    assertThat(workers()).isEqualTo(before);
  }

  @Test
  void sizesThatAnArrayHoldsPass() {
    AttentionShape shape = new AttentionShape(1, 1, 1);
    Limits.sizes(shape, options(1, MOST, 1, MOST));
    Limits.sizes(shape, options(MOST, 1, 1, 1));
    Limits.sizes(shape, options(1, 16, MOST, 1));
    assertThatThrownBy(() -> Limits.sizes(shape, options(1, MOST, 2, 1)))
        .hasMessageContaining("1073741824 x 2 values")
        .isInstanceOf(DeviceMemoryException.class);
  }

  @Test
  void aModelsActivationsAndLogitsCount() {
    AttentionShape shape = new AttentionShape(2, 1, 64);
    ModelConfig config = config(shape, 4096, 1 << 16);
    Limits.sizes(config, options(32767, 16, 16, 1));
    assertThatThrownBy(() -> Limits.sizes(config, options(32768, 16, 16, 1)))
        .hasMessageContaining("logits: 32768 x 65536 values")
        .isInstanceOfSatisfying(
            DeviceMemoryException.class,
            e -> assertThat(e.settings()).containsExactly(Setting.SEQUENCES));
    assertThatThrownBy(() -> Limits.sizes(config, options(1, 16, 16, 1 << 19)))
        .hasMessageContaining("activations: 524288 x 4096 values")
        .isInstanceOfSatisfying(
            DeviceMemoryException.class,
            e -> assertThat(e.settings()).containsExactly(Setting.ENCODE_TOKENS));
  }

  private static ModelConfig config(AttentionShape shape, int hidden, int vocabulary) {
    return new ModelConfig(
        "test", 1, hidden, shape, 64, vocabulary, 1e-6f, ROPE, 64, true, false, Set.of());
  }

  @Test
  void headsAndTheirDimensionAreCountedInLong() {
    assertThatThrownBy(() -> new AttentionShape(268435460, 268435460, 16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("268435460 times 16");
    assertThat(new AttentionShape(MOST, 1, 1).group()).isEqualTo(MOST);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 4097, 100_000, MOST})
  void threadsAreAsManyAsAMachineMayHave(int threads) {
    assertThatThrownBy(() -> EngineOptions.of(64).withThreads(threads))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("threads must be from 1 to 4096, or 0 for every core, was " + threads);
  }

  @Test
  void aBatchOfFewerThanNoRowsIsRefused() {
    assertThatThrownBy(() -> new StepBatch(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("capacity must not be negative, was -1");
  }

  @Test
  void arraysAreMeasuredInLong() {
    AttentionShape shape = new AttentionShape(1 << 16, 1 << 16, 1 << 14);
    float[] none = {};
    assertThatThrownBy(() -> Limits.arrays(shape, 4, none, none, none, none))
        .hasMessageContaining("the call needs 4294967296");
  }
}
