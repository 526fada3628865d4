package org.resa4j;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.resa4j.engine.OpenProgress;
import org.resa4j.error.InputException;
import org.resa4j.format.Gguf;
import org.resa4j.format.GgufModel;
import org.resa4j.format.GgufWriter;
import org.resa4j.format.Json;
import org.resa4j.format.ReplacedFile;
import org.resa4j.model.DType;
import org.resa4j.model.Model;
import org.resa4j.model.ModelConfig;
import org.resa4j.model.Tensor;
import org.resa4j.tokenizer.ChatTemplate;
import org.resa4j.tokenizer.Message;
import org.resa4j.tokenizer.SpecialTokens;
import org.resa4j.tokenizer.pipeline.GgufTokens.Role;

/**
 * Makes a GGUF file of a Hugging Face directory, or of another GGUF file: the same model, its
 * matrices in another format, with the same tokens, chat template and settings. The file is read
 * again before it takes its place, and compared with what it was made of.
 */
public final class GgufExport {
  private static final String TOKENIZER = "tokenizer.json";

  /** Files whose texts go along, as {@link ModelDefaults} reads them. */
  private static final List<String> SETTINGS = List.of("resa.json", "generation_config.json");

  private static final Map<Role, String> ROLES =
      Map.of(
          Role.FIRST,
          SpecialTokens.FIRST,
          Role.LAST,
          SpecialTokens.LAST,
          Role.UNKNOWN,
          "unk_token",
          Role.PADDING,
          "pad_token");

  /** What templates are compared on. */
  private static final List<List<Message>> CONVERSATIONS =
      List.of(
          List.of(new Message("user", "Hi.")),
          List.of(
              new Message("system", "Be brief."),
              new Message("user", "1 + 1?"),
              new Message("assistant", "2"),
              new Message("user", "And then?")));

  private final Path path;
  private final Checkpoint source;

  private GgufExport(Path path, Checkpoint source) {
    this.path = path;
    this.source = source;
  }

  /**
   * What was written.
   *
   * @param bytes of the file
   * @param bitsPerWeight of the tensors, with their scales
   * @param formats how many matrices have each
   * @param unquantised matrices that stayed in 16 bits in a quantised file, by their names
   * @param notes what is otherwise than in the directory, one sentence each
   */
  public record Summary(
      long bytes,
      double bitsPerWeight,
      Map<DType, Integer> formats,
      List<String> unquantised,
      List<String> notes) {
    public Summary {
      formats = Map.copyOf(formats);
      unquantised = List.copyOf(unquantised);
      notes = List.copyOf(notes);
    }
  }

  /**
   * Writes a file; one that is there is replaced when the new one is whole.
   *
   * @param path a Hugging Face directory, or a GGUF file in 16 or 32 bits
   * @param type what matrices become, one of {@link GgufModel#types}; {@link GgufModel} says which
   *     do not
   * @param file a name that ends in {@code .gguf}
   * @param progress hears how many tensors are written
   * @throws InputException if the model cannot be used or is quantised already, GGUF has no way to
   *     say what is in the directory, or the file cannot be written, or reads back otherwise;
   *     nothing is left of it then
   * @throws IllegalArgumentException for another type or name
   */
  public static Summary write(Path path, DType type, Path file, OpenProgress progress) {
    if (!Gguf.isFile(file)) {
      throw new IllegalArgumentException(
          "a GGUF file's name ends in %s, not so %s".formatted(Gguf.SUFFIX, file));
    }
    try (Checkpoint source = Checkpoint.load(path)) {
      return new GgufExport(path, source).write(type, file, progress);
    }
  }

  private Summary write(DType type, Path file, OpenProgress progress) {
    GgufWriter gguf = new GgufWriter();
    GgufModel.addTo(gguf, path, source.model(), Optional.of(type));
    // A GGUF file's metadata has it all.
    List<String> notes = Gguf.isFile(path) ? List.of() : addFiles(gguf);
    List<Summary> written = new ArrayList<>();
    ReplacedFile.make(
        file,
        part -> {
          // Gigabytes that an interrupt would leave behind.
          part.toFile().deleteOnExit();
          gguf.write(part, progress);
          written.add(compared(part, type, notes));
        });
    return written.getFirst();
  }

