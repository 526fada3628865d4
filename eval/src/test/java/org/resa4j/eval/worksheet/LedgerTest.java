package org.resa4j.eval.worksheet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.resa4j.error.InputException;

class LedgerTest {
  /** Written by the program that makes the training data. */
  private static final String PROMPT =
      "<bos> #439 gol 0 ; #442 ron 4 ; #434 gol 4 ; #440 qer 1 ; #438 ron 8 ; #441 gol 4 ; #437"
          + " qer 4 ; #435 ron 6 ; #436 qer 2 ; open gol 6 ; ron 0 ; qer 2 ; post #434 #442 ;";

  private static final List<String> ANSWER =
      List.of(
          "#434 #435 #436 ;",
          "gol 4 0 ; ron 6 6 ; qer 2 4 ;",
          "#437 #438 #439 ;",
          "gol 0 0 ; ron 8 4 ; qer 4 8 ;",
          "#440 #441 #442 ;",
          "gol 4 4 ; ron 4 8 ; qer 1 9 ;");

  @Test
  void answersAsTheTrainingDataDo() {
    assertThat(Ledger.parse(PROMPT).answer()).isEqualTo(ANSWER);
  }

  @Test
  void journalsNameTheAccountOfEachNumber() {
    Ledger journal =
        Ledger.parse("<bos> #15 2 ; #13 9 ; #12 4 ; #14 8 ; open ror 3 ; kin 0 ; post #12 #15 ;");
    assertThat(journal.answer())
        .containsExactly(
            "ror #12 kin #13 ;", "ror 4 7 ; kin 9 9 ;", "ror #14 kin #15 ;", "ror 8 5 ; kin 2 1 ;");
    assertThat(journal.steps()).containsExactly(6, 7, 10, 11, 19, 20, 23, 24);
  }

  @Test
  void stepsAreAmountsAndBalances() {
    String[] words = String.join(" ", ANSWER).split(" ");
    int[] steps = Ledger.parse(PROMPT).steps();
    assertThat(steps).isSorted();
    assertThat(Arrays.stream(steps).mapToObj(place -> words[place]))
        .containsExactlyElementsOf(
            Arrays.stream(words).filter(word -> word.matches("\\d")).toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Once upon a time there was | expected, not time",
        "'' | it is made of",
        "#1 ror 4 ; open ror 5 ; | it is made of",
        "#1 ror 4 ; open ror 5 ; post #1 #1 | it is made of",
        "#1 ror 4 , open ror 5 ; post #1 #1 ; | expected, not ,",
        "#1 ror ten ; open ror 5 ; post #1 #1 ; | a digit expected",
        "ror #1 4 ; open ror 5 ; post #1 #1 ; | a number such as",
        "#1 ror 4 ; #1 ror 5 ; open ror 5 ; post #1 #2 ; | two vouchers #1",
        "#1 ror 4 ; open kin 5 ; post #1 #1 ; | page from #1",
        "#1 ror 4 ; #2 ror 4 ; open ror 5 ; kin 5 ; post #1 #2 ; | page from #1",
        "#1 ror 4 ; open ror 5 ; post #2 #2 ; | page from #2",
        "#1 ror 4 ; open ror 5 ; post #1 #2 ; | not those from #1 to #2",
        "#1 4 ; #3 4 ; open ror 5 ; post #1 #2 ; | page from #2"
      })
  void otherTextIsNoLedger(String prompt, String message) {
    assertThatThrownBy(() -> Ledger.parse(prompt))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(message);
  }
}
