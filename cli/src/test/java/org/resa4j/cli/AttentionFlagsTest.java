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
import org.junit.jupiter.params.provider.ValueSource;
import org.resa4j.ModelDefaults;
import org.resa4j.attention.DraftLength;
import org.resa4j.attention.ResaConfig;
import org.resa4j.error.InputException;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

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

  @Test
  void shortContextsMayBeDense() throws IOException {
    resaJson("{\"sparse_from\": 4096}");
    assertThat(config().sparseFrom()).isEqualTo(4096);
    assertThat(config("--sparse-from", "100", "--rectify-every", "16").sparseFrom()).isEqualTo(100);
    assertThat(config("--exact").sparseFrom()).isEqualTo(4096);
    // Measured when there is a device.
    assertThat(config("--sparse-from", "auto").sparseFrom()).isEqualTo(4096);
    assertThatThrownBy(() -> config("--sparse-from", "soon")).hasMessageContaining("soon");
    assertThatThrownBy(() -> config("--sparse-from", "-1")).hasMessageContaining("--sparse-from");
    assertThatThrownBy(() -> config("--sparse-from", "1", "--dense"))
        .hasMessageContaining("--dense");
  }

  @Test
  void rectificationsMaySelect() throws IOException {
    resaJson("{\"rectify_keep\": 0.3}");
    assertThat(config().rectifyKeep()).isEqualTo(0.3);
    assertThat(config("--rectify-keep", "1").rectifyKeep()).isEqualTo(1);
    assertThat(config("--rectify-every", "8").rectifyKeep()).isEqualTo(0.3);
    assertThat(config("--exact").rectifyKeep()).isEqualTo(1);
    assertThatThrownBy(() -> config("--exact", "--rectify-keep", "0.3"))
        .hasMessageContaining("--rectify-keep");
    assertThatThrownBy(() -> config("--rectify-keep", "2")).hasMessageContaining("--rectify-keep");
    assertThatThrownBy(() -> config("--rectify-every", "auto"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("--rectify-keep");
    resaJson("{\"rectify_keep\": 0.3, \"exact\": true}");
    assertThatThrownBy(this::config).hasMessageContaining("drop rectify_keep");
  }

  @Test
  void exactModeIsAFlagOrTheModels() throws IOException {
    resaJson("{\"keep_ratio\": 0.2}");
    assertThat(config("--exact").exact()).contains(DraftLength.AUTO);
    assertThat(config("--exact").rectifyEvery()).isZero();
    assertThat(config("--exact").keepRatio()).isEqualTo(0.2);
    assertThat(config("--exact", "--draft", "24").exact()).contains(DraftLength.of(24));
    assertThat(config("--exact", "--draft", "auto").exact()).contains(DraftLength.AUTO);
    resaJson("{\"exact\": true, \"draft\": 8}");
    assertThat(config().exact()).contains(DraftLength.of(8));
    assertThat(config("--draft", "12").exact()).contains(DraftLength.of(12));
    assertThat(config("--rectify-every", "16").exact()).isEmpty();
    assertThat(config("--dense").exact()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "--exact --dense, exclude each other",
    "--exact --rectify-every 16, nothing to rectify",
    "--draft 16, add --exact",
    "--exact --draft 1, 2 to 64",
    "--exact --draft 65, 2 to 64",
    "--exact --draft often, or auto"
  })
  void whatExactModeHasNoUseForIsRefused(String flags, String message) {
    assertThatThrownBy(() -> config(flags.split(" ")))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({
    "2G, 2147483648",
    "800M, 838860800",
    "1.5k, 1536",
    "4096, 4096",
    "1t, 1099511627776",
    "16GB, 17179869184",
    "7B, 7"
  })
  void memoryIsWrittenWithUnits(String text, long bytes) {
    assertThat(new MemorySize().convert(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "G", "two", "-1G", "0", "NaN", "9999999999G", "B", "GB"})
  void whatIsNoMemoryIsRefused(String text) {
    assertThatThrownBy(() -> new MemorySize().convert(text))
        .isInstanceOf(TypeConversionException.class);
  }
}
