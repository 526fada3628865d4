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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

  private static final Pattern FORM = Pattern.compile("(\\d{1,9}) up to (\\d{1,9})");

  /** A shorter context is dense: its ends lie too close together to tell gain from noise. */
  private static final int LEAST_CONTEXT = 2048;

  /**
   * A measurement.
   *
   * @param from tokens; one more than {@code context} where sparse steps do not pay up to there
   * @param context tokens up to which it was measured
   */
  record Length(int from, int context) {
    static Optional<Length> parse(String text) {
      Matcher parts = FORM.matcher(text);
      return parts.matches()
          ? Optional.of(
              new Length(Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2))))
          : Optional.empty();
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
   * The length for a model and settings, measured now if it was not before. Nothing is measured
   * where no step of a context leaves a block out, and in contexts below 2048 tokens, which are
   * dense.
   */
  int of(Resa resa, ResaConfig config) {
    int context = resa.info().engine().options().contextLength();
    if (config.keepBlocks(context) == config.blocks(context)) {
      return config.sparseFrom();
    }
    return of(key(resa.info(), config), context, () -> resa.measureSparseFrom(config));
  }

  int of(String key, int context, IntSupplier measured) {
    if (context < LEAST_CONTEXT) {
      return context + 1;
    }
    // A lock of the file is the process's; a second thread of it would be refused.
    synchronized (MeasuredLengths.class) {
      return known(key, context).orElseGet(() -> measured(key, context, measured)).from;
    }
  }

  /** What is kept; nothing where it cannot be read. */
  private Optional<Length> known(String key, int context) {
    try {
      return Optional.ofNullable(read().getProperty(key))
          .flatMap(Length::parse)
          .filter(length -> length.suffices(context));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Under a lock: two that start at once are to get one number. */
  private Length measured(String key, int context, IntSupplier measured) {
    Length length = null;
    try {
      Files.createDirectories(folder);
      try (FileChannel file =
              FileChannel.open(
                  folder.resolve(NAME + ".lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          FileLock held = lock(file)) {
        Optional<Length> meanwhile = known(key, context);
        if (meanwhile.isPresent()) {
          return meanwhile.get();
        }
        length = measure(context, measured);
        Properties all = read();
        all.setProperty(key, length.toString());
        write(all);
        say(length, "kept for the next start");
        return length;
      }
    } catch (IOException e) {
      Length unkept = length == null ? measure(context, measured) : length;
      say(unkept, "not kept, for %s: %s".formatted(e.getClass().getSimpleName(), e.getMessage()));
      return unkept;
    }
  }

  private FileLock lock(FileChannel file) throws IOException {
    FileLock free = file.tryLock();
    if (free != null) {
      return free;
    }
    notes.accept("another process measures from which length on sparse steps pay; waiting ...");
    return file.lock();
  }

  private Length measure(int context, IntSupplier measured) {
    notes.accept("measuring from which length on sparse steps pay ...");
    return new Length(measured.getAsInt(), context);
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
    // Not a temporary file, which others of a shared folder could not read.
    Path anew = folder.resolve(NAME + ".new");
    try {
      try (OutputStream out = Files.newOutputStream(anew)) {
        all.store(out, "ReSA4J: tokens from which on sparse steps pay, as measured");
      }
      Files.move(anew, folder.resolve(NAME), StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(anew);
    }
  }

  /** What a step's time hangs on, as far as it is known here. */
  static String key(ResaInfo info, ResaConfig config) {
    EngineInfo engine = info.engine();
    ModelConfig model = info.model();
    Device device = engine.device();
    return String.join(
        "; ",
        Versions.program(),
        device.id(),
        device.kind() == Device.Kind.CPU ? Processor.model() : device.name(),
        device.computeUnits() + " units",
        engine.options().threads() + " threads",
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
