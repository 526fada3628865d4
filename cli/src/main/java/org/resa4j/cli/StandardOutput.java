package org.resa4j.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * The process's standard output, which remembers what went wrong with it: {@link PrintStream}
 * swallows errors, and a text that did not arrive must not count as written.
 */
final class StandardOutput extends OutputStream {
  private static final Path DESCRIPTOR = Path.of("/dev/fd/1");
  private static final int FORMAT = 0170000;
  private static final int PIPE = 0010000;
  private static final int SOCKET = 0140000;

  private final OutputStream to;
  private volatile IOException fault;

  StandardOutput(OutputStream to) {
    this.to = to;
  }

  /** Puts one in the place of {@link System#out}, in the same character set. */
  static StandardOutput install() {
    StandardOutput output = new StandardOutput(new FileOutputStream(FileDescriptor.out));
    System.setOut(new PrintStream(new BufferedOutputStream(output), true, System.out.charset()));
    return output;
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int count) throws IOException {
    try {
      to.write(bytes, from, count);
    } catch (IOException e) {
      fault = e;
      throw e;
    }
  }

  @Override
  public void flush() throws IOException {
    try {
      to.flush();
    } catch (IOException e) {
      fault = e;
      throw e;
    }
  }

  /**
   * Why something could not be written; empty where all was, and where a reader went away, as
   * {@code head} does: it has what it wanted.
   */
  Optional<String> fault() {
    IOException seen = fault;
    return seen == null || readerLeft(seen)
        ? Optional.empty()
        : Optional.of(String.valueOf(seen.getMessage()));
  }

  /** By what kind of file it is: the words of the error are in the system's language. */
  private static boolean readerLeft(IOException seen) {
    try {
      int kind = (int) Files.getAttribute(DESCRIPTOR, "unix:mode") & FORMAT;
      return kind == PIPE || kind == SOCKET;
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return String.valueOf(seen.getMessage()).toLowerCase(Locale.ROOT).contains("pipe");
    }
  }
}
