package org.resa4j.cli;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.resa4j.error.InputException;

/** Tells what was named as a model, where that is no directory of one, and what to do then. */
final class ModelDirectory {
  private static final String GGUF = ".gguf";

  /** A model's name at Hugging Face, or its page's address, whose two slashes a path makes one. */
  private static final Pattern HUB_NAME =
      Pattern.compile(
          "(?:https?:/{1,2}huggingface\\.co/|hf\\.co/)?"
              + "([A-Za-z0-9][\\w.-]*/[A-Za-z0-9][\\w.-]*)(?:/tree/.*)?/?");

  private ModelDirectory() {}

  /**
   * Looks before anything is loaded.
   *
   * @return the same path
   * @throws InputException if it is no directory, or one with nothing but GGUF files
   */
  static Path check(Path model) {
    if (Files.isDirectory(model)) {
      if (!Files.exists(model.resolve("config.json"))) {
        anyGguf(model).ifPresent(file -> refuseGguf(file));
      }
      return model;
    }
    if (model.toString().toLowerCase(Locale.ROOT).endsWith(GGUF)) {
      refuseGguf(model);
    }
    if (Files.exists(model)) {
      throw new InputException(
          model
              + ": a file; a model is a directory as Hugging Face has them, with config.json,"
              + " tokenizer.json and model.safetensors in it");
    }
    Matcher name = HUB_NAME.matcher(model.toString());
    throw new InputException(
        name.matches()
            ? notDownloaded(model, name.group(1))
            : model
                + ": no such directory; a model is a directory as Hugging Face has them, with"
                + " config.json, tokenizer.json and model.safetensors in it");
  }

  private static String notDownloaded(Path given, String name) {
    String folder = name.substring(name.indexOf('/') + 1);
    return ("%s: no such directory; if it is the name of a model at Hugging Face, download it first"
            + " with `hf download %s --local-dir %s` and name it with -m %s")
        .formatted(given, name, folder, folder);
  }

  private static void refuseGguf(Path file) {
    throw new InputException(
        file
            + ": GGUF files cannot be read yet; take the directory of the same model with"
            + " config.json, tokenizer.json and model.safetensors, as Hugging Face has it");
  }

  private static Optional<Path> anyGguf(Path directory) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + GGUF)) {
      List<Path> found = new ArrayList<>();
      files.forEach(found::add);
      return found.stream().sorted().findFirst();
    } catch (IOException e) {
      // Loading says what is wrong with it.
      return Optional.empty();
    }
  }
}
