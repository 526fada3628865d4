package org.resa4j.eval.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.resa4j.error.InputException;
import org.resa4j.eval.worksheet.Worksheet;
import tools.jackson.databind.json.JsonMapper;

class CheckersTest {
  private static Checker checker(String spec, String prompt, String... answers) {
    return Checkers.of(JsonMapper.shared().readTree(spec), prompt, List.of(answers));
  }

  @Test
  void exactComparesWords() {
    Checker exact = checker("\"exact\"", "", "dal #12 ;", "none");
    assertThat(exact.check("  dal  #12 ;\n").right()).isTrue();
    assertThat(exact.check("none").right()).isTrue();
    for (String wrong : List.of("", "dal #12", "dal #12 ; ;", "dal #13 ;", "Dal #12 ;")) {
      assertThat(exact.check(wrong)).as(wrong).isEqualTo(Verdict.of(false));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "It is 41. So the answer is 42. | true",
        "#### 42 and then 43 | true",
        "first #### 7, no: #### 42 | true",
        "$42.00 | true",
        "-42 | false",
        "\u221242 | false",
        "43 | false",
        "42.1 | false",
        "420 | false",
        "4,2 | false",
        "0-42 | true",
        "forty-two | false",
        "'' | false",
        "4.2e1 | true",
        "42 or 43 | false",
        "#### | false",
        "#### Step 3: add up, which makes 42. | true",
        "#### 42 of 50 #### Notes | true",
        "-$42 | false",
        "\u201342 | false",
        "$-42 | false",
        "(5 - 2) * 14 is...42 | true",
        "No.42 | true",
        "84/2 | true",
        "\\boxed{\\dfrac{84}{2}} | true",
        "42/2 | false"
      })
  void numericTakesTheLastNumber(String text, boolean right) {
    assertThat(checker("\"numeric\"", "", "6 * 7 = 42\n#### 42").check(text).right())
        .isEqualTo(right);
  }

  @Test
  void numericHasTolerances() {
    Checker absolute = checker("{\"type\": \"numeric\", \"tolerance\": 0.5}", "", "-1,234.5");
    assertThat(absolute.check("-1235").right()).isTrue();
    assertThat(absolute.check("-1,235.1").right()).isFalse();
    assertThat(absolute.check("1234.5").right()).isFalse();
    Checker relative = checker("{\"type\": \"numeric\", \"relative\": 0.01}", "", "-200", ".5");
    assertThat(relative.check("-202").right()).isTrue();
    assertThat(relative.check("-202.1").right()).isFalse();
    assertThat(relative.check("0.504").right()).isTrue();
  }

  @Test
  void numericReadsFractionsAndLatex() {
    Checker half = checker("\"numeric\"", "", "\\frac{1}{2}");
    assertThat(half.check("so it is 0.5").right()).isTrue();
    assertThat(half.check("so it is 1/2").right()).isTrue();
    assertThat(half.check("so it is 3/2").right()).isFalse();
    Checker thousands = checker("\"numeric\"", "", "1234");
    assertThat(thousands.check("\\boxed{1{,}234}").right()).isTrue();
    assertThat(checker("\"numeric\"", "", "234").check("\\boxed{1{,}234}").right()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "B | true",
        "(B) because | true",
        "B. blue | true",
        "The answer is B. | true",
        "A or B? Answer: (B) | true",
        "Answer: A, no, the answer is B | true",
        "I think (B) | true",
        "it is Blue | true",
        "A | false",
        "C. dark blue | false",
        "dark blue | false",
        "A blue one | true",
        "red or blue | false",
        "blues | false",
        "Because | false",
        "'' | false",
        "D | false",
        "**B** | true",
        "The answer is **B**. | true",
        "Answer: \\boxed{B} | true",
        "Answer: $\\boxed{\\text{(B)}}$ | true",
        "The answer is option B | true",
        "The answer is (b). | true",
        "B is correct. | true",
        "The answer is **A**, not blue. | false",
        "Answer: dark blue, not B | false",
        "Answer: blue, and not A | true"
      })
  void choiceReadsLettersAndTexts(String text, boolean right) {
    Checker choice = Checkers.choice(List.of("red", "blue", "dark blue"), 1);
    assertThat(choice.check(text).right()).isEqualTo(right);
  }

  @Test
  void choiceEndsWhereTheTextAsksAnotherQuestion() {
    Checker choice = Checkers.choice(List.of("red", "blue", "dark blue"), 1);
    assertThat(choice.check(" B\n\nQuestion: What else?\nA. x\nAnswer: C").right()).isTrue();
    assertThat(choice.check(" B. blue\n\nQ: What else?\nAnswer: C").right()).isTrue();
    assertThat(choice.check(" C\n\nQuestion: What else?\nAnswer: B").right()).isFalse();
    assertThat(choice.check("A. red is wrong here.\nThe answer is B").right()).isTrue();
  }

  @Test
  void choicesThatBeginLikeLettersAndThoseAlike() {
    List<String> prices = List.of("a rise", "a fall in supply", "a fall in supply and prices");
    assertThat(Checkers.choice(prices, 1).check("Answer: A fall in supply.").right()).isTrue();
    assertThat(Checkers.choice(prices, 0).check("Answer: A fall in supply.").right()).isFalse();
    assertThat(Checkers.choice(List.of("red", "reddish"), 1).check("Answer: Reddish").right())
        .isTrue();
    assertThat(Checkers.choice(List.of("red", "blue"), 0).check("Answer: reddish").right())
        .isFalse();
    assertThat(Checkers.choice(List.of("$5", "$7"), 1).check("It costs $7.").right()).isTrue();
    assertThat(Checkers.choice(List.of("x_1", "x_2"), 1).check("Answer: x_2").right()).isTrue();
    assertThat(Checkers.choice(List.of("TT", "Tt"), 1).check("Answer: B").right()).isTrue();
    assertThat(Checkers.choice(List.of("TT", "Tt"), 1).check("Answer: (A)").right()).isFalse();
  }

