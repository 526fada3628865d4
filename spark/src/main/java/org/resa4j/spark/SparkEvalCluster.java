package org.resa4j.spark;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.serializer.JavaSerializer;
import org.resa4j.error.InputException;
import org.resa4j.eval.EvalAnswer;
import org.resa4j.eval.EvalCluster;
import org.resa4j.eval.EvalPart;
import org.resa4j.eval.EvalWork;

/** Evaluates on a Spark cluster; this process is the driver. */
public final class SparkEvalCluster implements EvalCluster {

  /**
   * Connects to a cluster. {@code spark.*} system properties set it up further.
   *
   * @param master Spark's master URL
   * @throws InputException if it is none that Spark knows
   */
  @Override
  public Connection connect(String master, List<Path> files) {
    SparkConf conf =
        new SparkConf()
            .setMaster(master)
            .setAppName("resa eval")
            .setIfMissing("spark.ui.enabled", "false")
            .setIfMissing("spark.log.level", "WARN")
            // Whole results of long evaluations come to the driver.
            .setIfMissing("spark.driver.maxResultSize", "0")
            // Kryo, which others may have for their own, knows no records.
            .set("spark.serializer", JavaSerializer.class.getName())
            .setIfMissing("spark.jars", jars());
    JavaSparkContext spark = null;
    try {
      spark = new JavaSparkContext(conf);
      for (Path file : namesakes(files)) {
        spark.addFile(file.toString());
      }
      return new SparkConnection(spark);
    } catch (Exception e) {
      // Scala's methods declare nothing, and throw what they like.
      if (spark != null) {
        spark.close();
      }
      throw new InputException("Spark cannot use the master " + master + ": " + e.getMessage(), e);
    }
  }

  /** Copies under the same names: Spark sends a link under its target's. */
  private static List<Path> namesakes(List<Path> files) throws IOException {
    Path folder = Files.createTempDirectory("resa-eval");
    folder.toFile().deleteOnExit();
    List<Path> copies = new ArrayList<>();
    for (Path file : files) {
      Path copy = Files.copy(file, folder.resolve(file.getFileName()));
      copy.toFile().deleteOnExit();
      copies.add(copy);
    }
    return copies;
  }

  /** This program's own on the class path, which executors are sent; Spark's they have. */
  private static String jars() {
    String home = System.getenv("SPARK_HOME");
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> entry.endsWith(".jar"))
        .map(Path::of)
        .filter(jar -> home == null || !jar.startsWith(home))
        .filter(Files::exists)
        .map(jar -> jar.toAbsolutePath().toUri().toString())
        .collect(Collectors.joining(","));
  }

  private record SparkConnection(JavaSparkContext spark) implements Connection {
    @Override
    public int processes() {
      // Of them one is the driver, which in local mode is all.
      return Math.max(1, spark.sc().statusTracker().getExecutorInfos().length - 1);
    }

    @Override
    public void run(EvalWork work, List<EvalPart> parts, Consumer<EvalAnswer> listener) {
      PartJob.run(spark.sc(), work, parts, listener);
    }

    @Override
    public void close() {
      spark.close();
    }
  }
}
