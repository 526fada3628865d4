package org.resa4j.answer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Answers are taken apart alike, in whatever pieces they come. */
class AnswerTest {
  private static final Set<String> TOOLS = Set.of("add", "now");

  private static List<Part> apart(String text, boolean thinks, Optional<ToolForm> form) {
    List<Part> whole = joined(text, new int[0], thinks, form);
    Random random = new Random(text.hashCode());
    for (int trial = 0; trial < 50; trial++) {
      int[] cuts = random.ints(random.nextInt(12), 0, text.length() + 1).sorted().toArray();
      assertThat(joined(text, cuts, thinks, form)).isEqualTo(whole);
    }
    int[] each = new int[text.length()];
    for (int i = 0; i < each.length; i++) {
      each[i] = i;
    }
    assertThat(joined(text, each, thinks, form)).isEqualTo(whole);
    return whole;
  }

  private static List<Part> joined(
      String text, int[] cuts, boolean thinks, Optional<ToolForm> form) {
    Answer answer = new Answer(thinks, form, TOOLS);
    List<Part> parts = new ArrayList<>();
    int from = 0;
    for (int cut : cuts) {
      parts.addAll(answer.add(text.substring(from, cut)));
      from = cut;
    }
    parts.addAll(answer.add(text.substring(from)));
    parts.addAll(answer.finish());
    List<Part> joined = new ArrayList<>();
    for (Part part : parts) {
      Part last = joined.isEmpty() ? null : joined.getLast();
      if (part instanceof Part.Content now && last instanceof Part.Content before) {
        joined.set(joined.size() - 1, new Part.Content(before.text() + now.text()));
      } else if (part instanceof Part.Reasoning now && last instanceof Part.Reasoning before) {
        joined.set(joined.size() - 1, new Part.Reasoning(before.text() + now.text()));
      } else {
        joined.add(part);
      }
    }
    return joined;
  }

  private static List<Part> plain(String text) {
    return apart(text, false, Optional.empty());
  }

  private static List<Part> marked(String text) {
    return apart(text, false, Optional.of(ToolForm.MARKED));
  }

  private static List<Part> bare(String text) {
    return apart(text, false, Optional.of(ToolForm.BARE));
  }

  private static Part content(String text) {
    return new Part.Content(text);
  }

  @Test
  void reasoningComesBeforeTheAnswer() {
    assertThat(plain("<think>\nwell, 1 < 2 </thin\n</think>\n\nYes.\n"))
        .containsExactly(new Part.Reasoning("well, 1 < 2 </thin"), content("Yes.\n"));
    assertThat(plain("\n<think>\n\n</think>\n\nYes.")).containsExactly(content("Yes."));
    assertThat(plain("<think>cut of")).containsExactly(new Part.Reasoning("cut of"));
    assertThat(apart("so\n</think>Yes", true, Optional.empty()))
        .containsExactly(new Part.Reasoning("so"), content("Yes"));
  }

  @Test
  void whatDoesNotBeginWithItIsNoReasoning() {
    assertThat(plain(" <thin")).containsExactly(content(" <thin"));
    assertThat(plain("a <think> b </think>")).containsExactly(content("a <think> b </think>"));
    assertThat(plain("")).isEmpty();
    assertThat(plain("<tool_call>{}</tool_call>"))
        .containsExactly(content("<tool_call>{}</tool_call>"));
  }

  @Test
  void markedCallsComeOutOfTheContent() {
    assertThat(
            marked(
                "<think>hm</think>\nLet me see.\n<tool_call>\n{\"name\": \"add\", \"arguments\":"
                    + " {\"a\": \"</tool>\"}}\n</tool_call>\n<tool_call>{\"name\": \"now\","
                    + " \"arguments\": {}}</tool_call>\n"))
        .containsExactly(
            new Part.Reasoning("hm"),
            content("Let me see."),
            new Part.Call("add", "{\"a\":\"</tool>\"}"),
            new Part.Call("now", "{}"));
    // The mark of the end is missing.
    assertThat(marked("<tool_call>{\"name\": \"now\", \"arguments\": {}}"))
        .containsExactly(new Part.Call("now", "{}"));
  }

  @Test
  void whatIsNoCallIsContentAsItWasWritten() {
    for (String text :
        List.of(
            "<tool_call>{\"name\": \"add\"}</tool_call>",
            "<tool_call>{\"name\": 3, \"arguments\": {}}</tool_call>",
            "<tool_call>{\"name\": \"add\", \"arguments\": [1]}</tool_call>",
            "<tool_call>{\"name\": \"add\", \"arg",
            "a <tool_call",
            "a < b ")) {
      assertThat(marked(text)).containsExactly(content(text));
    }
  }

  @Test
  void bareCallsAreTheWholeAnswer() {
    assertThat(bare("{\"name\": \"add\", \"parameters\": {\"a\": 1}}"))
        .containsExactly(new Part.Call("add", "{\"a\":1}"));
    assertThat(
            bare(
                "\n{\"name\": \"add\", \"parameters\": {\"a\": \"};{\"}}; {\"name\": \"now\","
                    + " \"parameters\": {}}\n"))
        .containsExactly(new Part.Call("add", "{\"a\":\"};{\"}"), new Part.Call("now", "{}"));
    for (String text :
        List.of(
            "{\"name\": \"unknown\", \"parameters\": {}}",
            "{\"name\": \"add\", \"parameters\": {}} so it is",
            "{\"a\": 1}",
            "{",
            "I call {\"name\": \"add\", \"parameters\": {}}")) {
      assertThat(bare(text)).containsExactly(content(text));
    }
  }

  @Test
  void plainTextIsNotHeldBack() {
    Answer answer = new Answer(false, Optional.of(ToolForm.MARKED), TOOLS);
    assertThat(answer.add("Hel")).containsExactly(content("Hel"));
    assertThat(answer.add("lo <t")).containsExactly(content("lo"));
    assertThat(answer.add("he")).containsExactly(content(" <the"));
  }
}
