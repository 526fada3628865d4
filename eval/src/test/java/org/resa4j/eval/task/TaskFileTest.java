package org.resa4j.eval.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.resa4j.error.InputException;

class TaskFileTest {
  @TempDir private Path folder;

  private List<Task> read(String name, String... lines) throws IOException {
    return TaskFile.read(Files.write(folder.resolve(name), List.of(lines)));
  }

  @Test
  void readsAllThatATaskCanSay() throws IOException {
    Task task =
        read(
                "tasks.jsonl",
                "",
                "{\"id\": 7, \"prompt\": \"p\", \"answer\": [\"a\", 2], \"checker\": \"contains\","
                    + " \"max_tokens\": 9, \"metadata\": {\"task\": \"needle\", \"length\": 3}}")
            .getFirst();
    assertThat(task.id()).isEqualTo("7");
    assertThat(task.family()).isEqualTo("needle");
    assertThat(task.prompt()).isEqualTo("p");
    assertThat(task.answers()).containsExactly("a", "2");
    assertThat(task.maxTokens()).hasValue(9);
    assertThat(task.metadata().path("length").asInt()).isEqualTo(3);
    assertThat(task.checker().check("2 a").right()).isTrue();
    assertThat(task.checker().check("a").score()).isEqualTo(0.5);
  }

  /** A line of GSM8K as it is published. */
  @Test
  void answersThatEndInANumberAreComparedByIt() throws IOException {
    Task task =
        read(
                "gsm8k.jsonl",
                "{\"question\": \"Janet's ducks lay 16 eggs ...\", \"answer\": \"Janet sells 16 - 3"
                    + " - 4 = <<16-3-4=9>>9 duck eggs a day.\\n"
                    + "She makes 9 * 2 = $<<9*2=18>>18 every day.\\n"
                    + "#### 18\"}")
            .getFirst();
    assertThat(task.checker().check("She makes $18 every day.").right()).isTrue();
    assertThat(task.checker().check("She makes $9 every day.").right()).isFalse();
    Task number = read("n.jsonl", "{\"prompt\": \"p\", \"answer\": 18.0}").getFirst();
    assertThat(number.checker().check("It is 18.").right()).isTrue();
  }

  @Test
  void theAnswerOfAChoiceIsItsText() throws IOException {
    assertThat(
            read(
                "c.jsonl",
                "{\"question\": \"q\", \"choices\": [\"x\", \"y\"], \"answer\": 1}",
                "{\"question\": \"q\", \"choices\": [\"x\", \"y\"], \"answer\": \"A\"}"))
        .extracting(Task::answers)
        .containsExactly(List.of("y"), List.of("x"));
  }

  @Test
  void commonFormsNeedNothingMore() throws IOException {
    List<Task> tasks =
        read(
            "common.jsonl",
            "{\"question\": \"q\", \"answer\": \"a\"}",
            "{\"prompt\": \"p\", \"target\": \"t\"}",
            "{\"question\": \"q\", \"choices\": [\"x\", \"y\"], \"answer\": 1}",
            "{\"prompt\": \"p\", \"choices\": [\"x\", \"y\"], \"answer\": \"B\"}",
            "{\"prompt\": \"p\", \"choices\": [\"x\", \"y\"], \"answer\": \"y\"}");
    assertThat(tasks).extracting(Task::id).startsWith("common-1", "common-2");
    assertThat(tasks).extracting(Task::family).containsOnly("common");
    assertThat(tasks)
        .extracting(Task::prompt)
        .containsExactly("q", "p", "q\nA. x\nB. y\nAnswer:", "p", "p");
    List<String> right = List.of("a", "t", "B", "y", "(B)");
    for (int i = 0; i < right.size(); i++) {
      assertThat(tasks.get(i).checker().check(right.get(i)).right()).as("task %d", i).isTrue();
      assertThat(tasks.get(i).checker().check("A").right()).as("task %d", i).isFalse();
    }
  }

  @Test
  void compressedFilesAreTheSame() throws IOException {
    Path file = folder.resolve("set.jsonl.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write("{\"prompt\": \"é\", \"answer\": \"a\"}".getBytes(StandardCharsets.UTF_8));
    }
    assertThat(TaskFile.read(file).getFirst().prompt()).isEqualTo("é");
    assertThat(TaskFile.read(file).getFirst().id()).isEqualTo("set-1");
    Files.writeString(file, "{}");
    assertThatThrownBy(() -> TaskFile.read(file)).hasMessageContaining("cannot be unpacked");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"prompt\": \"p\" | not JSON",
        "[1] | JSON object",
        "{\"answer\": \"a\"} | \"question\" must be a text, is missing",
        "{\"prompt\": \"p\"} | add one",
        "{\"prompt\": \"p\", \"answer\": {}} | \"answer\" must be a text or a number",
        "{\"prompt\": 1, \"answer\": \"a\"} | \"prompt\" must be a text, is 1",
        "{\"prompt\": \"p\", \"answer\": \"a\", \"max_tokens\": 0} | at least 1",
        "{\"prompt\": \"p\", \"answer\": \"a\", \"max_tokens\": \"x\"} | whole number",
        "{\"prompt\": \"p\", \"answer\": \"a\", \"checker\": \"x\"} | there is no checker",
        "{\"prompt\": \"p\", \"answer\": \"C\", \"choices\": [\"x\", \"y\"]} | index from 0",
        "{\"prompt\": \"p\", \"checker\": \"worksheet\"} | worksheet",
        "{\"prompt\": \"p\", \"answer\": 0, \"choices\": [\"x\", \"y\"], \"checker\": \"x\"} |"
            + " takes no",
        "{\"id\": \"a\", \"prompt\": \"p\", \"answer\": \"a\"} | second task with the id 'a'"
      })
  void faultsNameFileAndLine(String line, String message) {
    assertThatThrownBy(
            () ->
                read("tasks.jsonl", "{\"id\": \"a\", \"prompt\": \"p\", \"answer\": \"a\"}", line))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("tasks.jsonl, line 2: ")
        .hasMessageContaining(message);
  }

  @Test
  void filesThatAreNoneAreRefused() {
    assertThatThrownBy(() -> TaskFile.read(folder.resolve("none.jsonl")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no such file");
    assertThatThrownBy(() -> read("empty.jsonl")).hasMessageContaining("no tasks");
  }

  @Test
  void aLimitTakesTasksEvenlySpread() throws IOException {
    String[] lines = new String[10];
    for (int i = 0; i < 10; i++) {
      lines[i] = "{\"id\": \"%d\", \"prompt\": \"p\", \"answer\": \"a\"}".formatted(i);
    }
    read("ten.jsonl", lines);
    List<Path> file = List.of(folder.resolve("ten.jsonl"));
    Tasks some = Tasks.read(file, OptionalInt.of(3));
    assertThat(some.tasks()).extracting(Task::id).containsExactly("1", "5", "8");
    Tasks all = Tasks.read(file, OptionalInt.of(30));
    assertThat(all.tasks()).hasSize(10);
    assertThat(Tasks.read(file, OptionalInt.of(3)).digest()).isEqualTo(some.digest());
    assertThat(Tasks.read(file, OptionalInt.empty()).digest())
        .isNotEqualTo(some.digest())
        .isNotEqualTo(all.digest());
    assertThatThrownBy(
            () -> Tasks.read(List.of(file.getFirst(), file.getFirst()), OptionalInt.empty()))
        .hasMessageContaining("ids must differ");
  }
}
