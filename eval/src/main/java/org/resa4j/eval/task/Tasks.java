package org.resa4j.eval.task;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.resa4j.error.InputException;

/**
 * The tasks of an evaluation, of one file or several.
 *
 * @param tasks all of them
 * @param digest SHA-256 of the files, in order, and of how many tasks of each are taken
 */
public record Tasks(List<Task> tasks, String digest) {

  /**
   * Reads files.
   *
   * @param limit tasks to take of each family in each file, evenly spread; all where empty
   * @throws InputException if one cannot be used, or two files have a task of one id
   */
  public static Tasks read(List<Path> files, OptionalInt limit) {
    List<Task> tasks = new ArrayList<>();
    Map<String, Path> origins = new HashMap<>();
    MessageDigest digest = Digests.sha256();
    digest.update(limit.toString().getBytes(StandardCharsets.UTF_8));
    for (Path file : files) {
      digest.update(TaskFile.bytes(file));
      List<Task> some =
          TaskFile.read(file).stream()
              .collect(Collectors.groupingBy(Task::family, LinkedHashMap::new, Collectors.toList()))
              .values()
              .stream()
              .flatMap(family -> spread(family, limit).stream())
              .toList();
      for (Task task : some) {
        Path other = origins.put(task.id(), file);
        if (other != null) {
          throw new InputException(
              "%s and %s both have a task '%s': ids must differ".formatted(other, file, task.id()));
        }
        tasks.add(task);
      }
    }
    return new Tasks(tasks, HexFormat.of().formatHex(digest.digest()));
  }

  /** Every so manieth task, the first and the last part of the list alike. */
  private static List<Task> spread(List<Task> all, OptionalInt limit) {
    int count = Math.min(limit.orElse(all.size()), all.size());
    List<Task> some = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      some.add(all.get((int) ((2L * i + 1) * all.size() / (2L * count))));
    }
    return some;
  }
}
