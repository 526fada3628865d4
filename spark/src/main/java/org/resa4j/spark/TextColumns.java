package org.resa4j.spark;

import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.resa4j.Generation;
import org.resa4j.Usage;

/** The columns that a text adds to its row. */
final class TextColumns {
  private static final double NANOS = 1e9;

  private TextColumns() {}

  /** All may be null: where the row has an error. */
  static StructType schema(Optional<String> errorColumn) {
    StructType usage =
        new StructType()
            .add("prompt_tokens", DataTypes.IntegerType)
            .add("cached_tokens", DataTypes.IntegerType)
            .add("generated_tokens", DataTypes.IntegerType)
            .add("queue_seconds", DataTypes.DoubleType)
            .add("first_token_seconds", DataTypes.DoubleType)
            .add("prefill_seconds", DataTypes.DoubleType)
            .add("rectifications", DataTypes.IntegerType)
            .add("blocks_kept_share", DataTypes.DoubleType);
    StructType columns =
        new StructType()
            .add("text", DataTypes.StringType)
            .add("tokens", DataTypes.createArrayType(DataTypes.IntegerType, false))
            .add("finish", DataTypes.StringType)
            .add("usage", usage);
    return errorColumn.map(name -> columns.add(name, DataTypes.StringType)).orElse(columns);
  }

  static Row written(Row row, Generation text, boolean hasErrors) {
    Usage usage = text.usage();
    Row cost =
        RowFactory.create(
            usage.promptTokens(),
            usage.cachedTokens(),
            usage.generatedTokens(),
            usage.queueNanos() / NANOS,
            usage.timeToFirstTokenNanos() / NANOS,
            usage.times().prefillNanos() / NANOS,
            usage.rectification().count(),
            usage.blocksKeptShare());
    return added(row, hasErrors, null, text.text(), text.tokenIds(), text.finish().name(), cost);
  }

  static Row failed(Row row, String error) {
    return added(row, true, error, null, null, null, null);
  }

  private static Row added(Row row, boolean hasErrors, String error, Object... columns) {
    Object[] all = new Object[row.size() + columns.length + (hasErrors ? 1 : 0)];
    for (int i = 0; i < row.size(); i++) {
      all[i] = row.get(i);
    }
    System.arraycopy(columns, 0, all, row.size(), columns.length);
    if (hasErrors) {
      all[all.length - 1] = error;
    }
    return RowFactory.create(all);
  }
}
