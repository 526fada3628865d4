package org.resa4j.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.resa4j.error.InputException;

/** Texts in files, taken as they are. */
final class PromptFile {
  /** What stands for standard input. */
  private static final Path STANDARD_INPUT = Path.of("-");

  private PromptFile() {}

  /**
   * Reads one.
   *
   * @param file a file in UTF-8; - is standard input
   * @throws InputException if it cannot be read, and why
   */
  static String read(Path file) {
    boolean standardInput = file.equals(STANDARD_INPUT);
    String name = standardInput ? "standard input" : file.toString();
    try {
      return decode(name, standardInput ? System.in.readAllBytes() : Files.readAllBytes(file));
    } catch (IOException e) {
      throw new InputException(name + ": cannot be read: " + why(file, e), e);
    }
  }

  static String why(Path file, IOException fault) {
    if (Files.isDirectory(file)) {
      return "it is a directory";
    }
    return switch (fault) {
      case NoSuchFileException e -> "no such file";
      case AccessDeniedException e -> "no permission to read it";
      default -> String.valueOf(fault.getMessage());
    };
  }

  private static String decode(String name, byte[] bytes) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer from = ByteBuffer.wrap(bytes);
    // No character of UTF-8 takes more units of UTF-16 than bytes.
    CharBuffer to = CharBuffer.allocate(bytes.length);
    CoderResult result = decoder.decode(from, to, true);
    if (result.isError()) {
      throw new InputException(
          "%s: not UTF-8: byte %d is 0x%02X; `iconv -f ISO-8859-1 -t UTF-8` converts Latin-1"
              .formatted(name, from.position() + 1, bytes[from.position()]));
    }
    return to.flip().toString();
  }
}
