package org.resa4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.WorksheetContractTest;
import org.resa4j.generate.Cancellation;
import org.resa4j.generate.FinishReason;
import org.resa4j.generate.Metrics;
import org.resa4j.worksheet.Worksheet;

/** The API as an application uses it. */
class ResaTest {
  private static Resa.Builder builder() {
    return Resa.builder(WorksheetContractTest.worksheetModel()).engine("jvm").contextLength(1024);
  }

  private static final GenerationOptions DENSE =
      GenerationOptions.DEFAULT.withAttention(ResaConfig.dense(16)).withMaxTokens(500);

  @Test
  void streamsWhatItReturnsAndMeasures() {
    Worksheet sheet = Worksheet.random(20, 3);
    StringBuilder streamed = new StringBuilder();
    try (Resa resa = builder().profile(true).build()) {
      assertThat(resa.metrics()).isEmpty();
      Generation generation = resa.generate(sheet.prompt(), DENSE, streamed::append);
      assertThat(generation.finish()).isEqualTo(FinishReason.END_OF_TEXT);
      assertThat(generation.text()).isEqualTo(streamed.toString());
      assertThat(sheet.score(generation.text()).isPerfect()).isTrue();
      Metrics metrics = resa.metrics().orElseThrow();
      assertThat(metrics.promptTokens()).isEqualTo(184);
      assertThat(metrics.generatedTokens()).isEqualTo(381);
      assertThat(metrics.blocksKeptShare()).isEqualTo(1);
      assertThat(metrics.stages().attend()).isPositive();
      assertThat(metrics.stages().estimate()).isZero();
    }
  }

  @Test
  void writesSeveralTextsAtOnce() {
    List<Worksheet> sheets =
        List.of(Worksheet.random(20, 4), Worksheet.random(22, 5), Worksheet.random(21, 6));
    try (Resa resa = builder().sequences(2).build()) {
      Consumer<String> silent = text -> {};
      List<Generation> generations =
          resa.generate(
              sheets.stream().map(sheet -> resa.tokenizer().encode(sheet.prompt(), true)).toList(),
              DENSE,
              List.of(silent, silent, silent),
              new Cancellation());
      for (int i = 0; i < 3; i++) {
        Worksheet.Score score = sheets.get(i).score(generations.get(i).text());
        assertThat(score.right()).as("sheet " + i).isEqualTo(score.words());
      }
    }
  }

  @Test
  void whatWasStreamedBeforeCancellingStaysValid() {
    Worksheet sheet = Worksheet.random(20, 7);
    Cancellation cancellation = new Cancellation();
    StringBuilder streamed = new StringBuilder();
    try (Resa resa = builder().build()) {
      Generation generation =
          resa.generate(
              sheet.prompt(),
              DENSE,
              text -> {
                streamed.append(text);
                if (streamed.length() > 100) {
                  cancellation.cancel();
                }
              },
              cancellation);
      assertThat(generation.finish()).isEqualTo(FinishReason.CANCELLED);
      assertThat(generation.text()).isEqualTo(streamed.toString());
      assertThat(String.join(" ", sheet.answer())).startsWith(generation.text().strip());
      // The engine is as good as new.
      Generation again = resa.generate(sheet.prompt(), DENSE, text -> {});
      assertThat(sheet.score(again.text()).isPerfect()).isTrue();
    }
  }

  @Test
  void stopStringsAreNoPartOfTheText() {
    Worksheet sheet = Worksheet.random(20, 8);
    try (Resa resa = builder().build()) {
      Generation generation =
          resa.generate(sheet.prompt(), DENSE.withStopStrings(List.of(" ;")), text -> {});
      assertThat(generation.finish()).isEqualTo(FinishReason.STOP_STRING);
      assertThat(generation.text() + " ;").isEqualTo(sheet.answer().getFirst());
    }
  }

  @Test
  void settingsThatCannotBeAreRefused() {
    assertThatThrownBy(() -> builder().contextLength(1_000_000).build())
        .isInstanceOf(InputException.class)
        .hasMessageContaining("32768");
    assertThatThrownBy(() -> builder().engine("abacus").build())
        .isInstanceOf(InputException.class)
        .hasMessageContaining("abacus");
    try (Resa resa = builder().build()) {
      assertThatThrownBy(
              () ->
                  resa.generate(
                      Worksheet.random(20, 9).prompt(),
                      DENSE.withAttention(ResaConfig.dense(8)),
                      text -> {}))
          .hasMessageContaining("blocks of 8");
    }
  }
}