  /** What stands in the directory's files beside the configuration. */
  private List<String> addFiles(GgufWriter gguf) {
    List<String> notes =
        source
            .tokenizer()
            .writeTo(
                gguf,
                path.resolve(TOKENIZER),
                source.model().config().vocabulary(),
                roles(),
                source.model().config().endOfText());
    source.chatTemplate().ifPresent(each -> each.writeTo(gguf));
    for (String name : SETTINGS) {
      Path settings = path.resolve(name);
      if (Files.exists(settings)) {
        gguf.put(name, Json.text(settings));
      }
    }
    return notes;
  }

  private Map<Role, Integer> roles() {
    SpecialTokens special = SpecialTokens.read(path);
    Map<Role, Integer> roles = new EnumMap<>(Role.class);
    ROLES.forEach(
        (role, name) ->
            special
                .text(name)
                .map(source.tokenizer()::tokenId)
                .ifPresent(id -> id.ifPresent(it -> roles.put(role, it))));
    return roles;
  }

  /** Reads what was written, and compares all but the weights, whose bytes are not looked at. */
  private Summary compared(Path part, DType type, List<String> notes) {
    try (Checkpoint written = Checkpoint.load(part)) {
      ModelConfig own = source.model().config();
      ModelConfig read = written.model().config();
      source
          .tokenizer()
          .differsOn(written.tokenizer(), own.vocabulary())
          .ifPresent(text -> differs("tokens of \"%s\"".formatted(text)));
      checkTemplate(source.chatTemplate(), written.chatTemplate());
      if (!read.endOfText().containsAll(own.endOfText())) {
        differs("tokens that end a text, %s for %s".formatted(read.endOfText(), own.endOfText()));
      }
      if (!written.defaults().attention().equals(source.defaults().attention())
          || !written.defaults().sampling().equals(source.defaults().sampling())) {
        differs("settings");
      }
      if (read.maxContext() != own.maxContext() || !read.attention().equals(own.attention())) {
        differs("heads or positions");
      }
      return summary(part, written.model(), type, notes);
    }
  }

  private void checkTemplate(Optional<ChatTemplate> own, Optional<ChatTemplate> other) {
    if (own.isEmpty() && other.isEmpty()) {
      return;
    }
    for (List<Message> conversation : CONVERSATIONS) {
      String text = rendered(own, conversation);
      String again = rendered(other, conversation);
      if (!text.equals(again)) {
        differs("chat template, which writes \"%s\" and \"%s\"".formatted(text, again));
      }
    }
  }

  /** The text, or the words in which the template refuses the conversation. */
  private static String rendered(Optional<ChatTemplate> template, List<Message> conversation) {
    try {
      return template.orElseThrow().render(conversation, true);
    } catch (InputException e) {
      return e.getMessage().substring(e.getMessage().lastIndexOf(": ") + 1);
    }
  }

  private void differs(String what) {
    throw new InputException(
        "%s: no GGUF file can be made of it: read back, it has other %s".formatted(path, what));
  }

  private static Summary summary(Path part, Model read, DType type, List<String> notes) {
    Map<DType, Integer> formats = new EnumMap<>(DType.class);
    List<String> unquantised = new ArrayList<>();
    for (Tensor tensor : read.tensors()) {
      if (tensor.shape().length > 1) {
        formats.merge(tensor.dtype(), 1, Integer::sum);
        if (type.isQuantised() && !tensor.dtype().isQuantised()) {
          unquantised.add(tensor.name());
        }
      }
    }
    return new Summary(
        part.toFile().length(),
        8.0 * read.weightBytes() / read.parameters(),
        formats,
        unquantised,
        notes);
  }
}
