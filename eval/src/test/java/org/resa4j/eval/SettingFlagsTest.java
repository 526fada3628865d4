package org.resa4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.resa4j.ModelDefaults;
import org.resa4j.error.InputException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

class SettingFlagsTest {
  @TempDir private Path model;

  @BeforeEach
  void ownDefaults() throws IOException {
    Files.writeString(
        model.resolve("resa.json"),
        "{\"block_size\": 8, \"keep_ratio\": 0.2, \"min_blocks\": 4, \"local_blocks\": 2,"
            + " \"rectify_every\": 64}");
  }

  private List<String> settings(String... arguments) {
    SettingFlags flags = new SettingFlags();
    new CommandLine(flags).setCaseInsensitiveEnumValuesAllowed(true).parseArgs(arguments);
    return flags.settings(ModelDefaults.read(model).attention()).stream()
        .map(Setting::name)
        .toList();
  }

  @Test
  void theModelsOwnSettingsAreTheDefault() {
    assertThat(settings())
        .containsExactly(
            "dense",
            "sparse keep 0.2, blocks of 8, min 4, local 2",
            "ReSA keep 0.2 every 64, blocks of 8, min 4, local 2");
    assertThat(settings("--settings=resa")).hasSize(1).allMatch(name -> name.startsWith("ReSA"));
  }

  @Test
  void aModelWithoutRectificationIsStillComparedWithIt() throws IOException {
    Files.writeString(model.resolve("resa.json"), "{\"keep_ratio\": 0.2, \"rectify_every\": 0}");
    assertThat(settings()).hasSize(3).anyMatch(name -> name.startsWith("ReSA keep 0.2 every 32"));
  }

  @Test
  void aModelThatKeepsAllNeedsARatioForTheOthers() throws IOException {
    Files.writeString(model.resolve("resa.json"), "{\"keep_ratio\": 1}");
    assertThat(settings("--settings=dense")).containsExactly("dense");
    assertThat(settings("--keep-ratio=0.5")).hasSize(3);
    assertThatThrownBy(this::settings)
        .isInstanceOf(InputException.class)
        .hasMessageContaining("--keep-ratio");
  }

  @Test
  void rectificationsMaySelectBlocks() {
    assertThat(settings("--rectify-keep=1,0.2", "--min-blocks=1"))
        .containsExactly(
            "dense",
            "sparse keep 0.2, blocks of 8, min 1, local 2",
            "ReSA keep 0.2 every 64, blocks of 8, min 1, local 2",
            "ReSA keep 0.2 every 64 over 0.2, blocks of 8, min 1, local 2");
    assertThatThrownBy(() -> settings("--settings=sparse", "--rectify-keep=0.2"))
        .hasMessageContaining("--settings");
  }

  @Test
  void gridsAreEveryCombinationOnce() {
    assertThat(settings("--rectify-every=off,16,32", "--keep-ratio=0.1,0.05", "--min-blocks=1"))
        .containsExactly(
            "dense",
            "sparse keep 0.1, blocks of 8, min 1, local 2",
            "ReSA keep 0.1 every 16, blocks of 8, min 1, local 2",
            "ReSA keep 0.1 every 32, blocks of 8, min 1, local 2",
            "sparse keep 0.05, blocks of 8, min 1, local 2",
            "ReSA keep 0.05 every 16, blocks of 8, min 1, local 2",
            "ReSA keep 0.05 every 32, blocks of 8, min 1, local 2");
    assertThat(settings("--block-size=4,8", "--local-blocks=1,2"))
        .hasSize(1 + 2 * 2 * 2)
        .doesNotHaveDuplicates();
  }

  @Test
  void exactModeIsOneMoreKind() {
    assertThat(settings("--settings=dense,exact", "--keep-ratio=0.1,0.05", "--draft=8,auto"))
        .containsExactly(
            "dense",
            "exact keep 0.1 draft 8, blocks of 8, min 4, local 2",
            "exact keep 0.1 draft auto, blocks of 8, min 4, local 2",
            "exact keep 0.05 draft 8, blocks of 8, min 4, local 2",
            "exact keep 0.05 draft auto, blocks of 8, min 4, local 2");
    assertThat(settings("--settings=exact"))
        .containsExactly("exact keep 0.2 draft auto, blocks of 8, min 4, local 2");
    assertThatThrownBy(() -> settings("--draft=8"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("does not name");
    assertThatThrownBy(() -> settings("--settings=exact", "--draft=1"))
        .isInstanceOf(ParameterException.class)
        .hasMessageContaining("2 to 64");
  }

  @Test
  void offAloneIsSparseAlone() {
    assertThat(settings("--settings=sparse,resa", "--rectify-every=off"))
        .containsExactly("sparse keep 0.2, blocks of 8, min 4, local 2");
  }

  @Test
  void contradictionsAreRefused() {
    assertThatThrownBy(() -> settings("--settings=dense,sparse", "--rectify-every=16"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("leaves resa out");
    assertThatThrownBy(() -> settings("--settings=resa", "--rectify-every=off"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("nothing to evaluate");
    assertThatThrownBy(() -> settings("--rectify-every=often"))
        .isInstanceOf(ParameterException.class)
        .hasMessageContaining("often");
    assertThatThrownBy(() -> settings("--keep-ratio=2")).hasMessageContaining("(0, 1], was 2");
  }
}
