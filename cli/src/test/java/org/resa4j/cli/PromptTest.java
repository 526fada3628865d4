package org.resa4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.resa4j.error.InputException;

/** Prompts are taken as they are given, from wherever they come. */
@Isolated("replaces the standard streams")
class PromptTest {
  @TempDir private Path folder;

  /** What a flag of {@code resa run} came to be. */
  private static Object value(String flag, String... args) {
    return Cli.parsed("run", args).findOption(flag).getValue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-c is what",
        "-x",
        "-n",
        "--json",
        "@@everyone hi",
        "@FILE",
        "@pom.xml",
        "=x",
        "",
        "\"quoted\"",
        "${env:HOME}",
        "a,b"
      })
  void aPromptMayBeAnything(String text) {
    assertThat(value("-p", "-p", text)).isEqualTo(text);
    assertThat(value("-p", "--prompt=" + text)).isEqualTo(text);
    assertThat(value("--stop", "--stop", text, "-n", "3")).isEqualTo(List.of(text));
  }

  @Test
  void shortFormsTakeIt() {
    assertThat(value("-p", "-p=-x")).isEqualTo("-x");
    assertThat(value("--stop", "--stop", "-n", "--stop", "-p")).isEqualTo(List.of("-n", "-p"));
  }

  @Test
  void aFileKeepsItsSigns() throws Exception {
    Path at = Path.of(PromptTest.class.getResource("/prompt-files/at.txt").toURI());
    assertThat(PromptFile.read(at)).isEqualTo("@@everyone hi");
    Path other = Files.writeString(folder.resolve("p"), "\n -p @x ä𝄞\r\n");
    assertThat(PromptFile.read(other)).isEqualTo("\n -p @x ä𝄞\r\n");
  }

  @Test
  void aHyphenIsStandardInput() {
    Cli.Outcome outcome =
        Cli.resaReading("solve #1", "run", "--engine=jvm", "-f", "-", "-n", "2", "--json");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("\"prompt_tokens\":2,");
  }

  @Test
  void whatCannotBeReadSaysWhy() throws Exception {
    Path latin = Path.of(PromptTest.class.getResource("/prompt-files/lat.txt").toURI());
    assertThatThrownBy(() -> PromptFile.read(latin))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("lat.txt: not UTF-8: byte");
    assertThatThrownBy(() -> PromptFile.read(folder)).hasMessageContaining("it is a directory");
    assertThatThrownBy(() -> PromptFile.read(folder.resolve("none")))
        .hasMessageContaining("none: cannot be read: no such file");
    // Root may read everything, so the reason is looked at by itself.
    Path secret = Files.writeString(folder.resolve("secret"), "x");
    assertThat(PromptFile.why(secret, new AccessDeniedException("secret")))
        .isEqualTo("no permission to read it");
    Cli.Outcome outcome =
        Cli.resaReading("caf\u00e9".getBytes(StandardCharsets.ISO_8859_1), "run", "-f", "-");
    assertThat(outcome.code()).isEqualTo(ExitCode.INPUT);
    assertThat(outcome.err()).contains("standard input: not UTF-8: byte 4 is 0xE9");
  }

  @Test
  void aSequenceThatIsCutShortIsNotUtf8() throws IOException {
    Path cut = Files.write(folder.resolve("cut"), new byte[] {'a', (byte) 0xC3});
    assertThatThrownBy(() -> PromptFile.read(cut)).hasMessageContaining("not UTF-8: byte 2");
  }

  @Test
  void twoPromptsAreRefusedInTwoLines() {
    Cli.Outcome outcome = Cli.resa("run", "-p", "a", "-f", "b");
    assertThat(outcome.code()).isEqualTo(ExitCode.USAGE);
    assertThat(outcome.errLines())
        .containsExactly(
            "resa: -p and -f are two prompts; give one", "      see `resa run --help`");
  }
}
