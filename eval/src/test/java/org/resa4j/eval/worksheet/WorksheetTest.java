package org.resa4j.eval.worksheet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.resa4j.engine.Golden;
import org.resa4j.engine.WorksheetContractTest;
import org.resa4j.error.InputException;
import org.resa4j.format.Json;
import org.resa4j.format.Safetensors;

class WorksheetTest {
  @Test
  void answersAsTheModelWasTrainedTo() throws IOException {
    Safetensors golden = Safetensors.open(Golden.file("worksheet/golden.safetensors"));
    Map<Integer, String> words = new java.util.HashMap<>();
    Json.read(WorksheetContractTest.worksheetModel().resolve("tokenizer.json"))
        .path("model")
        .path("vocab")
        .properties()
        .forEach(entry -> words.put(entry.getValue().asInt(), entry.getKey()));
    for (int i = 0; i < 3; i++) {
      Worksheet sheet = Worksheet.parse(text(golden.integers("prompt_" + i), words));
      String truth = text(golden.integers("truth_" + i), words).replace(" <eos>", "");
      assertThat(String.join(" ", sheet.answer())).isEqualTo(truth);
      assertThat(sheet.score(truth).isPerfect()).isTrue();
    }
  }

  private static String text(int[] ids, Map<Integer, String> words) {
    List<String> text = new ArrayList<>();
    for (int id : ids) {
      text.add(words.get(id));
    }
    return String.join(" ", text);
  }

  @Test
  void scoresPlaceByPlace() {
    Worksheet sheet =
        Worksheet.parse("<bos> #7 dal = kar + 2 - 9 ; #6 kar = 6 - 4 + 5 ; solve #6 ;");
    String right =
        "kar = 6 - 4 + 5 #6 : 6 - 4 = 2 + 5 = 7 ; dal = kar + 2 - 9 #7 : 7 + 2 = 9 - 9 = 0 ;";
    assertThat(String.join(" ", sheet.answer())).isEqualTo(right);
    assertThat(sheet.steps()).containsExactly(9, 11, 13, 15, 17, 28, 30, 32, 34, 36);
    Worksheet.Score wrong = sheet.score(right.replace("= 7 ;", "= 8 ;"));
    assertThat(wrong.right()).isEqualTo(37);
    assertThat(wrong.rightBeforeFirstError()).isEqualTo(17);
    assertThat(wrong.isPerfect()).isFalse();
    assertThat(sheet.score(right + " more").isPerfect()).isFalse();
  }

  @Test
  void randomSheetsCanBeSolvedAndRepeat() {
    Worksheet sheet = Worksheet.random(200, 5);
    assertThat(sheet.answer()).hasSize(200);
    assertThat(Worksheet.parse(sheet.prompt()).answer()).isEqualTo(sheet.answer());
    assertThat(Worksheet.random(200, 5).prompt()).isEqualTo(sheet.prompt());
    assertThat(Worksheet.random(200, 6).prompt()).isNotEqualTo(sheet.prompt());
  }

  @Test
  void otherTextIsNoWorksheet() {
    assertThatThrownBy(() -> Worksheet.parse("Once upon a time"))
        .isInstanceOf(InputException.class);
    assertThatThrownBy(() -> Worksheet.parse("#6 dal = kar + 2 - 9 ; solve #6 ;").answer())
        .isInstanceOf(InputException.class)
        .hasMessageContaining("kar");
  }
}
