package org.resa4j.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.resa4j.Resa;
import org.resa4j.ResaInfo;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.Device;
import org.resa4j.engine.EngineInfo;
import org.resa4j.model.ModelConfig;

/**
 * The lengths from which on sparse steps pay, as they were measured once for a device, a model's
 * shape, settings and this version: measured anew at each start they would be others, and texts
 * with them.
 */
final class MeasuredLengths {
  private static final String NAME = "sparse-from.properties";

  /**
   * A measurement.
   *
   * @param from tokens; one more than {@code context} where sparse steps do not pay up to there
   * @param context tokens up to which it was measured
   */
  record Length(int from, int context) {
    static Optional<Length> parse(String text) {
      String[] parts = text.split(" up to ");
      try {
        return parts.length == 2
            ? Optional.of(new Length(Integer.parseInt(parts[0]), Integer.parseInt(parts[1])))
            : Optional.empty();
      } catch (NumberFormatException e) {
        return Optional.empty();
      }
    }

    /** Whether it says what a context of so many tokens wants to know. */
    boolean suffices(int tokens) {
      return from <= context || tokens <= context;
    }

    @Override
    public String toString() {
      return from + " up to " + context;
    }
  }

  private final Path folder;
  private final Consumer<String> notes;

  /**
   * @param folder where they are kept
   * @param notes hears of what is measured, and of what cannot be kept
   */
  MeasuredLengths(Path folder, Consumer<String> notes) {
    this.folder = folder;
    this.notes = notes;
  }

  /**
   * The length for a model and settings, measured now if it was not before; nothing is measured
   * where no step of a context leaves a block out.
   */
  int of(Resa resa, ResaConfig config) {
    int context = resa.info().engine().options().contextLength();
    if (config.keepBlocks(context) == config.blocks(context)) {
      return config.sparseFrom();
    }
    return of(key(resa.info(), config), context, () -> resa.measureSparseFrom(config));
  }

  int of(String key, int context, IntSupplier measured) {
    // A lock of the file is the process's; a second thread of it would be refused.
    synchronized (MeasuredLengths.class) {
      return locked(key, context, measured);
    }
  }

  private int locked(String key, int context, IntSupplier measured) {
    try {
      Files.createDirectories(folder);
      // Held while measuring: two that start at once are to get one number.
      try (FileChannel lock =
              FileChannel.open(
                  folder.resolve(NAME + ".lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          FileLock held = lock.lock()) {
        Properties all = read();
        Optional<Length> known =
            Optional.ofNullable(all.getProperty(key))
                .flatMap(Length::parse)
                .filter(length -> length.suffices(context));
        if (known.isPresent()) {
          return known.get().from;
        }
        notes.accept("measuring from which length on sparse steps pay ...");
        Length length = new Length(measured.getAsInt(), context);
        all.setProperty(key, length.toString());
        write(all);
        say(length, "kept for the next start");
        return length.from;
      }
    } catch (IOException e) {
      Length length = new Length(measured.getAsInt(), context);
      say(length, "not kept, for %s: %s".formatted(e.getClass().getSimpleName(), e.getMessage()));
      return length.from;
    }
  }

  private void say(Length length, String kept) {
    notes.accept(
        (length.from > length.context
                ? "measured: dense up to the %d tokens of this context".formatted(length.context)
                : "measured: dense below %d tokens, sparse from there on".formatted(length.from))
            + " ("
            + kept
            + "; --sparse-from sets it)");
  }

  private Properties read() throws IOException {
    Properties all = new Properties();
    Path file = folder.resolve(NAME);
    if (Files.isRegularFile(file)) {
      try (InputStream in = Files.newInputStream(file)) {
        all.load(in);
      } catch (IllegalArgumentException e) {
        // Somebody's edit spoilt it: measured anew, and written as it should be.
        all.clear();
      }
    }
    return all;
  }

  private void write(Properties all) throws IOException {
    Path anew = Files.createTempFile(folder, NAME, null);
    try {
      try (OutputStream out = Files.newOutputStream(anew)) {
        all.store(out, "ReSA4J: tokens from which on sparse steps pay, as measured");
      }
      Files.move(anew, folder.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(anew);
    }
  }

  /** All that a step's time hangs on. */
  static String key(ResaInfo info, ResaConfig config) {
    EngineInfo engine = info.engine();
    ModelConfig model = info.model();
    Device device = engine.device();
    return String.join(
        "; ",
        Versions.program(),
        device.id(),
        device.name(),
        device.computeUnits() + " units",
        engine.kernels(),
        "%s weights, %d bytes".formatted(engine.weightType(), engine.weightBytes()),
        "%s KV".formatted(engine.kvType()),
        engine.options().sequences() + " sequences",
        "%s, %d layers of %d and %d, %d tokens, %d caches"
            .formatted(
                model.attention(),
                model.layers(),
                model.hidden(),
                model.intermediate(),
                model.vocabulary(),
                model.caches()),
        config.withSparseFrom(0).toString());
  }
}
