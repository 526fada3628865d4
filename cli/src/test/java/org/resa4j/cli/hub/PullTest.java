package org.resa4j.cli.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.resa4j.error.InputException;

class PullTest {
  private static final int LARGE = 1 << 20;

  private final FakeHub hub = new FakeHub();
  private final List<String> notes = new ArrayList<>();
  @TempDir private Path folder;

  @AfterEach
  void close() {
    hub.close();
  }

  private static byte[] random(int seed) {
    byte[] bytes = new byte[LARGE];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private Pull.Done pull(String... patterns) {
    return pull(hub.uri(), Optional.empty(), patterns);
  }

  private Pull.Done pull(URI endpoint, Optional<String> token, String... patterns) {
    return new Pull(
            endpoint,
            token,
            "owner/model",
            "main",
            List.of(patterns),
            folder,
            Duration.ofMillis(10))
        .run(
            new Pull.Progress() {
              @Override
              public void at(String file, int number, int files, long done, long bytes) {
                assertThat(done).isBetween(0L, bytes);
                assertThat(number).isBetween(1, files);
              }

              @Override
              public void note(String what) {
                notes.add(what);
              }
            });
  }

  private List<String> there() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private long asked(String begin) {
    return hub.asked.stream().filter(each -> each.startsWith(begin)).count();
  }

  @Test
  void aModelsFilesComeAndNoOthers() throws IOException {
    hub.with("config.json", "{}")
        .with("tokenizer.json", "")
        .with("model-00001-of-00001.safetensors", random(1))
        .with("model.safetensors.index.json", "{\"weight_map\": {}}")
        .with("README.md", "no")
        .with("pytorch_model.bin", random(2))
        .with("onnx/config.json", "no")
        .with("../config.json", "no")
        .with(".hidden", "no");
    Pull.Done done = pull();
    assertThat(there())
        .containsExactly(
            "config.json",
            "model-00001-of-00001.safetensors",
            "model.safetensors.index.json",
            "tokenizer.json");
    assertThat(folder.resolve("model-00001-of-00001.safetensors")).hasBinaryContent(random(1));
    assertThat(done.fetched()).isEqualTo(4);
    assertThat(done.commit()).isEqualTo(FakeHub.COMMIT);
    assertThat(pull().fetched()).isZero();
    assertThat(asked("network")).isEqualTo(1);
  }

  @Test
  void aTokenGoesToTheHubAlone() {
    hub.with("model.gguf", random(3));
    pull(hub.uri(), Optional.of("secret"));
    assertThat(hub.asked)
        .containsExactly(
            "hub /api/models/owner/model/revision/main range=null token=Bearer secret",
            "hub /owner/model/resolve/"
                + FakeHub.COMMIT
                + "/model.gguf range=null token=Bearer secret",
            "network /model.gguf range=null token=null");
    assertThatThrownBy(() -> pull(URI.create("http://hub.example"), Optional.of("secret")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("https alone")
        .hasMessageNotContaining("secret");
  }

  @Test
  void whatWasCutShortIsGoneOnWith() {
    hub.with("model.gguf", random(4)).cuts.addAll(List.of(1000, 300_000));
    assertThat(pull().fetched()).isEqualTo(1);
    assertThat(folder.resolve("model.gguf")).hasBinaryContent(random(4));
    assertThat(asked("network /model.gguf range=bytes=1000-")).isEqualTo(1);
    assertThat(asked("network /model.gguf range=bytes=301000-")).isEqualTo(1);
    assertThat(notes).hasSize(2).allMatch(note -> note.contains("trying again"));
  }

  @Test
  void anotherCommandGoesOnToo() throws IOException {
    hub.with("model.gguf", random(5)).cuts.addAll(List.of(1000, 0, 0, 0, 0));
    assertThatThrownBy(this::pull)
        .isInstanceOf(InputException.class)
        .hasMessageContaining("goes on with it");
    assertThat(there()).containsExactly("model.gguf.part");
    pull();
    assertThat(folder.resolve("model.gguf")).hasBinaryContent(random(5));
    assertThat(there()).containsExactly("model.gguf");
  }

  @Test
  void aHubWithoutRangesBeginsAnew() {
    hub.ranges = false;
    hub.with("model.gguf", random(6)).cuts.add(1000);
    pull();
    assertThat(folder.resolve("model.gguf")).hasBinaryContent(random(6));
  }

  @Test
  void aSilentConnectionIsGivenUp() {
    hub.stalls = true;
    hub.with("model.gguf", random(7)).cuts.add(1000);
    pull();
    assertThat(folder.resolve("model.gguf")).hasBinaryContent(random(7));
    assertThat(notes).singleElement().asString().contains("nothing came for");
  }

  @Test
  void whatComesWrongIsThrownAway() throws IOException {
    hub.lie = "a".repeat(64);
    hub.with("model.gguf", random(8));
    assertThatThrownBy(this::pull).hasMessageContaining("wrong checksum");
    assertThat(there()).isEmpty();
  }

  @Test
  void anotherFileOfTheNameIsLeftAlone() throws IOException {
    hub.with("model.gguf", random(9));
    Files.writeString(folder.resolve("model.gguf"), "mine");
    assertThatThrownBy(this::pull).hasMessageContaining("is not the repository's file");
    assertThat(folder.resolve("model.gguf")).hasContent("mine");
    byte[] changed = random(9);
    changed[77]++;
    Files.write(folder.resolve("model.gguf"), changed);
    assertThatThrownBy(this::pull).hasMessageContaining("is not the repository's file");
  }

  @Test
  void ofSeveralModelsOneHasToBeNamed() throws IOException {
    hub.with("m-Q4_K_M.gguf", random(10)).with("m-Q8_0.gguf", random(11));
    assertThatThrownBy(this::pull)
        .hasMessageContaining("--file")
        .hasMessageContaining("m-Q4_K_M.gguf, m-Q8_0.gguf");
    assertThatThrownBy(() -> pull("*Q5*")).hasMessageContaining("no file *Q5*");
    pull("*Q4*");
    assertThat(there()).containsExactly("m-Q4_K_M.gguf");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "401 | not for everybody",
        "403 | not for everybody",
        "404 | no such repository",
        "500 | HTTP 500",
      })
  void refusalsSayWhatTheyMean(int status, String expected) {
    hub.status = status;
    assertThatThrownBy(this::pull)
        .isInstanceOf(InputException.class)
        .hasMessageContaining(expected)
        .hasMessageContaining("owner/model");
  }

  @Test
  void withoutANetworkThatIsSaid() {
    hub.close();
    assertThatThrownBy(this::pull)
        .isInstanceOf(InputException.class)
        .hasMessageContaining("is there a network?");
  }

  @ParameterizedTest
  @ValueSource(strings = {"model", "a/b/c", "../model", "owner/..", "owner/m?x", ""})
  void whatIsNoRepositoryIsNotAskedFor(String name) {
    Pull pull =
        new Pull(
            hub.uri(), Optional.empty(), name, "main", List.of(), folder, Duration.ofMillis(10));
    assertThatThrownBy(() -> pull.run(null)).hasMessageContaining("is no repository");
    assertThat(hub.asked).isEmpty();
  }
}
