package org.resa4j.eval.task;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.resa4j.error.InputException;
import org.resa4j.eval.check.Checker;
import org.resa4j.eval.check.Checkers;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.StringNode;

/**
 * Reads tasks: JSON, one to a line, compressed if the name ends with {@code .gz}.
 *
 * <pre>{@code
 * {"id": "a", "prompt": "...", "answer": "42", "checker": "numeric", "max_tokens": 200,
 *  "metadata": {"task": "sums"}}
 * }</pre>
 *
 * <p>Only a prompt and an answer are needed. {@code question} and {@code target} are other names of
 * theirs. Without {@code checker} the answer must be met exactly, or its number where it is one or
 * ends as GSM8K's do ({@code #### 42}), or with {@code choices} chosen by index, letter or text;
 * choices are added to a {@code question}, a {@code prompt} has them already. The family is the
 * metadata's {@code task}, else the file's name.
 */
public final class TaskFile {
  private final Path file;
  private final String name;

  private TaskFile(Path file) {
    this.file = file;
    name = file.getFileName().toString().replaceFirst("(?i)(\\.jsonl?)?(\\.gz)?$", "");
  }

  /**
   * Reads all tasks of a file.
   *
   * @throws InputException if it cannot be read or a task in it cannot be used; names file and line
   */
  public static List<Task> read(Path file) {
    return new TaskFile(file).read(bytes(file));
  }

  /** A file's content as it is stored. */
  static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new InputException(
          file
              + ": cannot be read"
              + (Files.exists(file) ? ": " + e.getMessage() : ": no such file"),
          e);
    }
  }

  private List<Task> read(byte[] bytes) {
    List<Task> tasks = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    int number = 0;
    for (String line : text(bytes).split("\n")) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      Task task = task(number, line);
      if (!ids.add(task.id())) {
        throw fault(number, "a second task with the id '" + task.id() + "': ids must differ", null);
      }
      tasks.add(task);
    }
    if (tasks.isEmpty()) {
      throw new InputException(file + ": no tasks in it");
    }
    return tasks;
  }

  private String text(byte[] bytes) {
    boolean compressed = file.getFileName().toString().endsWith(".gz");
    try (InputStream in =
        compressed
            ? new GZIPInputStream(new ByteArrayInputStream(bytes))
            : new ByteArrayInputStream(bytes)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new InputException(file + ": cannot be unpacked: " + e.getMessage(), e);
    }
  }

  private Task task(int number, String line) {
    try {
      JsonNode json = JsonMapper.shared().readTree(line);
      if (!json.isObject()) {
        throw new IllegalArgumentException(
            "a task is a JSON object, with \"prompt\" and \"answer\"");
      }
      return task(number, json);
    } catch (JacksonException e) {
      throw fault(number, "not JSON: " + e.getOriginalMessage(), e);
    } catch (IllegalArgumentException | InputException e) {
      throw fault(number, e.getMessage(), e);
    }
  }

  private InputException fault(int number, String message, Exception cause) {
    return new InputException("%s, line %d: %s".formatted(file, number, message), cause);
  }

  private Task task(int number, JsonNode json) {
    String prompt = text(json, json.has("prompt") ? "prompt" : "question");
    JsonNode answer = json.has("answer") ? json.get("answer") : json.path("target");
    JsonNode metadata = json.path("metadata");
    Checker checker;
    List<String> answers;
    if (json.has("choices")) {
      List<String> choices = texts("choices", json.get("choices"));
      if (json.has("checker")) {
        throw new IllegalArgumentException("a task with \"choices\" takes no \"checker\"");
      }
      int right = index(choices, answer);
      checker = Checkers.choice(choices, right);
      answers = List.of(choices.get(right));
      if (!json.has("prompt")) {
        prompt = withChoices(prompt, choices);
      }
    } else {
      answers = texts("answer", answer);
      JsonNode spec =
          json.has("checker")
              ? json.get("checker")
              : StringNode.valueOf(answer.isNumber() ? "numeric" : Checkers.usual(answers));
      checker = Checkers.of(spec, prompt, answers);
    }
    return new Task(
        json.has("id") ? scalar("id", json.get("id")) : name + "-" + number,
        metadata.has("task") ? text(metadata, "task") : name,
        prompt,
        answers,
        checker,
        json.has("max_tokens") ? OptionalInt.of(integer(json, "max_tokens")) : OptionalInt.empty(),
        metadata);
  }

  private static String withChoices(String question, List<String> choices) {
    StringBuilder text = new StringBuilder(question);
    for (int i = 0; i < choices.size(); i++) {
      text.append('\n').append((char) ('A' + i)).append(". ").append(choices.get(i));
    }
    return text.append("\nAnswer:").toString();
  }

  /** Where the right choice stands: by index, letter or its own text; -1 for none of them. */
  private static int index(List<String> choices, JsonNode answer) {
    if (answer.isIntegralNumber()) {
      return answer.intValue();
    }
    String text = scalar("answer", answer);
    if (choices.contains(text)) {
      return choices.indexOf(text);
    }
    return text.matches("[A-Z]") ? text.charAt(0) - 'A' : -1;
  }

  private static List<String> texts(String name, JsonNode value) {
    if (value.isMissingNode()) {
      return List.of();
    }
    List<String> texts = new ArrayList<>();
    if (value.isArray()) {
      value.forEach(each -> texts.add(scalar(name, each)));
    } else {
      texts.add(scalar(name, value));
    }
    return texts;
  }

  private static String scalar(String name, JsonNode value) {
    if (!value.isString() && !value.isNumber()) {
      throw new IllegalArgumentException(
          "\"%s\" must be a text or a number, is %s".formatted(name, value));
    }
    return value.asString();
  }

  private static String text(JsonNode json, String name) {
    JsonNode value = json.path(name);
    if (!value.isString() || value.stringValue().isBlank()) {
      throw new IllegalArgumentException(
          "\"%s\" must be a text, is %s"
              .formatted(name, value.isMissingNode() ? "missing" : value.toString()));
    }
    return value.stringValue();
  }

  private static int integer(JsonNode json, String name) {
    JsonNode value = json.path(name);
    if (!value.canConvertToInt()) {
      throw new IllegalArgumentException(
          "\"%s\" must be a whole number, is %s".formatted(name, value));
    }
    return value.intValue();
  }
}
