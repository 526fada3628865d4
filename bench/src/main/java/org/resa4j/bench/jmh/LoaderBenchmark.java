package org.resa4j.bench.jmh;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.EngineProvider;
import org.resa4j.engine.jvm.JvmEngineProvider;
import org.resa4j.format.HuggingFace;
import org.resa4j.format.Safetensors;
import org.resa4j.model.Model;
import org.resa4j.tokenizer.Tokenizer;

/** What happens before the first token, with the model that ships or {@code -p directory=...}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class LoaderBenchmark {
  @Param(Shipped.MODEL)
  public String directory;

  private final EngineProvider jvm = new JvmEngineProvider();
  private Path path;
  private Model model;

  @Setup
  public void load() {
    path = Shipped.resolve(directory);
    model = HuggingFace.load(path);
  }

  /**
   * Maps a file and checks its header; of a sharded model, this needs {@code model.safetensors}.
   */
  @Benchmark
  public Safetensors safetensors() {
    return Safetensors.open(path.resolve("model.safetensors"));
  }

  /** Configuration and all tensors, checked. */
  @Benchmark
  public Model model() {
    return HuggingFace.load(path);
  }

  @Benchmark
  public Tokenizer tokenizer() {
    return Tokenizer.load(path);
  }

  /** The JVM engine with a context of 4096: allocates caches, copies no weights. */
  @Benchmark
  public void jvmEngine() {
    try (Engine engine = jvm.open(model, EngineOptions.of(4096))) {
      engine.info();
    }
  }
}
