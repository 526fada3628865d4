package org.resa4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.resa4j.ModelDefaults;
import org.resa4j.attention.ResaConfig;
import org.resa4j.error.InputException;
import picocli.CommandLine;

/** Flags before the model's {@code resa.json}, that before the defaults. */
class AttentionFlagsTest {
  @TempDir private Path model;

  private ResaConfig config(String... args) {
    AttentionFlags flags = CommandLine.populateCommand(new AttentionFlags(), args);
    return flags.config(ModelDefaults.read(model).attention());
  }

  private void resaJson(String text) throws IOException {
    Files.writeString(model.resolve("resa.json"), text);
  }

  @ParameterizedTest
  @CsvSource({"48, 48", "0, 0", "'\"auto\"', auto:0.02", "'\"auto:0.25\"', auto:0.25"})
  void theModelMayNameAnInterval(String json, String expected) throws IOException {
    resaJson("{\"block_size\": 4, \"rectify_every\": " + json + "}");
    assertThat(config().rectification()).isEqualTo(expected);
    assertThat(config().blockSize()).isEqualTo(4);
  }

  @Test
  void aFlagGoesBeforeTheModels() throws IOException {
    resaJson("{\"rectify_every\": \"auto\"}");
    assertThat(config("--keep-ratio", "0.2").rectification()).isEqualTo("auto:0.02");
    assertThat(config("--rectify-every", "16").rectification()).isEqualTo("16");
    assertThat(config("--dense").driftTarget()).isEmpty();
    resaJson("{\"rectify_every\": 16}");
    assertThat(config("--rectify-every", "auto:0.05").rectification()).isEqualTo("auto:0.05");
    resaJson("{}");
    assertThat(config()).isEqualTo(ResaConfig.DEFAULT);
  }

  @Test
  void whatCannotBeUsedIsSaidWithTheFile() throws IOException {
    resaJson("{\"rectify_every\": \"often\"}");
    assertThatThrownBy(this::config)
        .isInstanceOf(InputException.class)
        .hasMessageContaining("resa.json")
        .hasMessageContaining("auto:TARGET");
  }
}
