package org.resa4j.eval.drift;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.Engine;

/** Probes must see the cache as it was before their token, and leave it as it was after. */
class ForcedRunTest {
  private record Place(int text, int scored, int by) {}

  private static Map<Place, float[]> run(Engine engine, ResaConfig own, List<ResaConfig> probes) {
    Map<Place, float[]> predicted = new HashMap<>();
    List<ForcedText> texts = Forced.ragged();
    new ForcedRun(
            new TeacherForcing(engine, texts),
            Forced.MODEL.config(),
            own,
            probes,
            (text, scored, by, logits) ->
                predicted.put(new Place(text, scored, by), Forced.copy(logits)))
        .run(Forced.promptLengths(texts));
    return predicted;
  }

  /** One prediction the plain way: all steps up to its query anew, then the query. */
  private static float[] plainly(Engine engine, Place place, ResaConfig own, ResaConfig query) {
    ForcedText text = Forced.ragged().get(place.text);
    TeacherForcing forcing = new TeacherForcing(engine, List.of(text));
    int start = text.promptLength();
    forcing.prefill(0, start);
    int last = text.scored()[place.scored] - 1;
    boolean drifted = false;
    for (int position = start; position < last; position++) {
      forcing.step(new int[] {position}, own, (slot, row) -> {});
      int done = position + 1 - start;
      drifted |= own.keepBlocks(position + 1) < own.blocks(position + 1);
      if (own.rectifyEvery() > 0 && done % own.rectifyEvery() == 0 && drifted) {
        forcing.encode(0, position + 1 - own.rectifyEvery(), position + 1);
        drifted = false;
      }
    }
    float[] logits = new float[Forced.MODEL.config().vocabulary()];
    forcing.step(new int[] {last}, query, (slot, row) -> engine.logits(row, logits));
    return logits;
  }

  @ParameterizedTest(name = "blocks of {0}, rectified every {1}, {2} local")
  @CsvSource({"4,0,0", "4,0,1", "4,7,0", "5,8,1", "16,5,1", "3,1,0"})
  void predictsWhatThePlainWayDoes(int blockSize, int every, int local) {
    ResaConfig own = new ResaConfig(blockSize, 0.2, 2, local, every);
    List<ResaConfig> probes =
        List.of(ResaConfig.dense(blockSize), new ResaConfig(blockSize, 0.1, 1, local, 0));
    try (Engine engine = Forced.engine(blockSize)) {
      Map<Place, float[]> predicted = run(engine, own, probes);
      int scored = Forced.ragged().stream().mapToInt(text -> text.scored().length).sum();
      assertThat(predicted).hasSize(3 * scored);
      predicted.forEach(
          (place, logits) -> {
            ResaConfig query = place.by == ForcedRun.OWN ? own : probes.get(place.by);
            // Batches of other sizes round otherwise; a block more or less is beyond 1e-3.
            assertThat(error(plainly(engine, place, own, query), logits))
                .as("%s", place)
                .isLessThan(1e-5);
          });
    }
  }

  private static double error(float[] expected, float[] actual) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow((double) actual[i] - expected[i], 2);
      norm += (double) expected[i] * expected[i];
    }
    return Math.sqrt(difference / norm);
  }

  @ParameterizedTest(name = "rectified every {0}")
  @CsvSource({"0", "8"})
  void queriesAndCachesMakeADifference(int every) {
    try (Engine engine = Forced.engine(4)) {
      ResaConfig own = new ResaConfig(4, 0.1, 1, 1, every);
      ResaConfig dense = ResaConfig.dense(4);
      Map<Place, float[]> sparse = run(engine, own, List.of(dense));
      Map<Place, float[]> right = run(engine, dense, List.of());
      // The last scored token of the longest text, with drift before it.
      int last = Forced.ragged().get(1).scored().length - 1;
      float[] denseOnDrifted = sparse.get(new Place(1, last, 0));
      float[] denseOnDense = right.get(new Place(1, last, ForcedRun.OWN));
      float[] sparseOnDrifted = sparse.get(new Place(1, last, ForcedRun.OWN));
      assertThat(error(denseOnDense, denseOnDrifted)).isGreaterThan(1e-3);
      assertThat(error(sparseOnDrifted, denseOnDrifted)).isGreaterThan(1e-3);
    }
  }
}
