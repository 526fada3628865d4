package org.resa4j.eval.task;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.resa4j.error.InputException;
import org.resa4j.format.Gguf;

/** Tells files apart by their content. */
public final class Digests {
  /** What besides the weights decides which text comes out. */
  private static final Set<String> NAMES =
      Set.of(
          "config.json",
          "generation_config.json",
          "tokenizer.json",
          "tokenizer_config.json",
          "chat_template.jinja");

  private Digests() {}

  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  /**
   * Of what a model computes with: its configuration, tokenizer and weights, in hexadecimal.
   *
   * @throws InputException if a file cannot be read
   */
  public static String ofModel(Path model) {
    MessageDigest digest = sha256();
    byte[] buffer = new byte[1 << 16];
    try {
      for (Path file : files(model)) {
        try (InputStream in = Files.newInputStream(file)) {
          for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            digest.update(buffer, 0, read);
          }
        }
      }
    } catch (IOException e) {
      throw new InputException(model + ": cannot be read: " + e.getMessage(), e);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static List<Path> files(Path model) throws IOException {
    if (Gguf.isFile(model)) {
      return Gguf.files(model);
    }
    try (Stream<Path> files = Files.list(model)) {
      return files
          .filter(
              file ->
                  file.toString().endsWith(".safetensors")
                      || NAMES.contains(file.getFileName().toString()))
          .sorted()
          .toList();
    }
  }
}
