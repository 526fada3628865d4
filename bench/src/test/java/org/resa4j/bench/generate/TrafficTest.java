package org.resa4j.bench.generate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.resa4j.attention.DraftLength;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.Golden;
import org.resa4j.engine.KvType;
import org.resa4j.engine.jvm.JvmEngineProvider;
import org.resa4j.format.HuggingFace;
import org.resa4j.model.Model;

class TrafficTest {
  private static final ResaConfig SPARSE = new ResaConfig(16, 0.25, 1, 1, 0);

  private final Model model = HuggingFace.load(Golden.model("qwen2"));

  /** Bytes of a token's K, or V, in all layers, in fp16. */
  private final long row =
      (long) model.config().layers()
          * model.config().attention().kvHeads()
          * model.config().attention().headDim()
          * 2;

  private EngineInfo info(Model of, int sequences) {
    return new EngineInfo(
        new JvmEngineProvider().devices().getFirst(),
        "vector",
        KvType.F16,
        "F32",
        of.weightBytes(),
        true,
        1,
        1,
        EngineOptions.of(4096).withSequences(sequences).withEncodeTokens(32));
  }

  @Test
  void aDenseStepReadsWeightsOnceAndEachSequencesCache() {
    long weights = model.weightBytes();
    assertThat(new Traffic(model, info(model, 3)).step(159, 1, ResaConfig.dense(16)))
        .isEqualTo(weights + 3 * 2 * 160 * row);
  }

  @Test
  void aSparseStepReadsDescriptorsAndTheBlocksKept() {
    // 10 blocks, 3 of them kept; a minimum and a maximum each.
    assertThat(new Traffic(model, info(model, 1)).step(159, 1, SPARSE))
        .isEqualTo(model.weightBytes() + 2 * (10 + 3 * 16) * row);
  }

  @Test
  void rectificationIsDividedAmongItsSteps() {
    long without = new Traffic(model, info(model, 2)).step(128, 32, SPARSE);
    long with = new Traffic(model, info(model, 2)).step(128, 32, SPARSE.withRectifyEvery(32));
    assertThat(with - without).isEqualTo(2 * (model.weightBytes() + 2 * (128 + 16) * row) / 32);
  }

  @Test
  void aWindowIsDividedAmongWhatItYields() {
    GivenAcceptance all = new GivenAcceptance(8, 1);
    ResaConfig exact = SPARSE.withExact(DraftLength.of(8));
    // 4 windows of 8 tokens fit a call of 32: 5 sequences take two.
    Traffic traffic = new Traffic(model, info(model, 5));
    long steps = 7 * traffic.step(128, 32, SPARSE);
    long passes = 2 * model.weightBytes() + 5 * 2 * (128 + 16) * row;
    assertThat(traffic.exact(128, 32, exact, all)).isEqualTo(Math.round((steps + passes) / 8.0));
  }

  @Test
  void prefillReadsWeightsForEachChunk() {
    assertThat(new Traffic(model, info(model, 1)).prefill(0, 64))
        .isEqualTo(2 * model.weightBytes() + 2 * (32 + 64) * row);
  }

  @Test
  void ofAnEmbeddingThatIsNotTheHeadARowIsReadOnly() {
    Model untied = HuggingFace.load(Golden.model("mistral"));
    assertThat(untied.head()).isNotSameAs(untied.embedding());
    long cache = 2 * new Traffic(untied, info(untied, 1)).step(0, 1, ResaConfig.dense(16));
    long atTwo = new Traffic(untied, info(untied, 1)).step(1, 1, ResaConfig.dense(16));
    // Twice the first step less the second: the weights without any cache.
    assertThat(cache - atTwo)
        .isEqualTo(untied.weightBytes() - untied.embedding().data().byteSize());
  }
}
