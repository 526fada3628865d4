package org.resa4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.resa4j.attention.DraftLength;
import org.resa4j.attention.ResaConfig;
import org.resa4j.error.InputException;
import org.resa4j.eval.check.Steps;
import org.resa4j.eval.check.Verdict;
import org.resa4j.eval.exact.Parting;
import org.resa4j.generate.FinishReason;
import org.resa4j.generate.Rectification;
import org.resa4j.generate.Verifications;

class ResultFileTest {
  private static final Identity IDENTITY =
      new Identity(Map.of("model", "m"), List.of(new Setting(ResaConfig.DEFAULT)));

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve(ResultFile.NAME);
  }

  private static Outcome outcome(String task) {
    return new Outcome(
        task,
        "family",
        "dense",
        OptionalLong.of(7),
        "a text,\n\"quoted\" é",
        List.of(3, 1),
        FinishReason.END_OF_TEXT,
        new Verdict(
            0.5, false, Optional.of(new Steps(new int[] {4, 9}, new boolean[] {true, false}))),
        10,
        20,
        new Rectification(2, 16, 1, OptionalDouble.of(1 / 3.0)),
        25,
        30,
        40,
        new Verifications(2, 9, 7, 8),
        Optional.of(new Parting(1, Parting.Kind.TIE, OptionalDouble.of(1e-5))));
  }

  private List<Outcome> write(String... tasks) {
    try (ResultFile results = ResultFile.open(folder, IDENTITY, false)) {
      for (String task : tasks) {
        results.add(outcome(task));
      }
      return results.outcomes();
    }
  }

  @Test
  void aLineThatEndsWithinACharacterIsNotRead() throws IOException {
    write("a", "b");
    byte[] whole = Files.readAllBytes(file);
    int accent = new String(whole, StandardCharsets.ISO_8859_1).lastIndexOf('\u00c3');
    Files.write(file, Arrays.copyOf(whole, accent + 1));
    assertThat(ResultFile.read(file).outcomes()).containsExactly(outcome("a"));
  }

  @Test
  void whatWasWrittenIsReadAgain() {
    write("a", "b");
    assertThat(ResultFile.read(file).identity()).isEqualTo(IDENTITY);
    assertThat(ResultFile.read(file).outcomes()).containsExactly(outcome("a"), outcome("b"));
    assertThat(write("c")).containsExactly(outcome("a"), outcome("b"), outcome("c"));
  }

  @Test
  void aTornLineIsDroppedWhereverItIsTorn() throws IOException {
    write("a", "b");
    byte[] whole = Files.readAllBytes(file);
    int first = new String(whole, StandardCharsets.ISO_8859_1).indexOf('\n') + 1;
    for (int length :
        new int[] {whole.length - 1, whole.length - 40, first + 1, first, first - 1, 1, 0}) {
      Files.write(file, Arrays.copyOf(whole, length));
      if (length >= first) {
        assertThat(ResultFile.read(file).outcomes()).hasSizeLessThan(2);
      } else {
        assertThatThrownBy(() -> ResultFile.read(file)).hasMessageContaining("no results");
      }
      List<Outcome> there = write();
      write(there.isEmpty() ? new String[] {"a", "b"} : new String[] {"b"});
      assertThat(file).as("cut to %d", length).hasBinaryContent(whole);
    }
  }

  @Test
  void aSecondWriterIsKeptOut() {
    try (ResultFile results = ResultFile.open(folder, IDENTITY, false)) {
      assertThatThrownBy(() -> ResultFile.open(folder, IDENTITY, true))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("another evaluation is writing");
      results.add(outcome("a"));
    }
    assertThat(write()).hasSize(1);
  }

  @Test
  void anotherRunIsRefusedAndARestartDropsIt() {
    write("a");
    Identity other = new Identity(Map.of("model", "n", "batch", "2"), IDENTITY.settings());
    assertThatThrownBy(() -> ResultFile.open(folder, other, false))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("batch was null, is 2; model was m, is n")
        .hasMessageContaining("--restart");
    assertThat(write()).hasSize(1);
    try (ResultFile results = ResultFile.open(folder, other, true)) {
      assertThat(results.outcomes()).isEmpty();
    }
    assertThat(ResultFile.read(file).identity()).isEqualTo(other);
  }

  @Test
  void whatIsNoResultIsNamed() throws IOException {
    write("a");
    Files.writeString(file, "{\"task\": 1}\n", StandardOpenOption.APPEND);
    assertThatThrownBy(() -> ResultFile.read(file))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("line 3: no \"family\"");
    Files.writeString(file, "text\n");
    assertThatThrownBy(() -> ResultFile.open(folder, IDENTITY, false))
        .hasMessageContaining("line 1");
    assertThatThrownBy(() -> ResultFile.read(folder.resolve("none")))
        .hasMessageContaining("no such file");
  }

  @Test
  void timingsStandAmongOutcomes() {
    Timing timing = new Timing("family", "dense", 1.5, 40);
    try (ResultFile results = ResultFile.open(folder, IDENTITY, false)) {
      results.add(outcome("a"));
      results.add(timing);
      results.add(outcome("b"));
    }
    assertThat(write()).containsExactly(outcome("a"), outcome("b"));
    assertThat(ResultFile.read(file).timings()).containsExactly(timing);
  }

  /** As versions before exact mode wrote it. */
  @Test
  void anOlderFileIsReadAndGoneOnWith() throws IOException {
    String older =
        """
        {"run":{"model":"m"},"settings":[{"name":"ReSA keep 0.1 every 32, blocks of 16, min 16, \
        local 1","block_size":16,"keep_ratio":0.1,"min_blocks":16,"local_blocks":1,\
        "rectify_every":"32"}]}
        {"task":"t","family":"family","setting":"dense","score":0.5,"right":false,\
        "finish":"END_OF_TEXT","prompt_tokens":10,"generated":20,"rectifications":0,\
        "tokens_rectified":0,"drift_measured":0,"blocks_kept":30,"blocks_seen":40,"text":"a text"}
        """;
    Files.writeString(file, older);
    assertThat(write()).hasSize(1);
    Outcome read = ResultFile.read(file).outcomes().getFirst();
    assertThat(read.steps()).isEqualTo(19);
    assertThat(read.tokens()).isEmpty();
    assertThat(read.verifications()).isEqualTo(Verifications.NONE);
    assertThat(file).hasContent(older);
    assertThat(IDENTITY.toJson().toString()).doesNotContain("draft");
  }

  @Test
  void exactSettingsAreReadAgain() {
    Identity exact =
        new Identity(
            Map.of("model", "m"),
            List.of(
                new Setting(ResaConfig.DEFAULT.withExact(DraftLength.AUTO)),
                new Setting(ResaConfig.DEFAULT.withExact(DraftLength.of(16)))));
    ResultFile.open(folder, exact, false).close();
    assertThat(ResultFile.read(file).identity()).isEqualTo(exact);
    assertThat(exact.settings())
        .extracting(Setting::name)
        .containsExactly(
            "exact keep 0.1 draft auto, blocks of 16, min 16, local 1",
            "exact keep 0.1 draft 16, blocks of 16, min 16, local 1");
  }

  @Test
  void anOutcomeCountsOnce() throws IOException {
    write("a", "a");
    assertThatThrownBy(() -> ResultFile.read(file)).hasMessageContaining("a second outcome");
  }
}
