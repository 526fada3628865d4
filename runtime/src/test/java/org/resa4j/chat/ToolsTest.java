package org.resa4j.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.resa4j.answer.ToolForm;
import org.resa4j.error.InputException;

/** Tools, calls and prompts say what is wrong with them. */
class ToolsTest {
  private static final List<Object> ONE = List.of(Map.of("type", "function"));

  @Test
  void toolsThatCannotBeAreRefused() {
    Tools tools = new Tools(ONE, Set.of("add"), Tools.Choice.REQUIRED, Optional.of("add"));
    assertThat(tools.isEmpty()).isFalse();
    assertThat(Tools.NONE.isEmpty()).isTrue();
    assertThatThrownBy(() -> new Tools(ONE, Set.of(), Tools.Choice.AUTO, Optional.empty()))
        .hasMessage("1 tools have 0 names");
    assertThatThrownBy(() -> new Tools(ONE, Set.of("a b"), Tools.Choice.AUTO, Optional.empty()))
        .hasMessageContaining("a b");
    assertThatThrownBy(
            () -> new Tools(List.of(), Set.of(), Tools.Choice.REQUIRED, Optional.empty()))
        .hasMessageContaining("no tool");
    for (Tools.Choice choice : Tools.Choice.values()) {
      Optional<String> named = Optional.of(choice == Tools.Choice.AUTO ? "add" : "now");
      assertThatThrownBy(() -> new Tools(ONE, Set.of("add"), choice, named))
          .hasMessageContaining(named.get());
    }
  }

  @Test
  void callsArePrintedWithTheirArgumentsAsAnObject() {
    Map<String, Object> field = new ToolCall("c1", "add", "{\"b\": [1, null], \"a\": 2}").asField();
    assertThat(field.keySet()).containsExactly("id", "type", "function");
    assertThat(field.get("function"))
        .asString()
        .isEqualTo("{name=add, arguments={b=[1, null], a=2}}");
    for (String wrong : List.of("", "[]", "1", "{", "{} {}")) {
      assertThatThrownBy(() -> new ToolCall("c1", "add", wrong).asField())
          .as(wrong)
          .isInstanceOf(InputException.class)
          .hasMessageContaining("add");
    }
  }

  @Test
  void promptsNeedATokenAndToolsAForm() {
    int[] tokens = {1};
    ChatPrompt prompt = new ChatPrompt(tokens, false, Tools.NONE, Optional.empty());
    tokens[0] = 2;
    prompt.tokens()[0] = 3;
    assertThat(prompt.tokens()).containsExactly(1);
    assertThatThrownBy(() -> new ChatPrompt(new int[0], false, Tools.NONE, Optional.empty()))
        .hasMessageContaining("token");
    assertThatThrownBy(
            () -> new ChatPrompt(new int[1], false, Tools.NONE, Optional.of(ToolForm.MARKED)))
        .hasMessageContaining("form");
  }
}
