package org.resa4j.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The golden data, from the reference implementations, as files: its README says what is in it.
 * Copied out of the class path, because other modules find it in a jar.
 */
public final class Golden {
  private static final Map<String, Path> FILES = new ConcurrentHashMap<>();
  private static final Path DIRECTORY = directory();

  private Golden() {}

  private static Path directory() {
    try {
      Path directory = Files.createTempDirectory("resa-golden");
      directory.toFile().deleteOnExit();
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One file, e.g. {@code attention/g7_d128.safetensors}. */
  public static Path file(String name) {
    return FILES.computeIfAbsent(name, Golden::copy);
  }

  /** A model's directory, e.g. {@code qwen2}. */
  public static Path model(String name) {
    file("models/" + name + "/config.json");
    file("models/" + name + "/generation_config.json");
    return file("models/" + name + "/model.safetensors").getParent();
  }

  /**
   * A model's weights under another configuration, as {@code rope/NAME/config.json}.
   *
   * @param base the model
   * @param config the configuration's folder, from the golden data's
   */
  public static Path model(String base, String config) {
    Path directory = file(config + "/config.json").getParent();
    try {
      Path weights = directory.resolve("model.safetensors");
      if (!Files.exists(weights)) {
        Files.copy(file("models/" + base + "/model.safetensors"), weights);
        weights.toFile().deleteOnExit();
      }
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path copy(String name) {
    try (InputStream from = Golden.class.getResourceAsStream("/golden/" + name)) {
      if (from == null) {
        throw new IllegalArgumentException("no golden data " + name);
      }
      Path to = DIRECTORY.resolve(name);
      Files.createDirectories(to.getParent());
      Files.copy(from, to);
      for (Path path = to; !path.equals(DIRECTORY); path = path.getParent()) {
        path.toFile().deleteOnExit();
      }
      return to;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
