package org.resa4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.resa4j.cli.Cli.resaReading;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.resa4j.cli.Cli.Outcome;

/** A conversation through pipes. */
@Isolated("replaces the standard streams")
class ChatTest {
  @TempDir private Path folder;
  private String model;

  @BeforeEach
  void makeModel() throws IOException {
    model = Cli.chatModel(folder).toString();
  }

  private Outcome chat(String input, String... more) {
    String[] args = {"chat", "--engine=jvm", "-m=" + model, "-n=8", "--ignore-eos"};
    String[] all = Arrays.copyOf(args, args.length + more.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    return resaReading(input, all);
  }

  @Test
  void eachLineIsAMessageAndAnEmptyOneNothing() {
    Outcome outcome = chat("hello\n\n   \nagain");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.err().split("cut off at 8 tokens", -1)).hasSize(3);
    // Without a terminal there is nothing on standard output but answers.
    assertThat(outcome.out()).isNotBlank().doesNotContain("> ", "cut off");
  }

  @Test
  void anAnswerDependsOnWhatWasSaidBefore() {
    String both = chat("hello\nagain\n").out();
    assertThat(both).startsWith(chat("hello\n").out());
    assertThat(both).isNotEqualTo(chat("hello\n/clear\nagain\n").out());
    assertThat(chat("hello\n/clear\nagain\n").out())
        .isEqualTo(chat("hello\n").out() + chat("again\n").out());
  }

  @Test
  void threeQuotesMakeOneMessageOfSeveralLines() {
    Outcome outcome = chat("\"\"\"\nfirst\n\n/exit\n\"\"\"\n/stats\n");
    assertThat(outcome.err()).containsOnlyOnce("cut off").contains("prompt     ", "context    ");
    assertThat(Block.content("\"\"\"\nfirst\n\n/exit\n\"\"\"")).isEqualTo("first\n\n/exit");
    assertThat(Block.content("\"\"\"one\"\"\"")).isEqualTo("one");
    assertThat(Block.isOpen("\"\"\"one")).isTrue();
    assertThat(Block.isOpen("\"\"\"one\"\"\"")).isFalse();
    assertThat(Block.isOpen("\"\"\"")).isTrue();
    assertThat(Block.isOpen("no")).isFalse();
  }

  @Test
  void commandsAreOneWord() {
    Outcome outcome = chat("/help\n/nothing\n/regenerate\n/stats\n/etc/passwd is\n/exit\nmore\n");
    assertThat(outcome.err())
        .contains(
            "/clear ",
            "/exit ",
            "\"\"\" ",
            "Ctrl-C ",
            "no command /nothing; /help lists them",
            "it would come out the same",
            "no answer yet")
        .containsOnlyOnce("cut off");
  }

  @Test
  void anotherAnswerTakesAnotherSeed() {
    Outcome outcome = chat("hello\n/regenerate\n", "--temperature=5");
    String[] parts = outcome.out().split("\n");
    assertThat(outcome.err().split("cut off", -1)).hasSize(3);
    assertThat(parts.length).isGreaterThan(1);
    assertThat(outcome.out()).isNotEqualTo(chat("hello\n").out().repeat(2));
  }

  @Test
  void aFullContextDropsTheOldestTurns() {
    Outcome outcome =
        chat("first of all\nsecond of all\nthird of all\n", "-c=96", "-sp=a prompt of the system");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.err()).contains("the context is full: the model no longer knows the oldest");
    assertThat(outcome.err().split("cut off", -1)).hasSize(4);
  }

  @Test
  void theSystemPromptIsNotDropped() throws IOException {
    Path file = Path.of(model, "chat_template.jinja");
    Files.writeString(
        file,
        "{%- if messages[0].role != 'system' -%}{{ raise_exception('no system') }}{%- endif -%}"
            + Files.readString(file));
    String turns = "first of all\nsecond of all\n/clear\nthird of all\nfourth of all\nfifth\n";
    Outcome outcome = chat(turns, "-c=96", "-sp=a prompt of the system");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.err()).contains("the context is full").doesNotContain("no system");
    assertThat(chat("hello\n", "-c=96").err()).contains("no system");
  }

  @Test
  void faultsOfATurnAreToldAndItGoesOn() {
    Outcome outcome = chat("refuse\n" + "far too long ".repeat(100) + "\nhello\n", "-c=96");
    assertThat(outcome.err())
        .contains(
            "resa: the model's chat template refuses this: not that",
            "the context holds 96",
            "see -c/--ctx-size")
        .containsOnlyOnce("cut off");
    assertThat(outcome.out()).isEqualTo(chat("hello\n", "-c=96").out());
    // A script learns of it.
    assertThat(outcome.code()).isEqualTo(ExitCode.INPUT);
  }

  @Test
  void runMayBeginOne() {
    Outcome outcome =
        resaReading(
            "more\n",
            "run",
            "-i",
            "-p=hello",
            "--engine=jvm",
            "-m=" + model,
            "-n=8",
            "--ignore-eos");
    assertThat(outcome.out()).isEqualTo(chat("hello\nmore\n").out());
    assertThat(Cli.resa("run", "-i", "--json").err()).contains("-i/--interactive goes with none");
  }

  @Test
  void aHistoryThatCannotBeWrittenIsNone() throws IOException {
    assertThat(ChatHistory.file(folder.resolve("home"))).isPresent();
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThat(ChatHistory.file(file.resolve("home"))).isEmpty();
    assertThat(ChatHistory.file(Path.of("/proc/nowhere"))).isEmpty();
  }
}
