package org.resa4j.spark;

import java.io.Serializable;
import java.util.Objects;
import java.util.Optional;
import org.resa4j.GenerationOptions;
import org.resa4j.Resa;

/**
 * Which model writes the texts of a dataset's rows, and how. Immutable; travels to the executors.
 *
 * <pre>{@code
 * BatchOptions.path("/models/Qwen2.5-7B-Instruct")
 *     .withEngine(engine -> engine.contextLength(32768).sequences(16))
 *     .withGeneration(own -> own.withMaxTokens(4096))
 *     .withChatTemplate()
 * }</pre>
 */
public final class BatchOptions implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Changes how an executor opens its engine. A lambda that holds nothing but what it needs. */
  @FunctionalInterface
  public interface EngineSetup extends Serializable {
    Resa.Builder apply(Resa.Builder builder);
  }

  /** Changes how texts are written, beginning with what the model's files say. */
  @FunctionalInterface
  public interface GenerationSetup extends Serializable {
    GenerationOptions apply(GenerationOptions own);
  }

  private final ModelSource model;
  private final EngineSetup engine;
  private final GenerationSetup generation;
  private final boolean chatTemplate;
  private final String seedColumn;
  private final String errorColumn;

  private BatchOptions(
      ModelSource model,
      EngineSetup engine,
      GenerationSetup generation,
      boolean chatTemplate,
      String seedColumn,
      String errorColumn) {
    this.model = model;
    this.engine = Objects.requireNonNull(engine, "a way to open the engine");
    this.generation = Objects.requireNonNull(generation, "a way to write texts");
    this.chatTemplate = chatTemplate;
    this.seedColumn = seedColumn;
    this.errorColumn = errorColumn;
  }

  /** A Hugging Face directory or GGUF file that has this path on every executor's machine. */
  public static BatchOptions path(String model) {
    return of(new ModelSource(model, false));
  }

  /**
   * One of the application's files, which Spark brings to every executor: {@code
   * SparkContext.addFile(path, true)} for a directory.
   *
   * @param name the last part of that path
   */
  public static BatchOptions sparkFile(String name) {
    return of(new ModelSource(name, true));
  }

  private static BatchOptions of(ModelSource model) {
    return new BatchOptions(model, builder -> builder, own -> own, false, null, null);
  }

  /**
   * With an engine opened in another way. Unless this says otherwise it writes 8 texts at once, on
   * as many threads as {@code spark.executor.cores} says, and on the GPU that Spark has assigned,
   * where it has.
   */
  public BatchOptions withEngine(EngineSetup setup) {
    return new BatchOptions(model, setup, generation, chatTemplate, seedColumn, errorColumn);
  }

  /** With texts written in another way than the model's files say. */
  public BatchOptions withGeneration(GenerationSetup setup) {
    return new BatchOptions(model, engine, setup, chatTemplate, seedColumn, errorColumn);
  }

  /** With a prompt that is a text given to the model as a user's message, by its chat template. */
  public BatchOptions withChatTemplate() {
    return new BatchOptions(model, engine, generation, true, seedColumn, errorColumn);
  }

  /**
   * With the seed of each text in a column, of integers. Without, it is made of the options' seed
   * and the prompt, so that texts sampled for equal prompts are equal.
   */
  public BatchOptions withSeedColumn(String name) {
    return new BatchOptions(
        model,
        engine,
        generation,
        chatTemplate,
        Objects.requireNonNull(name, "a column's name"),
        errorColumn);
  }

  /**
   * With a column that says what is wrong with a row, such as a prompt longer than the context;
   * null where nothing is. Without, such a row fails the job. What fails on a device fails the task
   * in any case, and Spark tries again.
   */
  public BatchOptions withErrorColumn(String name) {
    return new BatchOptions(
        model,
        engine,
        generation,
        chatTemplate,
        seedColumn,
        Objects.requireNonNull(name, "a column's name"));
  }

  ModelSource model() {
    return model;
  }

  EngineSetup engine() {
    return engine;
  }

  GenerationSetup generation() {
    return generation;
  }

  boolean hasChatTemplate() {
    return chatTemplate;
  }

  Optional<String> seedColumn() {
    return Optional.ofNullable(seedColumn);
  }

  Optional<String> errorColumn() {
    return Optional.ofNullable(errorColumn);
  }
}
