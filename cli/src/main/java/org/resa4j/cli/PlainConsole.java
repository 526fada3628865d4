package org.resa4j.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.resa4j.error.InputException;

/** Standard input, a message a line, and standard output: for pipes and files. */
final class PlainConsole implements ChatConsole {
  private final BufferedReader in =
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
  private final Terminal terminal = Terminal.forTexts();
  private final boolean prompts = Tty.isInput();

  @Override
  public Optional<String> read() {
    try {
      String message = line("> ");
      while (message != null && Block.isOpen(message)) {
        String next = line("  ");
        if (next == null) {
          break;
        }
        message = message + "\n" + next;
      }
      return Optional.ofNullable(message);
    } catch (IOException e) {
      throw new InputException("standard input: cannot be read: " + e.getMessage(), e);
    }
  }

  private String line(String prompt) throws IOException {
    if (prompts) {
      terminal.prompt(prompt);
    }
    String read = in.readLine();
    if (read == null && prompts) {
      terminal.note("");
    }
    return read;
  }

  @Override
  public boolean isInteractive() {
    return prompts;
  }

  @Override
  public void echo(String message) {
    if (prompts) {
      terminal.note("> " + message);
    }
  }

  @Override
  public boolean text(String part) {
    return terminal.text(part);
  }

  @Override
  public void endText() {
    terminal.endText();
  }

  @Override
  public void note(String line) {
    terminal.note(line);
  }

  /** The process ends by it: what was written up to there is printed. */
  @Override
  public Watch onInterrupt(Runnable stop) {
    Interrupt interrupt = new Interrupt(stop);
    return interrupt::close;
  }

  @Override
  public void close() {
    // Standard streams stay open.
  }
}
