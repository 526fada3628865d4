package org.resa4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.resa4j.Resa;
import picocli.CommandLine.Model.CommandSpec;

/** A conversation at a terminal, whose keys and screen are pipes. */
@Timeout(120)
class EditingConsoleTest {
  private static final String CTRL_C = "\u0003";
  private static final String CTRL_D = "\u0004";
  private static final String UP = "\u001bOA";

  @TempDir private Path folder;
  private final PipedOutputStream keys = new PipedOutputStream();
  private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
  private Path history;
  private Terminal terminal;
  private Resa resa;

  @BeforeEach
  void open() throws IOException {
    terminal = terminal();
    history = ChatHistory.file(folder.resolve("home")).orElseThrow();
    resa = Resa.builder(Cli.chatModel(folder)).engine("jvm").contextLength(2048).build();
  }

  private Terminal terminal() throws IOException {
    Terminal made =
        TerminalBuilder.builder()
            .system(false)
            .streams(new PipedInputStream(keys, 1 << 16), screen)
            .type("xterm")
            .encoding(StandardCharsets.UTF_8)
            .build();
    made.setSize(new Size(80, 24));
    return made;
  }

  @AfterEach
  void close() {
    resa.close();
  }

  private CompletableFuture<Integer> session(int tokens, Optional<String> first) {
    // A thread of its own: one that waits for keys would hold up a shared one.
    return CompletableFuture.supplyAsync(
        () -> {
          try (EditingConsole console = new EditingConsole(terminal, Optional.of(history))) {
            Conversation conversation =
                new Conversation(
                    resa,
                    resa.defaults().withMaxTokens(tokens).withStopAtEndOfText(false),
                    Optional.empty());
            return new ChatSession(conversation, console, CommandSpec.create()).hold(first);
          }
        },
        task -> Thread.ofPlatform().daemon().start(task));
  }

  private void type(String text) throws IOException {
    keys.write(text.getBytes(StandardCharsets.UTF_8));
    keys.flush();
  }

  private String shown() {
    return screen.toString(StandardCharsets.UTF_8);
  }

  private void awaitShown(String text) throws InterruptedException {
    await(() -> shown().contains(text), text);
  }

  private void await(BooleanSupplier condition, String what) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("no " + what + " in:\n" + shown()).isLessThan(end);
      Thread.sleep(20);
    }
  }

  private static int code(CompletableFuture<Integer> session) throws Exception {
    return session.get(60, TimeUnit.SECONDS);
  }

  @Test
  void messagesCommandsAndTheEnd() throws Exception {
    CompletableFuture<Integer> session = session(5, Optional.empty());
    awaitShown("> ");
    type("hello\r");
    awaitShown("(cut off at 5 tokens");
    type("\r/help\r");
    awaitShown("/regenerate ");
    type("/stats\r");
    awaitShown("generated  5 tokens");
    type(CTRL_D);
    assertThat(code(session)).isZero();
    assertThat(Files.readString(history)).contains(":hello", ":/stats");
  }

  @Test
  void anInterruptStopsTheAnswerAndTwoEndTheSession() throws Exception {
    CompletableFuture<Integer> session = session(2000, Optional.of("begin"));
    awaitShown("> begin");
    await(() -> shown().length() > shown().indexOf("> begin") + 60, "answer");
    type(CTRL_C);
    awaitShown("(stopped)");
    int stopped = shown().length();
    type(CTRL_C);
    awaitShown("Ctrl-C once more ends the session");
    assertThat(session).isNotDone();
    // A message between the two makes the next the first again.
    type("/clear\r");
    awaitShown("(a new conversation)");
    type("half a li");
    awaitShown("half a li");
    type(CTRL_C);
    await(() -> shown().endsWith("> "), "prompt");
    type(CTRL_C);
    await(() -> shown().split("Ctrl-C once more", -1).length == 3, "second warning");
    assertThat(session).isNotDone();
    type(CTRL_C);
    assertThat(code(session)).isZero();
    assertThat(stopped).isPositive();
  }

  @Test
  void linesAreTakenAsTheyAreTyped() throws Exception {
    try (EditingConsole console = new EditingConsole(terminal, Optional.of(history))) {
      type("a \\ b \"c !1 $x 'd\r");
      assertThat(console.read()).contains("a \\ b \"c !1 $x 'd");
      type("\"\"\"\rfirst\rsecond\"\"\"\r");
      assertThat(console.read().map(Block::content)).contains("first\nsecond");
      // Edited, brought back, completed.
      type("wrold\u007f\u007f\u007f\u007forld\r");
      assertThat(console.read()).contains("world");
      type(UP + "!\r");
      assertThat(console.read()).contains("world!");
      type("/reg\t\r");
      assertThat(console.read().map(String::strip)).contains("/regenerate");
      type("x /h\t\r");
      assertThat(console.read()).contains("x /h");
    }
  }

  @Test
  void longLinesBreakAtWords() {
    try (EditingConsole console = new EditingConsole(terminal, Optional.empty())) {
      console.text("word ".repeat(40));
      console.endText();
      assertThat(shown().replace("\r", "").lines())
          .allMatch(line -> line.length() <= 80)
          .filteredOn(line -> line.startsWith("word"))
          .hasSize(3);
    }
  }
}
