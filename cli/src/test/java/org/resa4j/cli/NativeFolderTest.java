package org.resa4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder for native code that cannot be written is named. */
class NativeFolderTest {
  @TempDir private Path folder;

  @Test
  void aFolderThatCannotBeWrittenIsNamed() throws Exception {
    // A file, since root may write to every folder.
    Path file = Files.writeString(folder.resolve("file"), "");
    Process process =
        Cli.process(List.of("-DDJL_CACHE_DIR=" + file), "run", "--engine=jvm", "-n=1").start();
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(err).isEqualTo(ExitCode.INPUT);
    assertThat(err)
        .contains(
            "resa: ",
            "native library",
            "a folder that cannot be written: " + file.resolve("tokenizers"),
            "DJL_CACHE_DIR=FOLDER");
  }

  @Test
  void aUserWithoutHomeUnpacksWhereTemporaryFilesGo() throws Exception {
    Process process =
        Cli.process(
                List.of("-Duser.home=/proc/none", "-Djava.io.tmpdir=" + folder),
                "run",
                "--engine=jvm",
                "-n=1")
            .start();
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(err).isZero();
    assertThat(folder.resolve(".djl.ai/tokenizers")).isDirectory();
  }

  @Test
  void whatCanBeWrittenIsNotBlamed() throws IOException {
    assertThat(NativeFolder.unwritable(folder.resolve("new/tokenizers"))).isEmpty();
    assertThat(folder.resolve("new/tokenizers")).isEmptyDirectory();
  }
}