  @Test
  void containsKnowsWhereNumbersAndWordsEnd() {
    Checker number = checker("\"contains\"", "", "200");
    assertThat(number.check("It was 200, or so.").right()).isTrue();
    assertThat(number.check("It was 200.").right()).isTrue();
    assertThat(number.check("It was 1,200").right()).isFalse();
    assertThat(number.check("It was 200.5").right()).isFalse();
    assertThat(number.check("It was 3.200").right()).isFalse();
    String beijing = "\u5317\u4eac";
    assertThat(
            checker("\"contains\"", "", beijing)
                .check("\u7b54\u6848\u662f" + beijing + "\u3002")
                .right())
        .isTrue();
  }

  @Test
  void containsGivesTheShareFoundInAnyOrder() {
    Checker contains = checker("\"contains\"", "", "tar #81", "tar #319", "Rome");
    assertThat(contains.check("rome ; tar #319 ; tar #81 ;"))
        .isEqualTo(new Verdict(1, true, Optional.empty()));
    assertThat(contains.check("tar #319 ; tar #812 ; Rome").score()).isEqualTo(2.0 / 3);
    assertThat(contains.check("tar #319 ; tar #812 ; Rome").right()).isFalse();
    assertThat(contains.check("").score()).isZero();
  }

  @Test
  void worksheetsAreCheckedStepByStep() {
    String prompt = "<bos> #7 dal = kar + 2 - 9 ; #6 kar = 6 - 4 + 5 ; solve #6 ;";
    String answer = String.join(" ", Worksheet.parse(prompt).answer());
    Checker worksheet = checker("\"worksheet\"", prompt);
    Verdict right = worksheet.check(answer);
    assertThat(right.right()).isTrue();
    assertThat(right.score()).isEqualTo(1);
    assertThat(right.steps().orElseThrow().count()).isEqualTo(10);

    Verdict between = worksheet.check(answer.replace("= 7 ;", "= 8 ;"));
    assertThat(between.right()).isTrue();
    assertThat(between.score()).isEqualTo(0.9);
    assertThat(between.steps().orElseThrow().right()[4]).isFalse();
    assertThat(between.steps().orElseThrow().places()[4]).isEqualTo(17);

    assertThat(worksheet.check(answer.replace("= 0 ;", "= 1 ;")).right()).isFalse();
    assertThat(worksheet.check(answer.substring(0, answer.length() - 2)).right()).isFalse();
    assertThat(worksheet.check(answer + " more").right()).isFalse();
    assertThat(worksheet.check("").score()).isZero();
    // A word left out moves all that come after.
    assertThat(worksheet.check(answer.substring(4)).score()).isLessThan(0.5);
  }

  @Test
  void ledgersAreCheckedStepByStep() {
    Checker ledger =
        checker(
            "{\"type\": \"ledger\"}",
            "<bos> #13 kin 9 ; #12 ror 4 ; open ror 3 ; kin 0 ; post #12 #13 ;");
    assertThat(ledger.check("#12 #13 ; ror 4 7 ; kin 9 9 ;"))
        .isEqualTo(
            new Verdict(
                1,
                true,
                Optional.of(
                    new Steps(new int[] {4, 5, 8, 9}, new boolean[] {true, true, true, true}))));
    Verdict offByOne = ledger.check("#12 #13 ; ror 4 8 ; kin 9 9 ;");
    assertThat(offByOne.score()).isEqualTo(0.75);
    assertThat(offByOne.right()).isFalse();
  }

  @Test
  void whatCannotCheckIsRefusedWithAWayOut() {
    assertThatThrownBy(() -> checker("\"exakt\"", "", "a"))
        .hasMessageContaining("exakt")
        .hasMessageContaining("exact, contains");
    assertThatThrownBy(() -> checker("{\"type\": \"numeric\", \"tolerence\": 1}", "", "1"))
        .hasMessageContaining("tolerence")
        .hasMessageContaining("tolerance");
    assertThatThrownBy(() -> checker("{\"type\": \"numeric\", \"tolerance\": \"1\"}", "", "1"))
        .hasMessageContaining("must be a number");
    assertThatThrownBy(() -> checker("{\"type\": \"numeric\", \"tolerance\": -1}", "", "1"))
        .hasMessageContaining("negative");
    assertThatThrownBy(() -> checker("\"numeric\"", "", "many")).hasMessageContaining("no number");
    assertThatThrownBy(() -> checker("\"numeric\"", "", "2 h 15 min"))
        .hasMessageContaining("more than one");
    assertThatThrownBy(() -> checker("\"exact\"", "")).hasMessageContaining("\"answer\"");
    assertThatThrownBy(() -> checker("\"contains\"", "", " ")).hasMessageContaining("empty");
    assertThatThrownBy(() -> checker("\"ledger\"", "What is 1 + 1?"))
        .isInstanceOf(InputException.class);
    assertThatThrownBy(() -> Checkers.choice(List.of("a", "b"), 2)).hasMessageContaining("letter");
    assertThatThrownBy(() -> Checkers.choice(List.of("a"), 0)).hasMessageContaining("2 to 26");
  }
}
