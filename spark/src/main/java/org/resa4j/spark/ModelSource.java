package org.resa4j.spark;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.SparkFiles;
import org.resa4j.error.InputException;

/**
 * Where executors find a model.
 *
 * @param name a path on each executor's machine, or a name among the application's files
 * @param isSparkFile whether it is the latter
 */
record ModelSource(String name, boolean isSparkFile) implements Serializable {
  ModelSource {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a model needs a path or a name");
    }
  }

  /**
   * On the executor that asks.
   *
   * @throws InputException if it is not there
   */
  Path path() {
    Path path = Path.of(isSparkFile ? SparkFiles.get(name) : name);
    if (!Files.exists(path)) {
      throw new InputException(
          path
              + (isSparkFile
                  ? ": no such file of the application; the driver has to name it to"
                      + " SparkContext.addFile, a directory with recursive = true"
                  : ": no such model on the executor; put it there, on a disk that all machines"
                      + " share, or into the application's files"));
    }
    return path;
  }

  /** What is another where another model was put into its place. */
  String state() {
    Path path = path();
    try {
      Path real = path.toRealPath();
      return "%s %s %d".formatted(real, Files.getLastModifiedTime(real), Files.size(real));
    } catch (IOException e) {
      throw new InputException(path + ": cannot be read: " + e.getMessage(), e);
    }
  }
}
