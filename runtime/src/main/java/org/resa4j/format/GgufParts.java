package org.resa4j.format;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.resa4j.error.InputException;
import org.resa4j.model.Tensor;

/**
 * The GGUF files of a model: one, or several that were split from one. The first has the metadata.
 *
 * @param path the first
 * @param tensors of all, in order
 * @param fileOf each tensor's file
 */
record GgufParts(
    Path path, GgufMetadata metadata, Map<String, Tensor> tensors, Map<String, MappedFile> fileOf) {
  private static final String NUMBER = "split.no";
  private static final String COUNT = "split.count";
  private static final String TENSORS = "split.tensors.count";
  private static final Pattern PART_NAME = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})\\.gguf");

  /** As many as five digits can name. */
  private static final int MOST_PARTS = 99_999;

  static GgufParts open(Path path, Arena arena, WeightAccess access) {
    GgufFile first = GgufFile.open(path, arena, access);
    GgufMetadata metadata = first.metadata();
    int count = metadata.whole(COUNT, 0, MOST_PARTS).orElse(0);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Map<String, MappedFile> fileOf = new HashMap<>();
    add(first, tensors, fileOf);
    if (count > 1) {
      Matcher name = partName(path, metadata, count);
      for (int i = 1; i < count; i++) {
        Path part =
            path.resolveSibling("%s-%05d-of-%05d.gguf".formatted(name.group(1), i + 1, count));
        GgufFile next = GgufFile.open(part, arena, access);
        checkNumbers(next.metadata(), i, count);
        add(next, tensors, fileOf);
      }
      int said = metadata.whole(TENSORS, 0, Integer.MAX_VALUE).orElse(tensors.size());
      if (said != tensors.size()) {
        throw metadata.wrong(TENSORS, "%d, as the parts have".formatted(tensors.size()));
      }
    }
    return new GgufParts(path, metadata, tensors, fileOf);
  }

  private static Matcher partName(Path path, GgufMetadata metadata, int count) {
    checkNumbers(metadata, 0, count);
    Matcher name = PART_NAME.matcher(path.getFileName().toString());
    if (!name.matches()
        || !name.group(2).equals("00001")
        || !name.group(3).equals("%05d".formatted(count))) {
      throw new InputException(
          "%s: the first of %d parts, whose names must be NAME-00001-of-%05d.gguf and so on"
              .formatted(path, count, count));
    }
    return name;
  }

  private static void checkNumbers(GgufMetadata metadata, int number, int count) {
    if (metadata.whole(COUNT, 0, MOST_PARTS).orElse(0) != count) {
      throw metadata.wrong(COUNT, Integer.toString(count));
    }
    if (metadata.whole(NUMBER, 0, MOST_PARTS).orElse(-1) != number) {
      throw metadata.wrong(
          NUMBER,
          number == 0 ? "0: name the first part, the others are found" : Integer.toString(number));
    }
  }

  private static void add(
      GgufFile file, Map<String, Tensor> tensors, Map<String, MappedFile> fileOf) {
    file.tensors()
        .forEach(
            (name, tensor) -> {
              MappedFile other = fileOf.put(name, file.file());
              if (other != null) {
                throw new InputException(
                    "%s: tensor %s stands in %s too"
                        .formatted(file.path(), name, other.path().getFileName()));
              }
              tensors.put(name, tensor);
            });
  }

  /** The file that a tensor stands in. */
  MappedFile file(String tensor) {
    return fileOf.get(tensor);
  }

  /** Every file, once. */
  Set<MappedFile> files() {
    return Set.copyOf(fileOf.values());
  }

  /** What to call the model: the file's name, without what tells that it is one. */
  String name() {
    String name = path.getFileName().toString();
    Matcher part = PART_NAME.matcher(name);
    return part.matches() ? part.group(1) : name.replaceFirst("(?i)\\.gguf$", "");
  }
}
