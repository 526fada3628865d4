package org.resa4j.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.resa4j.error.InputException;

class GgufChatTemplateTest {
  private static final List<Message> HELLO = List.of(Message.user("Hello"));

  private static GgufHeader header() {
    return GgufHeader.byteLevel(List.of(), List.of("<s>", "<e>", "<u>", "<p>"));
  }

  private static String rendered(GgufHeader header) {
    return ChatTemplate.of(header.metadata()).orElseThrow().render(HELLO, true);
  }

  @Test
  void isTheFiles() {
    assertThat(ChatTemplate.of(GgufTokenizerTest.model("mistral-BF16"))).isEmpty();
    String qwen2 =
        ChatTemplate.of(GgufTokenizerTest.model("qwen2-F32")).orElseThrow().render(HELLO, true);
    assertThat(qwen2).isEqualTo("<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n");
    assertThat(ChatTemplate.of(GgufTokenizerTest.model("llama3-F16")).orElseThrow())
        .satisfies(
            llama -> assertThat(llama.render(HELLO, true)).startsWith("<|im_start|>user\n\nHello"));
  }

  @Test
  void specialTokensAreVariables() {
    GgufHeader header =
        header()
            .with("chat_template", "{{bos_token}}|{{eos_token}}|{{unk_token}}|{{pad_token}}")
            .with("bos_token_id", 26)
            .with("eos_token_id", 27)
            .with("unknown_token_id", 28)
            .with("padding_token_id", 29);
    assertThat(rendered(header)).isEqualTo("<s>|<e>|<u>|<p>");
    header.with("bos_token_id", null).with("padding_token_id", null);
    assertThat(rendered(header)).isEqualTo("|<e>|<u>|");
  }

  @Test
  void faultsNameFileAndKey() {
    GgufHeader broken = header().with("chat_template", "{% if");
    ChatTemplate template = ChatTemplate.of(broken.metadata()).orElseThrow();
    assertThatThrownBy(() -> template.render(HELLO, true))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll("made.gguf", "tokenizer.chat_template");
    for (Object wrong : new Object[] {3, "x".repeat((1 << 20) + 1)}) {
      assertThatThrownBy(() -> ChatTemplate.of(header().with("chat_template", wrong).metadata()))
          .isInstanceOf(InputException.class)
          .hasMessageContainingAll("made.gguf", "tokenizer.chat_template");
    }
    assertThatThrownBy(
            () ->
                ChatTemplate.of(
                    header().with("chat_template", "").with("bos_token_id", 99).metadata()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("bos_token_id");
  }
}
