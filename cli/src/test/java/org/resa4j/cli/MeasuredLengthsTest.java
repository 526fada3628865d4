package org.resa4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.resa4j.Resa;
import org.resa4j.attention.ResaConfig;

class MeasuredLengthsTest {
  @TempDir private Path folder;
  private final List<String> notes = new ArrayList<>();
  private int measured;

  private int of(Path where, String key, int context, int length) {
    return new MeasuredLengths(where, notes::add)
        .of(
            key,
            context,
            () -> {
              measured++;
              return length;
            });
  }

  @Test
  void whatWasMeasuredStays() {
    assertThat(of(folder, "a = b: c", 8192, 4096)).isEqualTo(4096);
    assertThat(notes.getLast()).contains("below 4096", "--sparse-from");
    assertThat(of(folder, "a = b: c", 8192, 3840)).isEqualTo(4096);
    assertThat(of(folder, "a = b: c", 2048, 3840)).isEqualTo(4096);
    assertThat(of(folder, "another", 8192, 3840)).isEqualTo(3840);
    assertThat(measured).isEqualTo(2);
  }

  @Test
  void whatDidNotPayUpToALengthIsMeasuredBeyondIt() {
    assertThat(of(folder, "a", 4096, 4097)).isEqualTo(4097);
    assertThat(notes.getLast()).contains("dense up to the 4096");
    assertThat(of(folder, "a", 2048, 1)).isEqualTo(4097);
    assertThat(measured).isEqualTo(1);
    assertThat(of(folder, "a", 8192, 6144)).isEqualTo(6144);
    assertThat(of(folder, "a", 4096, 1)).isEqualTo(6144);
    assertThat(measured).isEqualTo(2);
  }

  @Test
  void oneModelHasOneKey() {
    List<String> keys = new ArrayList<>();
    for (int context : new int[] {400, 500}) {
      try (Resa resa =
          Resa.builder(ModelFlags.shipped()).engine("jvm").contextLength(context).build()) {
        keys.add(MeasuredLengths.key(resa.info(), ResaConfig.DEFAULT.withSparseFrom(context)));
      }
    }
    assertThat(keys.get(0)).isEqualTo(keys.get(1)).contains("blockSize=16", "F32 KV", "jvm; ");
  }

  @Test
  void aContextOfKeptBlocksAloneIsNotMeasured() {
    try (Resa resa = Resa.builder(ModelFlags.shipped()).engine("jvm").contextLength(100).build()) {
      assertThat(new MeasuredLengths(folder, notes::add).of(resa, resa.defaults().attention()))
          .isZero();
    }
    assertThat(notes).isEmpty();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aSpoiltFileIsWrittenAnew() throws IOException {
    Path file = folder.resolve("sparse-from.properties");
    Files.writeString(file, "a=soon\n\\u00zz=1\n");
    assertThat(of(folder, "a", 4096, 512)).isEqualTo(512);
    assertThat(of(folder, "a", 4096, 1)).isEqualTo(512);
    Files.writeString(file, "a=-5 up to 4096\n");
    assertThat(of(folder, "a", 4096, 768)).isEqualTo(768);
  }

  @Test
  void whatCannotBeWrittenIsMeasuredOnce() throws IOException {
    // In the place of the file that is moved.
    Files.createDirectories(folder.resolve("sparse-from.properties").resolve("x"));
    assertThat(of(folder, "a", 4096, 512)).isEqualTo(512);
    assertThat(measured).isEqualTo(1);
    assertThat(notes.getLast()).contains("not kept");
  }

  @Test
  void whatIsKeptIsReadWhereNothingCanBeWritten() throws IOException {
    of(folder, "a", 4096, 512);
    Path lock = folder.resolve("sparse-from.properties.lock");
    Files.delete(lock);
    Files.createDirectory(lock);
    assertThat(of(folder, "a", 4096, 1)).isEqualTo(512);
    assertThat(measured).isEqualTo(1);
  }

  @Test
  void shortContextsAreDenseAndNotMeasured() {
    assertThat(of(folder, "a", 2047, 0)).isEqualTo(2048);
    assertThat(measured).isZero();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void twoThatStartAtOnceGetOneNumber() throws Exception {
    List<Integer> lengths = Collections.synchronizedList(new ArrayList<>());
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int length = 512 + 256 * i;
      threads.add(
          Thread.ofPlatform()
              .start(
                  () ->
                      lengths.add(
                          new MeasuredLengths(folder, note -> {}).of("a", 4096, () -> length))));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(lengths).hasSize(4).containsOnly(lengths.getFirst());
  }

  @Test
  void whatCannotBeKeptIsSaid() throws IOException {
    Path file = Files.createFile(folder.resolve("no-folder"));
    assertThat(of(file, "a", 4096, 512)).isEqualTo(512);
    assertThat(notes.getLast()).contains("not kept", "below 512");
    assertThat(measured).isEqualTo(1);
  }
}
