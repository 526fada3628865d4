package org.resa4j.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.resa4j.cli.Processor;

/**
 * When, where and with what a row was measured; what is not known is empty.
 *
 * @param time in UTC, as ISO 8601 has it
 * @param run when its command began, by which rows of one run are told
 * @param version of this program
 * @param commit of its sources, {@code -dirty} behind it where files differ
 * @param processor model and number of processors
 * @param system operating system
 * @param driver of the device; of the JVM engine Java itself
 * @param flags the command line
 */
public record Provenance(
    String time,
    String run,
    String version,
    String commit,
    String processor,
    String system,
    String driver,
    String flags) {
  private static final long GIT_SECONDS = 10;

  /** Of rows measured here by a command, their time and their devices' drivers left empty. */
  public static Provenance here(String flags) {
    String version = Provenance.class.getPackage().getImplementationVersion();
    return new Provenance(
        "",
        Instant.now().truncatedTo(ChronoUnit.MILLIS).toString(),
        version == null ? "" : version,
        commit(Optional.ofNullable(System.getProperty("resa.home")).map(Path::of)),
        "%s, %d processors"
            .formatted(Processor.model(), Runtime.getRuntime().availableProcessors()),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        "",
        flags);
  }

  Provenance now(String ofDevice) {
    return new Provenance(
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
        run,
        version,
        commit,
        processor,
        system,
        ofDevice,
        flags);
  }

  /**
   * Whether times may be compared: the same sources on the same machine. Rows that others measured
   * say nothing of it; who puts them into a report answers for that.
   */
  static boolean comparable(Optional<Provenance> one, Optional<Provenance> other) {
    return one.isEmpty()
        || other.isEmpty()
        || (one.get().machine().equals(other.get().machine())
            && one.get().version.equals(other.get().version)
            && one.get().commit.equals(other.get().commit));
  }

  /** The day. */
  String date() {
    return time.replaceFirst("T.*", "");
  }

  /** Processor and system, by which machines are told apart. */
  String machine() {
    return processor + "; " + system;
  }

  /** Version and commit. */
  String sources() {
    return commit.isEmpty() ? version : (version + " " + commit).strip();
  }

  /**
   * The commit of a checkout, as git says, or what an archive's file COMMIT says.
   *
   * @param home the root of either
   */
  static String commit(Optional<Path> home) {
    if (home.isEmpty()) {
      return "";
    }
    try {
      Path file = home.get().resolve("COMMIT");
      if (Files.isRegularFile(file)) {
        return Files.readString(file).strip();
      }
      if (!Files.exists(home.get().resolve(".git"))) {
        return "";
      }
      return described(home.get());
    } catch (IOException e) {
      // No git here: the row says that the commit is not known.
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  private static String described(Path home) throws IOException, InterruptedException {
    Path said = Files.createTempFile("resa-commit", null);
    try {
      Process git =
          new ProcessBuilder("git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*")
              .directory(home.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .redirectOutput(said.toFile())
              .start();
      if (!git.waitFor(GIT_SECONDS, TimeUnit.SECONDS)) {
        git.destroyForcibly();
        return "";
      }
      return git.exitValue() == 0 ? Files.readString(said).strip() : "";
    } finally {
      Files.deleteIfExists(said);
    }
  }
}
