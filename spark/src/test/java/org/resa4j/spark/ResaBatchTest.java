package org.resa4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.SparkException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.resa4j.Resa;
import org.resa4j.tokenizer.Message;

/** Texts of rows in one process; SparkClusterTest has several. */
class ResaBatchTest {
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", false)
            .config("spark.sql.shuffle.partitions", 3)
            .getOrCreate();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static List<Row> collect(Dataset<Row> dataset) {
    return dataset.orderBy("id").collectAsList();
  }

  @Test
  void addsToEachRowThePlainText() {
    int count = 21;
    List<Row> rows =
        collect(ResaBatch.generate(Stories.rows(spark, count, 3), "prompt", Stories.options()));
    assertThat(rows).hasSize(count);
    assertThat(rows.getFirst().schema().fieldNames())
        .containsExactly("id", "prompt", "text", "tokens", "finish", "usage");
    List<String> plain =
        Stories.plain(IntStream.range(0, count).mapToObj(Stories::prompt), Stories::seed);
    for (int i = 0; i < count; i++) {
      Row row = rows.get(i);
      assertThat(row.getInt(0)).isEqualTo(i);
      assertThat(row.getString(1)).isEqualTo(Stories.prompt(i));
      assertThat(row.<String>getAs("text")).isEqualTo(plain.get(i)).isNotBlank();
      Row usage = row.getAs("usage");
      assertThat(usage.<Integer>getAs("generated_tokens"))
          .isEqualTo(row.getList(row.fieldIndex("tokens")).size())
          .isEqualTo(Stories.TOKENS);
      assertThat(row.<String>getAs("finish")).isEqualTo("MAX_TOKENS");
      assertThat(usage.<Integer>getAs("prompt_tokens")).isGreaterThan(5);
      assertThat(usage.<Double>getAs("first_token_seconds")).isPositive();
    }
    // Sampled, not greedy: the texts of other seeds are others.
    assertThat(Stories.plain(IntStream.range(0, 2).mapToObj(Stories::prompt), prompt -> 1))
        .doesNotContainAnyElementsOf(plain);
  }

  @Test
  void takesSeedsFromAColumn() {
    Dataset<Row> twice =
        Stories.rows(spark, 1, 1)
            .withColumn(
                "seed", functions.explode(functions.array(functions.lit(3L), functions.lit(4L))));
    List<String> texts =
        ResaBatch.generate(twice, "prompt", Stories.options().withSeedColumn("seed"))
            .orderBy("seed")
            .collectAsList()
            .stream()
            .map(row -> row.<String>getAs("text"))
            .toList();
    List<String> prompt = List.of(Stories.prompt(0));
    assertThat(texts)
        .containsExactly(
            Stories.plain(prompt.stream(), each -> 3).getFirst(),
            Stories.plain(prompt.stream(), each -> 4).getFirst())
        .doesNotHaveDuplicates();
  }

  @Test
  void saysWhatIsWrongWithARowWhereAskedTo() {
    String tooLong = "word ".repeat(400);
    Dataset<Row> prompts = prompts(tooLong, null, "Once upon a time");
    List<Row> rows =
        collect(ResaBatch.generate(prompts, "prompt", Stories.options().withErrorColumn("error")));
    assertThat(rows.get(0).<String>getAs("error")).contains("the prompt has 1202 tokens");
    assertThat(rows.get(0).<String>getAs("text")).isNull();
    assertThat(rows.get(1).<String>getAs("error")).contains("column prompt is null");
    assertThat(rows.get(2).<String>getAs("error")).isNull();
    assertThat(rows.get(2).<String>getAs("text")).isNotBlank();

    assertThatThrownBy(
            () -> collect(ResaBatch.generate(prompts(tooLong), "prompt", Stories.options())))
        .isInstanceOf(SparkException.class)
        .rootCause()
        .hasMessageContaining("the prompt has 1202 tokens");
  }

