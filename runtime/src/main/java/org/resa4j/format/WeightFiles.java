package org.resa4j.format;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.resa4j.error.InputException;
import tools.jackson.databind.JsonNode;

/**
 * The safetensors files of a checkpoint: {@code model.safetensors}, or the shards that {@code
 * model.safetensors.index.json} names. Where both are there the single file wins, as in the
 * reference library.
 *
 * @param origin the file that says where the tensors are
 * @param fileOf each tensor's file
 */
record WeightFiles(Path origin, Map<String, Safetensors> fileOf) {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  /** What other programs call their weights, to say what is there instead. */
  private static final List<String> OTHERS =
      List.of("pytorch_model.bin", "pytorch_model.bin.index.json", "consolidated.safetensors");

  static WeightFiles open(Path directory, Arena arena, WeightAccess access) {
    Path single = directory.resolve(SINGLE);
    Path index = directory.resolve(INDEX);
    Json.checkPlain(single);
    if (Files.exists(single)) {
      Safetensors file = Safetensors.open(single, arena, access);
      Map<String, Safetensors> fileOf = new HashMap<>();
      file.names().forEach(name -> fileOf.put(name, file));
      return new WeightFiles(single, fileOf);
    }
    if (!Files.exists(index)) {
      throw new InputException(
          "%s: no such file, and no %s%s".formatted(single, INDEX, instead(directory)));
    }
    return new WeightFiles(index, shards(directory, index, arena, access));
  }

  /** What lies in the directory instead, which people take for a model. */
  private static String instead(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .sorted()
          .filter(
              name ->
                  OTHERS.contains(name) || name.endsWith(".safetensors") || name.endsWith(".gguf"))
          .findFirst()
          .map(
              name ->
                  name.endsWith(Gguf.SUFFIX)
                      ? "; %s is a model by itself: name the file".formatted(name)
                      : name.endsWith(".safetensors") && !OTHERS.contains(name)
                          ? "; %s needs the index".formatted(name)
                          : "; %s is not a format that is read".formatted(name))
          .orElse("");
    } catch (IOException | UncheckedIOException e) {
      return "";
    }
  }

  /** Every tensor of the shards that the index names, each of which stands once. */
  private static Map<String, Safetensors> shards(
      Path directory, Path index, Arena arena, WeightAccess access) {
    Optional<JsonObject> map = JsonObject.read(index).object("weight_map");
    if (map.isEmpty()) {
      throw new InputException(index + ": has no weight_map");
    }
    Map<Path, Safetensors> shards = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : map.get().node().properties()) {
      Path shard = directory.resolve(name(index, entry.getKey(), entry.getValue()));
      Safetensors file =
          shards.computeIfAbsent(shard, path -> Safetensors.open(path, arena, access));
      if (!file.names().contains(entry.getKey()) && !HuggingFace.isComputed(entry.getKey())) {
        throw new InputException(
            "%s: tensor %s is not in %s".formatted(index, entry.getKey(), shard.getFileName()));
      }
    }
    Map<String, Safetensors> fileOf = new HashMap<>();
    for (Safetensors file : shards.values()) {
      for (String name : file.names()) {
        Safetensors other = fileOf.put(name, file);
        if (other != null) {
          throw new InputException(
              "%s: tensor %s stands in %s and in %s"
                  .formatted(index, name, other.path().getFileName(), file.path().getFileName()));
        }
      }
    }
    return fileOf;
  }

  /** A file of the directory; one with a folder in its name could lead out of it. */
  private static Path name(Path index, String tensor, JsonNode value) {
    try {
      Path name = Path.of(value.asString("")).normalize();
      if (value.isString()
          && !name.toString().isEmpty()
          && name.equals(name.getFileName())
          && !name.toString().equals("..")) {
        return name;
      }
    } catch (InvalidPathException e) {
      throw notOfDirectory(index, tensor, value, e);
    }
    throw notOfDirectory(index, tensor, value, null);
  }

  private static InputException notOfDirectory(
      Path index, String tensor, JsonNode value, Exception cause) {
    return new InputException(
        "%s: %s, for tensor %s, names no file of the directory".formatted(index, value, tensor),
        cause);
  }

  /** Every file, once. */
  Set<MappedFile> files() {
    return fileOf.values().stream().map(Safetensors::file).collect(Collectors.toSet());
  }
}
