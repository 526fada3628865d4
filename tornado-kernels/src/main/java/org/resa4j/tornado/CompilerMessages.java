package org.resa4j.tornado;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * What TornadoVM's compiler says, line by line, without what it says of every kernel that is as it
 * should be: that a grid, and not the loop, has the bounds.
 *
 * <p>Not thread-safe.
 */
final class CompilerMessages extends OutputStream {
  private static final String GRID_BOUNDS =
      "[TornadoVM] Warning: The loop bounds will be configured by the GridScheduler.";

  private final PrintStream target;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  /**
   * @param target where all else goes
   */
  CompilerMessages(PrintStream target) {
    this.target = target;
  }

  @Override
  public void write(int each) {
    line.write(each);
    if (each == '\n') {
      pass();
    }
  }

  /** At the end of a line only: a line is known by its beginning. */
  private void pass() {
    String text = line.toString(StandardCharsets.UTF_8);
    line.reset();
    if (!text.startsWith(GRID_BOUNDS)) {
      target.print(text);
      target.flush();
    }
  }

  @Override
  public void close() {
    pass();
  }
}
