package org.resa4j.eval;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.resa4j.error.InputException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code results.jsonl}: a run's identity, then an outcome or a {@link Timing} to a line, each on
 * the disk before the next. What was written stays when the process is killed; a line that was
 * being written then is dropped, and its task is done again.
 *
 * <p>A lock, which the system lifts when the process ends, keeps a second run out.
 */
final class ResultFile implements AutoCloseable {
  static final String NAME = "results.jsonl";

  private final FileChannel lock;
  private final FileChannel channel;
  private final Identity identity;
  private final List<Outcome> outcomes;
  private final List<Timing> timings;

  private ResultFile(FileChannel lock, FileChannel channel, Content content) {
    this.lock = lock;
    this.channel = channel;
    identity = content.identity;
    outcomes = new ArrayList<>(content.outcomes);
    timings = new ArrayList<>(content.timings);
  }

  /** A run's identity and what came of its tasks so far. */
  record Content(Identity identity, List<Outcome> outcomes, List<Timing> timings) {
    Content {
      outcomes = List.copyOf(outcomes);
      timings = List.copyOf(timings);
    }
  }

  /**
   * Opens a run's results to add to them.
   *
   * @param folder is made if it is not there
   * @param restart whether to drop what an earlier run left
   * @throws InputException if another run is writing there, another run's results are there, or the
   *     folder cannot be written to
   */
  static ResultFile open(Path folder, Identity identity, boolean restart) {
    try {
      Files.createDirectories(folder);
      FileChannel lock = lock(folder);
      try {
        return open(lock, folder.resolve(NAME), identity, restart);
      } catch (IOException | RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (IOException e) {
      throw new InputException(folder + ": cannot be written to: " + e.getMessage(), e);
    }
  }

  private static FileChannel lock(Path folder) throws IOException {
    FileChannel lock =
        FileChannel.open(
            folder.resolve("results.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean taken;
    try {
      taken = lock.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      taken = false;
    }
    if (!taken) {
      lock.close();
      throw new InputException(
          folder + ": another evaluation is writing there; wait for it or name another --output");
    }
    return lock;
  }

  private static ResultFile open(FileChannel lock, Path file, Identity identity, boolean restart)
      throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (restart) {
        channel.truncate(0);
      }
      long whole = wholeLines(channel);
      channel.truncate(whole);
      Content content = new Content(identity, List.of(), List.of());
      if (whole > 0) {
        content = read(file);
        String differences = content.identity.differences(identity);
        if (!differences.isEmpty()) {
          throw new InputException(
              "%s: the results of another run are there (%s): name another --output, or drop them with --restart"
                  .formatted(file, differences));
        }
      }
      channel.position(whole);
      ResultFile results = new ResultFile(lock, channel, content);
      if (whole == 0) {
        results.append(identity.toJson());
      }
      return results;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Bytes up to the last end of a line. */
  private static long wholeLines(FileChannel channel) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    for (long end = channel.size(); end > 0; end--) {
      channel.read(one.clear(), end - 1);
      if (one.get(0) == '\n') {
        return end;
      }
    }
    return 0;
  }

  /**
   * Reads results; a last line that was not finished does not count.
   *
   * @throws InputException if they cannot be read, or a line is no outcome or a second one
   */
  static Content read(Path file) {
    List<Outcome> outcomes = new ArrayList<>();
    List<Timing> timings = new ArrayList<>();
    Set<Outcome.Key> seen = new HashSet<>();
    Identity identity = null;
    int number = 0;
    try (FileChannel channel = FileChannel.open(file);
        // Unlike Files' reader, this one lets the last line end within a character.
        BufferedReader reader =
            new BufferedReader(
                new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
      boolean torn = wholeLines(channel) < channel.size();
      String next = reader.readLine();
      while (next != null) {
        String line = next;
        next = reader.readLine();
        number++;
        if (next == null && torn) {
          break;
        }
        JsonNode json = JsonMapper.shared().readTree(line);
        if (identity == null) {
          identity = Identity.read(json);
          continue;
        }
        if (Timing.is(json)) {
          timings.add(Timing.read(json));
          continue;
        }
        Outcome outcome = Outcome.read(json);
        if (!seen.add(outcome.key())) {
          throw new IllegalArgumentException("a second outcome of " + outcome.key());
        }
        outcomes.add(outcome);
      }
    } catch (IOException e) {
      throw new InputException(
          file + (Files.exists(file) ? ": cannot be read: " + e.getMessage() : ": no such file"),
          e);
    } catch (JacksonException | IllegalArgumentException e) {
      throw new InputException("%s, line %d: %s".formatted(file, number, message(e)), e);
    }
    if (identity == null) {
      throw new InputException(file + ": has no results");
    }
    return new Content(identity, outcomes, timings);
  }

  private static String message(RuntimeException e) {
    return e instanceof JacksonException json ? json.getOriginalMessage() : e.getMessage();
  }

  Identity identity() {
    return identity;
  }

  /** All outcomes: those found, then those added. */
  List<Outcome> outcomes() {
    return List.copyOf(outcomes);
  }

  /** All that is there. */
  Content content() {
    return new Content(identity, outcomes, timings);
  }

  /**
   * Adds an outcome; it is on the disk when this returns.
   *
   * @throws InputException if the disk is full or fails
   */
  void add(Outcome outcome) {
    write(outcome.toJson());
    outcomes.add(outcome);
  }

  /** The same with what some of them took. */
  void add(Timing timing) {
    write(timing.toJson());
    timings.add(timing);
  }

  private void write(Map<String, Object> json) {
    try {
      append(json);
    } catch (IOException e) {
      throw new InputException("the results cannot be written: " + e.getMessage(), e);
    }
  }

  private void append(Map<String, Object> json) throws IOException {
    ByteBuffer line =
        ByteBuffer.wrap(
            (JsonMapper.shared().writeValueAsString(json) + "\n").getBytes(StandardCharsets.UTF_8));
    while (line.hasRemaining()) {
      channel.write(line);
    }
    channel.force(false);
  }

  @Override
  public void close() {
    try (lock;
        channel) {
      channel.force(true);
    } catch (IOException e) {
      throw new InputException("the results cannot be written: " + e.getMessage(), e);
    }
  }
}
