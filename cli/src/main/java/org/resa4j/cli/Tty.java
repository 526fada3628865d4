package org.resa4j.cli;

import java.io.IOException;
import org.jline.terminal.TerminalBuilder;
import org.jline.terminal.spi.SystemStream;
import org.jline.terminal.spi.TerminalProvider;

/** Which standard streams are a terminal, each by itself, and how wide it is. */
final class Tty {
  private Tty() {}

  static boolean isInput() {
    return is(SystemStream.Input);
  }

  static boolean isError() {
    return is(SystemStream.Error);
  }

  static boolean isOutput() {
    return is(SystemStream.Output);
  }

  /** Columns of the terminal that standard output is; 0 where it is none, or does not say. */
  static int width() {
    TerminalProvider provider = provider();
    return provider == null || !provider.isSystemStream(SystemStream.Output)
        ? 0
        : Math.max(0, provider.systemStreamWidth(SystemStream.Output));
  }

  private static boolean is(SystemStream stream) {
    TerminalProvider provider = provider();
    return provider != null && provider.isSystemStream(stream);
  }

  private static TerminalProvider provider() {
    try {
      return TerminalProvider.load(TerminalBuilder.PROP_PROVIDER_FFM);
    } catch (IOException | RuntimeException | LinkageError e) {
      // Without native access there is no telling: as if it were a file.
      return null;
    }
  }
}
