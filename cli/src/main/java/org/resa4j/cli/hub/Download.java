package org.resa4j.cli.hub;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.resa4j.error.InputException;

/**
 * Fetches a repository's files into a folder. What is there and whole stays; what is there in part,
 * under the file's name and {@code .part}, is gone on with; a file gets its name when its checksum
 * is right.
 */
final class Download {
  private static final String PART = ".part";
  private static final int TRIES = 5;

  /** Of silence, after which a connection counts as dead. */
  private static final int SILENT_PAUSES = 60;

  private final Hub hub;
  private final Repository repository;
  private final Path folder;
  private final Progress progress;
  private final Duration pause;

  /** Hears how far a file is. */
  interface Progress {
    /**
     * @param done bytes of the file that are there
     */
    void at(RemoteFile file, long done);

    /** What went wrong, and that it is tried again. */
    void note(String what);
  }

  /**
   * @param pause before the second try; doubled before each later one
   */
  Download(Hub hub, Repository repository, Path folder, Progress progress, Duration pause) {
    this.hub = hub;
    this.repository = repository;
    this.folder = folder;
    this.progress = progress;
    this.pause = pause;
  }

  /** Bytes that are still to come. */
  long missing(Iterable<RemoteFile> files) throws IOException {
    long bytes = 0;
    for (RemoteFile file : files) {
      Path whole = folder.resolve(file.name());
      Path part = folder.resolve(file.name() + PART);
      if (!Files.exists(whole)) {
        bytes += file.bytes() - (Files.exists(part) ? Files.size(part) : 0);
      }
    }
    return bytes;
  }

  /**
   * Fetches a file.
   *
   * @return whether anything had to be fetched
   * @throws InputException if another file has its name there, it cannot be had, or not rightly
   */
  boolean fetch(RemoteFile file) throws IOException {
    Path whole = folder.resolve(file.name());
    if (Files.exists(whole)) {
      if (Files.size(whole) == file.bytes() && file.checksum().isOf(whole)) {
        return false;
      }
      throw new InputException(
          "%s: is there, but is not the repository's file; move it away".formatted(whole));
    }
    Path part = folder.resolve(file.name() + PART);
    for (int attempt = 1; ; attempt++) {
      try {
        receive(file, part);
        break;
      } catch (IOException e) {
        if (attempt == TRIES || Thread.currentThread().isInterrupted()) {
          throw new InputException(
              "%s: %s; what has come is kept, the same command goes on with it"
                  .formatted(file.name(), hub.unreachable(e)),
              e);
        }
        progress.note("%s: %s; trying again".formatted(file.name(), e.getMessage()));
        sleep(pause.multipliedBy(1L << (attempt - 1)));
      }
    }
    if (!file.checksum().isOf(part)) {
      Files.delete(part);
      throw new InputException(
          file.name() + ": came with a wrong checksum and is thrown away; try again");
    }
    Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE);
    return true;
  }

  private void receive(RemoteFile file, Path part) throws IOException {
    long there = Files.exists(part) ? Files.size(part) : 0;
    if (there > file.bytes()) {
      // Of another commit.
      Files.delete(part);
      there = 0;
    }
    progress.at(file, there);
    if (there == file.bytes() && there > 0) {
      return;
    }
    try (Hub.Opened opened = hub.open(hub.uri(repository, file), there)) {
      boolean goesOn =
          opened.status() == 206
              && opened
                  .range()
                  .equals("bytes %d-%d/%d".formatted(there, file.bytes() - 1, file.bytes()));
      if (opened.status() >= 500 || opened.status() == 429) {
        throw new IOException("the hub answers HTTP " + opened.status());
      }
      if (!goesOn && opened.status() != 200) {
        throw hub.refused(repository.name() + "/" + file.name(), opened.status());
      }
      append(file, part, goesOn ? there : 0, opened.body());
    }
    long now = Files.size(part);
    if (now != file.bytes()) {
      throw new IOException("%d of %d bytes came".formatted(now, file.bytes()));
    }
  }

  /** Never more than the file has. */
  private void append(RemoteFile file, Path part, long there, InputStream from) throws IOException {
    try (Watchdog watchdog = new Watchdog(from, pause.multipliedBy(SILENT_PAUSES));
        OutputStream to =
            there > 0
                ? Files.newOutputStream(part, StandardOpenOption.APPEND)
                : Files.newOutputStream(part)) {
      byte[] buffer = new byte[1 << 18];
      long done = there;
      for (int read = read(from, buffer, watchdog);
          read >= 0;
          read = read(from, buffer, watchdog)) {
        done += read;
        if (done > file.bytes()) {
          throw new IOException("more than %d bytes came".formatted(file.bytes()));
        }
        to.write(buffer, 0, read);
        progress.at(file, done);
      }
    }
  }

  private static int read(InputStream from, byte[] buffer, Watchdog watchdog) throws IOException {
    watchdog.feed();
    try {
      int read = from.read(buffer);
      watchdog.check();
      return read;
    } catch (IOException e) {
      watchdog.check();
      throw e;
    }
  }

  private static void sleep(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
