package org.resa4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.resa4j.error.InputException;

/** What is a model, and what is none, told apart. */
class ModelPathTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Qwen/Qwen2.5-0.5B",
        "https://huggingface.co/Qwen/Qwen2.5-0.5B",
        "https://huggingface.co/Qwen/Qwen2.5-0.5B/tree/main"
      })
  void aNameAtHuggingFaceIsToBeDownloaded(String name) {
    assertThatThrownBy(() -> ModelPath.check(Path.of(name)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no such directory")
        .hasMessageContaining(
            "`hf download Qwen/Qwen2.5-0.5B --local-dir Qwen2.5-0.5B` and name it with -m"
                + " Qwen2.5-0.5B");
  }

  @Test
  void anyOtherMissingFolderIsJustMissing() {
    for (Path missing : new Path[] {folder.resolve("none"), Path.of("none"), Path.of("./a/b")}) {
      assertThatThrownBy(() -> ModelPath.check(missing))
          .hasMessageStartingWith(missing + ": no such directory; a model is a GGUF file")
          .message()
          .doesNotContain("hf download");
    }
  }

  @Test
  void aDirectoryWithOneGgufModelIsThatModel() throws IOException {
    Path first = Files.writeString(folder.resolve("a-00001-of-00002.gguf"), "GGUF");
    Files.writeString(folder.resolve("a-00002-of-00002.gguf"), "GGUF");
    Files.writeString(folder.resolve("notes.txt"), "GGUF");
    assertThat(ModelPath.check(folder)).isEqualTo(first);
    assertThat(ModelPath.check(first)).isEqualTo(first);
    Files.writeString(folder.resolve("b.GGUF"), "GGUF");
    assertThatThrownBy(() -> ModelPath.check(folder))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("has 2 GGUF models; name one of them, such as " + first);
    Files.writeString(folder.resolve("config.json"), "{}");
    assertThat(ModelPath.check(folder)).isEqualTo(folder);
  }

  @Test
  void aMissingGgufFileIsNoNameAtHuggingFace() {
    assertThatThrownBy(() -> ModelPath.check(Path.of("models/missing.Q4_K_M.GGUF")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("missing.Q4_K_M.GGUF: no such file; a model is a GGUF file, or")
        .message()
        .doesNotContain("hf download");
  }

  @Test
  void anyOtherFileIsNone() throws IOException {
    Path file = Files.writeString(folder.resolve("model.safetensors"), "x");
    assertThatThrownBy(() -> ModelPath.check(file))
        .hasMessageContaining(": a file, and no GGUF file by its name; a model is");
  }

  @Test
  void aDirectoryIsLeftToTheLoader() {
    assertThat(ModelPath.check(folder)).isEqualTo(folder);
  }
}
