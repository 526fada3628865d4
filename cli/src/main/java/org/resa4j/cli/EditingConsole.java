package org.resa4j.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jline.reader.Candidate;
import org.jline.reader.EOFError;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** A terminal with line editing, history and completion of commands. */
final class EditingConsole implements ChatConsole {
  private static final String PROMPT = "> ";

  /** Held, since a logger that nobody holds forgets its level. Warnings would stand in the text. */
  private static final Logger LOG = Logger.getLogger("org.jline");

  private final Terminal terminal;
  private final LineReader reader;
  private final LineWrap wrap;

  /**
   * @param terminal closed with this
   * @param history where earlier messages are kept; empty keeps none
   */
  EditingConsole(Terminal terminal, Optional<Path> history) {
    LOG.setLevel(Level.OFF);
    this.terminal = terminal;
    wrap = new LineWrap(terminal::getWidth);
    LineReaderBuilder builder =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .appName("resa")
            .parser(new Lines())
            .completer((line, parsed, candidates) -> complete(parsed, candidates))
            // A message is taken as it is: no ! of a shell's history, no \ before a character.
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .option(LineReader.Option.HISTORY_IGNORE_SPACE, true)
            .variable(LineReader.SECONDARY_PROMPT_PATTERN, "  ");
    history.ifPresent(file -> builder.variable(LineReader.HISTORY_FILE, file));
    reader = builder.build();
  }

  /** The terminal that the process runs in; empty where it cannot be had. */
  static Optional<EditingConsole> system() {
    LOG.setLevel(Level.OFF);
    try {
      Terminal terminal = TerminalBuilder.builder().system(true).build();
      return Optional.of(new EditingConsole(terminal, ChatHistory.file()));
    } catch (IOException | IllegalStateException e) {
      return Optional.empty();
    }
  }

  /** A line is one message, whatever is in it, unless three quotes open a block. */
  private static final class Lines extends DefaultParser {
    Lines() {
      setEscapeChars(new char[0]);
      setQuoteChars(new char[0]);
    }

    @Override
    public ParsedLine parse(String line, int cursor, ParseContext context) {
      if (context == ParseContext.ACCEPT_LINE && Block.isOpen(line)) {
        throw new EOFError(-1, -1, "three quotes end it", Block.QUOTES);
      }
      return super.parse(line, cursor, context);
    }
  }

  private static void complete(ParsedLine parsed, List<Candidate> candidates) {
    if (parsed.wordIndex() == 0 && parsed.word().startsWith(ChatAction.SIGN)) {
      for (ChatAction each : ChatAction.values()) {
        candidates.add(
            new Candidate(each.typed(), each.typed(), null, each.does(), null, null, true));
      }
    }
  }

  @Override
  public Optional<String> read() {
    boolean warned = false;
    while (true) {
      try {
        return Optional.of(reader.readLine(PROMPT));
      } catch (UserInterruptException e) {
        // With something typed it drops that.
        if (e.getPartialLine().isBlank()) {
          if (warned) {
            return Optional.empty();
          }
          warned = true;
          note("(Ctrl-C once more ends the session, as Ctrl-D and /exit do)");
        }
      } catch (EndOfFileException e) {
        if (terminal.getType().startsWith(Terminal.TYPE_DUMB)) {
          print("\n");
        }
        return Optional.empty();
      }
    }
  }

  @Override
  public boolean isInteractive() {
    return true;
  }

  @Override
  public void echo(String message) {
    note(PROMPT + message);
  }

  @Override
  public boolean text(String part) {
    print(wrap.add(part));
    return !terminal.writer().checkError();
  }

  @Override
  public void endText() {
    print(wrap.rest() + "\n");
  }

  @Override
  public void note(String line) {
    print(line + "\n");
  }

  private void print(String text) {
    terminal.writer().print(text);
    terminal.writer().flush();
  }

  @Override
  public Watch onInterrupt(Runnable stop) {
    Terminal.SignalHandler before = terminal.handle(Terminal.Signal.INT, signal -> stop.run());
    return () -> terminal.handle(Terminal.Signal.INT, before);
  }

  @Override
  public void close() {
    try {
      terminal.close();
    } catch (IOException e) {
      // The process ends, and with it what it did to the terminal.
    }
  }
}
