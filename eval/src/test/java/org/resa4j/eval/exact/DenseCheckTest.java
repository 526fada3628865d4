package org.resa4j.eval.exact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.resa4j.GeneratedToken;
import org.resa4j.Generation;
import org.resa4j.GenerationOptions;
import org.resa4j.GenerationRequest;
import org.resa4j.Prompt;
import org.resa4j.Resa;
import org.resa4j.attention.ResaConfig;
import org.resa4j.eval.exact.Parting.Kind;
import org.resa4j.generate.ChosenToken.TokenProbability;
import org.resa4j.generate.GumbelNoise;
import org.resa4j.generate.Sampling;

class DenseCheckTest {
  private static final int[] PROMPT = {5, 9, 2, 7, 1};
  private static final int TOKENS = 40;
  private static Resa resa;

  @BeforeAll
  static void open() {
    Path model =
        Path.of(System.getProperty("resa.home"), "runtime/src/test/resources/golden/models/qwen2");
    resa = Resa.builder(model).engine("jvm").threads(1).contextLength(100).build();
  }

  @AfterAll
  static void close() {
    resa.close();
  }

  private static Generation write(Sampling sampling) {
    GenerationOptions options =
        new GenerationOptions(TOKENS, ResaConfig.dense(blockSize()), sampling)
            .withStopAtEndOfText(false)
            .withLogProbabilities(resa.info().model().vocabulary());
    return resa.submit(new GenerationRequest(Prompt.tokens(PROMPT), options)).result().join();
  }

  private static int blockSize() {
    return resa.info().engine().options().blockSize();
  }

  private static List<Integer> ids(Generation text) {
    return IntStream.of(text.tokenIds()).boxed().toList();
  }

  /** The noise that is written down here a second time is the one that the runtime draws with. */
  @Test
  void theNoiseIsTheRuntimes() {
    Sampling sampling = Sampling.GREEDY.withTemperature(0.9).withSeed(123456789);
    List<GeneratedToken> tokens = write(sampling).tokens();
    for (int i = 0; i < tokens.size(); i++) {
      GumbelNoise noise = new GumbelNoise(sampling.seed(), PROMPT.length + i);
      int best = -1;
      double highest = Double.NEGATIVE_INFINITY;
      for (TokenProbability each : tokens.get(i).likeliest()) {
        double score = each.logProbability() / sampling.temperature() + noise.of(each.id());
        if (score > highest) {
          highest = score;
          best = each.id();
        }
      }
      assertThat(tokens.get(i).id()).as("token %d", i).isEqualTo(best);
    }
    assertThat(tokens.stream().filter(each -> each.id() != each.likeliest().getFirst().id()))
        .hasSizeGreaterThan(TOKENS / 4);
  }

  private static Parting part(Sampling sampling, List<Integer> dense, int at, int other) {
    List<Integer> exact = new ArrayList<>(dense);
    exact.set(at, other);
    assertThat(DenseCheck.firstDifference(dense, exact)).contains(at);
    return new DenseCheck(resa).part(PROMPT, dense, exact, at, sampling).join();
  }

  @Test
  void aMarginIsTheScoresDistance() {
    int at = 20;
    Generation text = write(Sampling.GREEDY);
    List<TokenProbability> likeliest = text.tokens().get(at).likeliest();
    Parting parting = part(Sampling.GREEDY, ids(text), at, likeliest.get(3).id());
    assertThat(parting.kind()).isEqualTo(Kind.FAULT);
    assertThat(parting.token()).isEqualTo(at);
    assertThat(parting.margin().orElseThrow())
        .isCloseTo(
            likeliest.getFirst().logProbability() - likeliest.get(3).logProbability(),
            within(1e-4));
  }

  @Test
  void aDrawnTokensMarginHasTheNoise() {
    int at = 7;
    Sampling sampling = Sampling.GREEDY.withTemperature(1.3).withSeed(5);
    Generation text = write(sampling);
    int other = text.tokens().get(at).likeliest().get(9).id();
    GumbelNoise noise = new GumbelNoise(5, PROMPT.length + at);
    double expected = 0;
    for (TokenProbability each : text.tokens().get(at).likeliest()) {
      double score = each.logProbability() / 1.3 + noise.of(each.id());
      expected += each.id() == text.tokenIds()[at] ? score : each.id() == other ? -score : 0;
    }
    assertThat(part(sampling, ids(text), at, other).margin().orElseThrow())
        .isCloseTo(expected, within(1e-4));
  }

  @Test
  void whatFiltersHideIsNotJudged() {
    List<Integer> dense = ids(write(Sampling.GREEDY));
    Sampling filtered = new Sampling(0.8, 5, 1, 0);
    assertThat(part(filtered, dense, 3, dense.get(3) + 1).kind()).isEqualTo(Kind.UNKNOWN);
    assertThat(part(Sampling.GREEDY.withRepetitionPenalty(1.1), dense, 3, dense.get(3) + 1).kind())
        .isEqualTo(Kind.UNKNOWN);
  }

  @Test
  void aTextThatEndsEarlierIsAFault() {
    List<Integer> dense = ids(write(Sampling.GREEDY));
    List<Integer> shorter = dense.subList(0, 9);
    assertThat(DenseCheck.firstDifference(dense, dense)).isEmpty();
    assertThat(DenseCheck.firstDifference(dense, shorter)).contains(9);
    Parting parting = new DenseCheck(resa).part(PROMPT, dense, shorter, 9, Sampling.GREEDY).join();
    assertThat(parting.kind()).isEqualTo(Kind.FAULT);
    assertThat(parting.margin()).isEmpty();
  }
}
