package org.resa4j.bench.drift;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;
import org.resa4j.InputException;
import org.resa4j.tokenizer.Tokenizer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads texts from a task file: JSON, one task to a line, compressed if its name ends with {@code
 * .gz}.
 *
 * <p>A text is the prompt ({@code prompt} or {@code question}) and the right answer ({@code answer}
 * or {@code target}; of several, all, with blanks between), each in tokens of its own. Scored are
 * the tokens of the answer at the places that {@code metadata.scored} lists, from 0; where it is
 * missing, all. The answer's first token never is, as the prefill predicts it.
 */
final class TextFile {
  private TextFile() {}

  /**
   * @param all score all tokens, whatever the file lists
   * @throws InputException if the file cannot be read, or a line of it is no text; names both
   */
  static List<ForcedText> read(Path file, Tokenizer tokenizer, boolean all) {
    List<ForcedText> texts = new ArrayList<>();
    int number = 0;
    try (BufferedReader reader = open(file)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        if (!line.isBlank()) {
          texts.add(text(JsonMapper.shared().readTree(line), file, number, tokenizer, all));
        }
      }
    } catch (NoSuchFileException e) {
      throw new InputException(file + ": no such file", e);
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e.getMessage(), e);
    } catch (JacksonException e) {
      throw fault(file, number, "not JSON: " + e.getOriginalMessage(), e);
    } catch (IllegalArgumentException e) {
      throw fault(file, number, e.getMessage(), e);
    }
    if (texts.isEmpty()) {
      throw new InputException(file + ": no texts in it");
    }
    return texts;
  }

  private static InputException fault(Path file, int line, String message, Exception cause) {
    return new InputException("%s, line %d: %s".formatted(file, line, message), cause);
  }

  private static BufferedReader open(Path file) throws IOException {
    InputStream in = Files.newInputStream(file);
    if (file.getFileName().toString().endsWith(".gz")) {
      try {
        in = new GZIPInputStream(in);
      } catch (IOException e) {
        in.close();
        throw e;
      }
    }
    return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
  }

  private static ForcedText text(
      JsonNode json, Path file, int number, Tokenizer tokenizer, boolean all) {
    String id = json.path("id").asString(file.getFileName() + ":" + number);
    int[] prompt = tokenizer.encode(words(json, "prompt", "question"), true);
    int[] answer = tokenizer.encode(words(json, "answer", "target"), false);
    int[] tokens = Arrays.copyOf(prompt, prompt.length + answer.length);
    System.arraycopy(answer, 0, tokens, prompt.length, answer.length);
    JsonNode places = json.path("metadata").path("scored");
    if (all || places.isMissingNode()) {
      return ForcedText.whole(id, tokens, prompt.length);
    }
    int[] scored =
        StreamSupport.stream(places.spliterator(), false)
            .mapToInt(JsonNode::intValue)
            .filter(place -> place > 0)
            .map(place -> prompt.length + place)
            .toArray();
    return new ForcedText(id, tokens, prompt.length, scored);
  }

  private static String words(JsonNode json, String name, String other) {
    JsonNode value = json.has(name) ? json.get(name) : json.path(other);
    String text =
        value.isArray()
            ? StreamSupport.stream(value.spliterator(), false)
                .map(JsonNode::asString)
                .collect(Collectors.joining(" "))
            : value.asString("");
    if (text.isBlank()) {
      throw new IllegalArgumentException(
          "a text needs \"%s\" (or \"%s\"), which is missing or empty".formatted(name, other));
    }
    return text;
  }
}
