package org.resa4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Runs a class that runs kernels as plain Java, in a JVM of its own: TornadoVM compiles by the
 * JVM's profiles, and after such a run it does not compile what it would.
 */
public final class PlainJava {
  private PlainJava() {}

  /** Fails with what the class's main method printed, unless it ends well. */
  public static void run(Class<?> main) throws IOException, InterruptedException {
    String classPath = System.getProperty("java.class.path");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("surefire.test.class.path", classPath),
                main.getName())
            .redirectErrorStream(true)
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(printed).isZero();
  }
}