  private static Dataset<Row> prompts(String... prompts) {
    return spark.createDataFrame(
        IntStream.range(0, prompts.length).mapToObj(i -> RowFactory.create(i, prompts[i])).toList(),
        new StructType().add("id", DataTypes.IntegerType).add("prompt", DataTypes.StringType));
  }

  @Test
  void takesConversations() {
    Dataset<Row> chats =
        spark.sql(
            "select 0 as id, array(named_struct('role', 'user', 'content', 'Hello')) as messages");
    assertThatThrownBy(() -> collect(ResaBatch.generate(chats, "messages", Stories.options())))
        .rootCause()
        .hasMessageContaining("has no chat template");
    List<Row> rows =
        collect(ResaBatch.generate(chats, "messages", Stories.options().withErrorColumn("error")));
    assertThat(rows.getFirst().<String>getAs("error")).contains("has no chat template");
    assertThat(
            collect(
                    ResaBatch.generate(
                        prompts("Hello"),
                        "prompt",
                        Stories.options().withChatTemplate().withErrorColumn("error")))
                .getFirst()
                .<String>getAs("error"))
        .contains("has no chat template");
  }

  @Test
  void writesConversationsOutByTheModelsTemplate(@TempDir Path folder) throws IOException {
    Path clerk = Path.of(System.getProperty("resa.home", "."), "models", "clerk");
    for (String name : List.of("config.json", "tokenizer.json", "model.safetensors")) {
      Files.copy(clerk.resolve(name), folder.resolve(name));
    }
    Files.writeString(
        folder.resolve("chat_template.jinja"),
        "{% for message in messages %}{{ message.role }} {{ message.content }} {% endfor %}");
    String expected;
    try (Resa resa = Resa.builder(folder).engine("jvm").contextLength(256).build()) {
      expected =
          resa.chat(List.of(Message.user("#1 cir = 3 + 4 ;")), resa.defaults().withMaxTokens(12))
              .text();
    }
    BatchOptions options =
        BatchOptions.path(folder.toString())
            .withEngine(engine -> engine.contextLength(256))
            .withGeneration(own -> own.withMaxTokens(12));
    Dataset<Row> chats =
        spark.sql(
            "select 0 as id, array(named_struct('role', 'user', 'content', '#1 cir = 3 + 4 ;')) as"
                + " messages");
    assertThat(
            collect(ResaBatch.generate(chats, "messages", options))
                .getFirst()
                .<String>getAs("text"))
        .isEqualTo(expected)
        .isNotBlank();
    assertThat(
            collect(
                    ResaBatch.generate(
                        prompts("#1 cir = 3 + 4 ;"), "prompt", options.withChatTemplate()))
                .getFirst()
                .<String>getAs("text"))
        .isEqualTo(expected);
    assertThat(
            collect(ResaBatch.generate(prompts("#1 cir = 3 + 4 ;"), "prompt", options))
                .getFirst()
                .<Row>getAs("usage")
                .<Integer>getAs("prompt_tokens"))
        .isLessThan(
            collect(
                    ResaBatch.generate(
                        prompts("#1 cir = 3 + 4 ;"), "prompt", options.withChatTemplate()))
                .getFirst()
                .<Row>getAs("usage")
                .<Integer>getAs("prompt_tokens"));
  }

  @Test
  void refusesColumnsThatAreNotThereOrWouldBeTwice() {
    Dataset<Row> rows = Stories.rows(spark, 1, 1);
    assertThatThrownBy(() -> ResaBatch.generate(rows, "question", Stories.options()))
        .hasMessage("the dataset has no column question, only [id, prompt]");
    assertThatThrownBy(() -> ResaBatch.generate(rows, "id", Stories.options()))
        .hasMessageContaining("column id has the type int");
    assertThatThrownBy(
            () -> ResaBatch.generate(rows, "prompt", Stories.options().withSeedColumn("prompt")))
        .hasMessageContaining("seeds are integers");
    assertThatThrownBy(
            () ->
                ResaBatch.generate(
                    rows.withColumn("Text", functions.lit("")), "prompt", Stories.options()))
        .hasMessageContaining("a column text already");
    assertThatThrownBy(
            () -> ResaBatch.generate(rows, "prompt", Stories.options().withErrorColumn("prompt")))
        .hasMessageContaining("a column prompt already");
    assertThatThrownBy(
            () -> ResaBatch.generate(rows, "prompt", Stories.options().withErrorColumn("text")))
        .hasMessageContaining("a column text already");
    Dataset<Row> twice = rows.select(rows.col("prompt"), functions.lit("other").as("prompt"));
    assertThatThrownBy(() -> ResaBatch.generate(twice, "prompt", Stories.options()))
        .hasMessageContaining("more than one column prompt");
  }

