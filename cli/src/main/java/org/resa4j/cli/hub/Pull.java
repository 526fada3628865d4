package org.resa4j.cli.hub;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.resa4j.error.InputException;

/**
 * A model to be fetched.
 *
 * @param endpoint the hub
 * @param token for repositories that are not everybody's
 * @param repository {@code owner/name}
 * @param revision a branch, tag or commit
 * @param patterns of names, with {@code *}; none for what a model needs
 * @param folder where the files go; made if it is not there
 * @param pause before what failed is tried again; doubled each time
 */
public record Pull(
    URI endpoint,
    Optional<String> token,
    String repository,
    String revision,
    List<String> patterns,
    Path folder,
    Duration pause) {
  public Pull {
    patterns = List.copyOf(patterns);
  }

  /** Hears how far it is. */
  public interface Progress {
    /**
     * @param file its name
     * @param number of the file, from 1
     * @param files how many there are
     * @param done bytes of the file that are there
     * @param bytes of the file
     */
    void at(String file, int number, int files, long done, long bytes);

    void note(String what);
  }

  /**
   * What was fetched.
   *
   * @param commit of which all files are
   * @param files their paths
   * @param fetched how many of them had to be fetched
   * @param bytes of all files
   */
  public record Done(String commit, List<Path> files, int fetched, long bytes) {}

  /**
   * Fetches what is not there.
   *
   * @throws InputException if it cannot, with the reason
   */
  public Done run(Progress progress) {
    try (Hub hub = new Hub(endpoint, token)) {
      Repository found = hub.repository(repository, revision);
      List<RemoteFile> files = patterns.isEmpty() ? found.model() : found.named(patterns);
      Files.createDirectories(folder);
      int fetched = 0;
      for (int i = 0; i < files.size(); i++) {
        Download download = new Download(hub, found, folder, of(progress, i, files.size()), pause);
        if (i == 0) {
          checkRoom(download.missing(files));
        }
        fetched += download.fetch(files.get(i)) ? 1 : 0;
      }
      return new Done(
          found.commit(),
          files.stream().map(file -> folder.resolve(file.name())).toList(),
          fetched,
          files.stream().mapToLong(RemoteFile::bytes).sum());
    } catch (IOException e) {
      throw new InputException(folder + ": " + e, e);
    }
  }

  private void checkRoom(long bytes) throws IOException {
    long room = Files.getFileStore(folder).getUsableSpace();
    if (bytes > room) {
      throw new InputException(
          "%s: %,d MiB are to come, %,d are free".formatted(folder, bytes >> 20, room >> 20));
    }
  }

  private static Download.Progress of(Progress progress, int index, int files) {
    return new Download.Progress() {
      @Override
      public void at(RemoteFile file, long done) {
        progress.at(file.name(), index + 1, files, done, file.bytes());
      }

      @Override
      public void note(String what) {
        progress.note(what);
      }
    };
  }
}
