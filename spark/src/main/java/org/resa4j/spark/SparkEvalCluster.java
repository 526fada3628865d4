package org.resa4j.spark;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
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
            .setIfMissing("spark.jars", jars());
    JavaSparkContext spark;
    try {
      spark = new JavaSparkContext(conf);
    } catch (Exception e) {
      // Scala's methods declare nothing, and throw what they like.
      throw new InputException("Spark cannot use the master " + master + ": " + e.getMessage(), e);
    }
    files.forEach(file -> spark.addFile(file.toAbsolutePath().toString()));
    return new SparkConnection(spark);
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
    public int parallelism() {
      return spark.defaultParallelism();
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
