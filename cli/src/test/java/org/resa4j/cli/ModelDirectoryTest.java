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

/** What is no model's directory, told apart. */
class ModelDirectoryTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Qwen/Qwen2.5-0.5B",
        "https://huggingface.co/Qwen/Qwen2.5-0.5B",
        "https://huggingface.co/Qwen/Qwen2.5-0.5B/tree/main"
      })
  void aNameAtHuggingFaceIsToBeDownloaded(String name) {
    assertThatThrownBy(() -> ModelDirectory.check(Path.of(name)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no such directory")
        .hasMessageContaining(
            "`hf download Qwen/Qwen2.5-0.5B --local-dir Qwen2.5-0.5B` and name it with -m"
                + " Qwen2.5-0.5B");
  }

  @Test
  void anyOtherMissingFolderIsJustMissing() {
    for (Path missing : new Path[] {folder.resolve("none"), Path.of("none"), Path.of("./a/b")}) {
      assertThatThrownBy(() -> ModelDirectory.check(missing))
          .hasMessageStartingWith(missing + ": no such directory; a model is a directory")
          .message()
          .doesNotContain("hf download");
    }
  }

  @Test
  void ggufIsNotReadYet() throws IOException {
    Path file = Files.writeString(folder.resolve("a.gguf"), "GGUF");
    for (Path each : new Path[] {file, Path.of("missing.Q4_K_M.GGUF"), folder}) {
      assertThatThrownBy(() -> ModelDirectory.check(each))
          .hasMessageContaining("GGUF files cannot be read yet")
          .hasMessageContaining("model.safetensors");
    }
  }

  @Test
  void aFileIsNoDirectory() throws IOException {
    Path file = Files.writeString(folder.resolve("model.safetensors"), "x");
    assertThatThrownBy(() -> ModelDirectory.check(file)).hasMessageContaining(": a file; a model");
  }

  @Test
  void aDirectoryIsLeftToTheLoader() {
    assertThat(ModelDirectory.check(folder)).isEqualTo(folder);
  }
}
