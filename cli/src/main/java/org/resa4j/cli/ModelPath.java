package org.resa4j.cli;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.resa4j.error.InputException;
import org.resa4j.format.Gguf;

/** Finds the model in what was named as one, and tells what to do where there is none. */
final class ModelPath {
  private static final String MODELS =
      "a model is a GGUF file, or a directory as Hugging Face has them, with config.json,"
          + " tokenizer.json and model.safetensors in it";

  private static final Pattern OTHER_PART = Pattern.compile(".*-(?!00001)\\d{5}-of-\\d{5}\\.gguf");

  /** A model's name at Hugging Face, or its page's address, whose two slashes a path makes one. */
  private static final Pattern HUB_NAME =
      Pattern.compile(
          "(?:https?:/{1,2}huggingface\\.co/|hf\\.co/)?"
              + "([A-Za-z0-9][\\w.-]*/[A-Za-z0-9][\\w.-]*)(?:/tree/.*)?/?");

  private ModelPath() {}

  /**
   * Looks before anything is loaded.
   *
   * @return the same path; of a directory with nothing but one GGUF model, its file
   * @throws InputException if it is no model's, with what to do
   */
  static Path check(Path model) {
    if (Files.isDirectory(model)) {
      return Files.exists(model.resolve("config.json")) ? model : onlyGguf(model).orElse(model);
    }
    if (Files.exists(model)) {
      if (Gguf.isFile(model)) {
        return model;
      }
      throw new InputException(model + ": a file, and no GGUF file by its name; " + MODELS);
    }
    Matcher name = HUB_NAME.matcher(model.toString());
    boolean hub = name.matches() && !Gguf.isFile(model);
    throw new InputException(
        hub
            ? notDownloaded(model, name.group(1))
            : "%s: no such %s; %s"
                .formatted(model, Gguf.isFile(model) ? "file" : "directory", MODELS));
  }

  private static String notDownloaded(Path given, String name) {
    String folder = name.substring(name.indexOf('/') + 1);
    return ("%s: no such directory; if it is the name of a model at Hugging Face, download it first"
            + " with `hf download %s --local-dir %s` and name it with -m %s")
        .formatted(given, name, folder, folder);
  }

  /** Of a model that was split, the first part. */
  private static Optional<Path> onlyGguf(Path directory) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(
            directory,
            file -> Gguf.isFile(file) && !OTHER_PART.matcher(file.toString()).matches())) {
      files.forEach(found::add);
    } catch (IOException | DirectoryIteratorException e) {
      // Loading says what is wrong with it.
      return Optional.empty();
    }
    if (found.size() > 1) {
      throw new InputException(
          "%s: has %d GGUF models; name one of them, such as %s"
              .formatted(
                  directory, found.size(), found.stream().sorted().findFirst().orElseThrow()));
    }
    return found.stream().findFirst();
  }
}
