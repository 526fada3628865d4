package org.resa4j.spark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Writes a text for each row of a dataset.
 *
 * <pre>{@code
 * Dataset<Row> answers =
 *     ResaBatch.generate(
 *         spark.read().json("questions.jsonl"), "question", BatchOptions.path("/models/qwen"));
 * }</pre>
 *
 * <p>An executor opens one engine, which all its tasks share: their texts are written together, as
 * many at once as the engine is opened for. It stays open for the tasks that follow, and closes
 * when there was none for two minutes. Where Spark assigns GPUs ({@code
 * spark.task.resource.gpu.amount}) there is one for each GPU.
 *
 * <p>A text hangs on its row alone, not on partitions, executors or attempts: where Spark runs a
 * task again, as it does when an executor is lost, the same texts come.
 */
public final class ResaBatch {
  private ResaBatch() {}

  /**
   * Adds the columns {@code text}, {@code tokens} (array of int), {@code finish} (why it ended) and
   * {@code usage} (struct), and the error column where there is one. Lazy, as every transformation.
   *
   * @param promptColumn a column of strings, or of conversations: arrays of structs that have the
   *     strings {@code role} and {@code content}, which the model's chat template writes out
   * @throws IllegalArgumentException if the dataset has no such columns, has columns of the new
   *     ones' names, or the options cannot travel to executors
   */
  public static Dataset<Row> generate(
      Dataset<Row> dataset, String promptColumn, BatchOptions options) {
    StructType schema = dataset.schema();
    RowPrompts prompts = RowPrompts.of(schema, promptColumn, options);
    EngineKey.check(options);
    StructType added = TextColumns.schema(options.errorColumn());
    List<StructField> fields = new ArrayList<>(Arrays.asList(schema.fields()));
    for (StructField field : added.fields()) {
      if (fields.stream().anyMatch(other -> other.name().equalsIgnoreCase(field.name()))) {
        throw new IllegalArgumentException(
            "there is a column %s already; rename it or drop it".formatted(field.name()));
      }
      fields.add(field);
    }
    MapPartitionsFunction<Row, Row> write = rows -> PartitionTexts.of(rows, prompts, options);
    return dataset.mapPartitions(
        write, Encoders.row(new StructType(fields.toArray(StructField[]::new))));
  }
}
