package org.resa4j.spark;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/** Spark as it is installed, made of this process's class path, and a cluster on this machine. */
final class ClusterHome {
  private static final int MEGABYTES = 2048;

  private ClusterHome() {}

  /**
   * Two executors of one core each. The build sets {@code SPARK_HOME}, which Spark reads from the
   * environment alone.
   */
  static SparkSession start(Path folder) {
    install();
    return SparkSession.builder()
        .master("local-cluster[2,1," + MEGABYTES + "]")
        .config("spark.ui.enabled", false)
        .config("spark.sql.shuffle.partitions", 3)
        .config("spark.local.dir", folder.toString())
        .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
        .getOrCreate();
  }

  /** Makes the home, once. */
  static void install() {
    Path home = Path.of(System.getenv("SPARK_HOME"));
    try {
      Files.createDirectories(home.resolve("jars"));
      Files.writeString(home.resolve("RELEASE"), "Spark of the build's libraries\n");
      for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
        Path jar = Path.of(entry);
        Path link = home.resolve("jars").resolve(jar.getFileName());
        if (entry.endsWith(".jar") && !Files.exists(link)) {
          Files.createSymbolicLink(link, jar);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The processes of a driver's executors: the only ones that it starts. */
  static List<ProcessHandle> executors(ProcessHandle driver) {
    return driver
        .descendants()
        .filter(process -> process.info().command().filter(at -> at.endsWith("/java")).isPresent())
        .toList();
  }
}