  @Test
  void refusesOptionsThatCannotTravel() {
    Object here = new Object();
    BatchOptions options =
        Stories.options().withGeneration(own -> here.hashCode() == 0 ? own : own.withMaxTokens(1));
    assertThatThrownBy(() -> ResaBatch.generate(Stories.rows(spark, 1, 1), "prompt", options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("java.lang.Object");
  }

  @Test
  void saysThatAModelIsMissing() {
    assertThatThrownBy(
            () ->
                collect(
                    ResaBatch.generate(
                        Stories.rows(spark, 1, 1), "prompt", BatchOptions.path("/no/model"))))
        .rootCause()
        .hasMessageContaining("/no/model: no such model on the executor");
    assertThatThrownBy(
            () ->
                collect(
                    ResaBatch.generate(
                        Stories.rows(spark, 1, 1), "prompt", BatchOptions.sparkFile("model"))))
        .rootCause()
        .hasMessageContaining("SparkContext.addFile");
  }

  @Test
  void findsAModelAmongTheApplicationsFiles() {
    spark.sparkContext().addFile(Stories.MODEL);
    BatchOptions options =
        BatchOptions.sparkFile("stories260K-F32.gguf")
            .withEngine(engine -> engine.contextLength(256).blockSize(4))
            .withGeneration(own -> own.withMaxTokens(3));
    assertThat(collect(ResaBatch.generate(Stories.rows(spark, 2, 2), "prompt", options)))
        .hasSize(2)
        .allMatch(row -> row.getList(row.fieldIndex("tokens")).size() == 3);
  }

  @Test
  void endsTextsThatNobodyWants() {
    BatchOptions endless =
        Stories.options().withGeneration(own -> own.withMaxTokens(200).withStopAtEndOfText(false));
    // take(1) ends the task while other rows of its partition are being written.
    assertThat(ResaBatch.generate(Stories.rows(spark, 40, 1), "prompt", endless).takeAsList(1))
        .hasSize(1);
    List<Row> after =
        collect(ResaBatch.generate(Stories.rows(spark, 2, 1), "prompt", Stories.options()));
    assertThat(after).allMatch(row -> row.<Row>getAs("usage").<Double>getAs("queue_seconds") < 1);
  }

  /** Not one more text of the earlier file, and none of its rows told that they are at fault. */
  @Test
  void aModelThatWasWrittenAnewIsOpenedAnew(@TempDir Path folder) throws IOException {
    Path model = Files.copy(Path.of(Stories.MODEL), folder.resolve("model.gguf"));
    BatchOptions options =
        BatchOptions.path(model.toString())
            .withEngine(engine -> engine.contextLength(256).blockSize(4))
            .withGeneration(own -> own.withMaxTokens(20))
            .withErrorColumn("error");
    Dataset<Row> texts = ResaBatch.generate(prompts("Once upon a time"), "prompt", options);
    String first = collect(texts).getFirst().getAs("text");
    Files.write(model, Files.readAllBytes(model));
    Files.setLastModifiedTime(model, FileTime.from(Instant.now().plusSeconds(5)));
    Row again = collect(texts).getFirst();
    assertThat(again.<String>getAs("error")).isNull();
    assertThat(again.<String>getAs("text")).isEqualTo(first);
  }
}
