package org.resa4j.spark;

import java.nio.file.Path;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.resa4j.GenerationOptions;
import org.resa4j.GenerationRequest;
import org.resa4j.Prompt;
import org.resa4j.Resa;

/** Beginnings of stories, and a small trained model that goes on with them. */
final class Stories {
  static final String MODEL =
      Path.of(
              System.getProperty("resa.home", "."),
              "runtime/src/test/resources/golden/gguf/models/stories260K-F32.gguf")
          .toString();
  static final int TOKENS = 120;
  static final double TEMPERATURE = 1;
  static final long SEED = 7;

  private Stories() {}

  /** A row's number and its prompt. */
  static Dataset<Row> rows(SparkSession spark, int count, int partitions) {
    List<Row> rows =
        IntStream.range(0, count).mapToObj(i -> RowFactory.create(i, prompt(i))).toList();
    StructType schema =
        new StructType()
            .add("id", DataTypes.IntegerType, false)
            .add("prompt", DataTypes.StringType);
    return spark.createDataFrame(rows, schema).repartition(partitions);
  }

  static String prompt(int i) {
    return List.of("Once upon a time", "One day", "Lily and Tom", "The dog").get(i % 4)
        + ", there were "
        + (i + 2)
        + " of them.";
  }

  static BatchOptions options() {
    return BatchOptions.path(MODEL)
        .withEngine(engine -> engine.contextLength(256).blockSize(4).sequences(4))
        .withGeneration(Stories::sampled);
  }

  private static GenerationOptions sampled(GenerationOptions own) {
    return own.withMaxTokens(TOKENS)
        .withSampling(own.sampling().withTemperature(TEMPERATURE).withSeed(SEED));
  }

  /** Row by row, what a plain program writes: one text after the other, with the seeds given. */
  static List<String> plain(Stream<String> prompts, ToLongFunction<String> seed) {
    try (Resa resa =
        Resa.builder(Path.of(MODEL)).engine("jvm").contextLength(256).blockSize(4).build()) {
      return prompts
          .map(
              prompt -> {
                GenerationOptions options = sampled(resa.defaults());
                return resa.submit(
                        new GenerationRequest(
                            Prompt.text(prompt),
                            options.withSampling(
                                options.sampling().withSeed(seed.applyAsLong(prompt)))))
                    .join()
                    .text();
              })
          .toList();
    }
  }

  /** The seed that a row has where no column says it. */
  static long seed(String prompt) {
    return 31 * SEED + List.of(prompt).hashCode();
  }
}
