package org.resa4j.answer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.resa4j.tokenizer.ChatTemplate;

/** The form of calls is read off the template. */
class ToolFormTest {
  @TempDir private Path directory;

  private Optional<ToolForm> form(String template) throws IOException {
    try (InputStream file =
        ToolFormTest.class.getResourceAsStream("/chat-templates/" + template + ".jinja")) {
      return formOf(new String(file.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private Optional<ToolForm> formOf(String template) throws IOException {
    Files.writeString(directory.resolve("chat_template.jinja"), template);
    return ToolForm.of(ChatTemplate.load(directory).orElseThrow());
  }

  @Test
  void theTemplatesOfModelsAreKnown() throws IOException {
    assertThat(form("qwen2.5")).contains(ToolForm.MARKED);
    assertThat(form("qwen3")).contains(ToolForm.MARKED);
    assertThat(form("llama-3.1")).contains(ToolForm.BARE);
    // Whose form is another.
    assertThat(form("mistral-v0.3")).isEmpty();
  }

  @Test
  void aTemplateThatKnowsNoToolsHasNoForm() throws IOException {
    assertThat(formOf("{% for m in messages %}{{ m.content }}{% endfor %}")).isEmpty();
    assertThat(formOf("{{ raise_exception('no') }}")).isEmpty();
  }
}
