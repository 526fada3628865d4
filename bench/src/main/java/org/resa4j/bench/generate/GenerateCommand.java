package org.resa4j.bench.generate;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.resa4j.ModelDefaults;
import org.resa4j.attention.ResaConfig;
import org.resa4j.bench.options.HostSpace;
import org.resa4j.bench.options.ReportOptions;
import org.resa4j.bench.options.TokenCount;
import org.resa4j.bench.report.Report;
import org.resa4j.cli.AttentionFlags;
import org.resa4j.cli.DeviceOptions;
import org.resa4j.cli.ModelFlags;
import org.resa4j.engine.DeviceProbe;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.Engines.Choice;
import org.resa4j.engine.KvType;
import org.resa4j.error.DeviceMemoryException;
import org.resa4j.error.InputException;
import org.resa4j.format.HuggingFace;
import org.resa4j.model.DType;
import org.resa4j.model.Model;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Tokens per second of a whole model, in the manner of llama-bench. */
@Command(
    name = "generate",
    description = {
      "Prefill (pp) and decoding (tg) of a whole model, dense and ReSA in turn, with the context"
          + " already in the cache.",
      "Logits of the model's first two layers are checked against double precision in the same run."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
public final class GenerateCommand implements Callable<Integer> {
  @Option(
      names = {"-m", "--model"},
      paramLabel = "DIR",
      description = "Hugging Face model directory (default: the model that ships).")
  private Path directory;

  @Option(
      names = "--synthetic",
      paramLabel = "SHAPE",
      description = "Random weights in the shape of ${COMPLETION-CANDIDATES}; the report says so.",
      completionCandidates = Shapes.class,
      converter = Shapes.class)
  private SyntheticModel.Shape synthetic;

  @Option(
      names = "--weights",
      paramLabel = "TYPE",
      defaultValue = "F16",
      description = "Format of random weights: f32, f16 or bf16 (f16).")
  private DType weights;

  @Option(
      names = "--shared-cache",
      description = "Random weights with one KV cache for all layers, as the papers measured.")
  private boolean sharedCache;

  @Option(
      names = "-p",
      paramLabel = "TOKENS",
      split = ",",
      defaultValue = "512",
      description = "Tokens of a prefill; 0 for none (${DEFAULT-VALUE}).")
  private List<Integer> prompts;

  @Option(
      names = "-n",
      paramLabel = "TOKENS",
      defaultValue = "128",
      description = "Tokens decoded; 0 for none (${DEFAULT-VALUE}).")
  private int generated;

  @Option(
      names = "-d",
      paramLabel = "TOKENS",
      split = ",",
      defaultValue = "4K,32K",
      converter = Depth.class,
      description = "Tokens in the cache before, such as 32K (${DEFAULT-VALUE}).")
  private List<Integer> depths;

  @Option(
      names = "-b",
      paramLabel = "N",
      split = ",",
      defaultValue = "1",
      description = "Sequences at once (${DEFAULT-VALUE}).")
  private List<Integer> batches;

  @Option(
      names = "-r",
      paramLabel = "N",
      defaultValue = "5",
      description = "Runs of each (${DEFAULT-VALUE}).")
  private int repeat;

  @Option(
      names = "-ub",
      paramLabel = "TOKENS",
      defaultValue = "128",
      description = "Tokens encoded at once (${DEFAULT-VALUE}).")
  private int encodeTokens;

  @Option(
      names = "--resa",
      description = "ReSA alone, as --dense is dense alone; without either, both.")
  private boolean resaAlone;

  @Option(
      names = "--no-stages",
      description = "Leave out the times by stage, for which a device's engine is opened again.")
  private boolean noStages;

  @Option(
      names = "--kv-type",
      paramLabel = "TYPE",
      description = "KV cache: f32 or f16 (default: what suits the device).")
  private KvType kvType;

  @Mixin private AttentionFlags attention;
  @Mixin private DeviceOptions devices;
  @Mixin private ReportOptions output;

  @Option(
      names = "--llama-cpp",
      description =
          "Also llama.cpp on the CPU, dense, with the same weights; all contexts are then the same"
              + " text, prefilled. For the model that ships.")
  private boolean llamaCpp;

  /** Names of shapes, as they are written. */
  static final class Shapes implements Iterable<String>, ITypeConverter<SyntheticModel.Shape> {
    @Override
    public Iterator<String> iterator() {
      return Stream.of(SyntheticModel.Shape.values()).map(Object::toString).iterator();
    }

    @Override
    public SyntheticModel.Shape convert(String text) {
      return Stream.of(SyntheticModel.Shape.values())
          .filter(shape -> shape.toString().equals(text))
          .findFirst()
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "there is no shape '%s', only %s"
                          .formatted(text, List.of(SyntheticModel.Shape.values()))));
    }
  }

  /** Reads a depth: 0, or as {@link TokenCount} does. */
  static final class Depth implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return text.equals("0") ? 0 : new TokenCount().convert(text);
    }
  }

  @Override
  public Integer call() {
    if (sharedCache && synthetic == null) {
      throw new InputException(
          "--shared-cache needs --synthetic: no model that can be loaded has it");
    }
    if (llamaCpp
        && (synthetic != null
            || !batches.equals(List.of(1))
            || generated < 2
            || depths.contains(0))) {
      throw new InputException(
          "--llama-cpp decodes one sequence of a model directory: -b 1, -n and -d above 1");
    }
    return output.report(this::run);
  }

  private int run(Report report) {
    try (Arena arena = Arena.ofShared()) {
      Path source = directory != null ? directory : ModelFlags.shipped();
      ResaConfig config =
          attention.config(
              synthetic == null ? ModelDefaults.read(source).attention() : ResaConfig.DEFAULT);
      Plan plan =
          new Plan(
              prompts.stream().filter(count -> count > 0).toList(),
              generated,
              depths,
              repeat,
              config.isDense() || !resaAlone,
              config.isDense() ? Optional.empty() : Optional.of(config),
              config.blockSize());
      Model model = synthetic == null ? HuggingFace.load(source) : synthetic(arena);
      warn(model, plan);
      boolean right = true;
      List<Choice> all = devices.chosen();
      if (llamaCpp && all.size() > 1) {
        throw new InputException("--llama-cpp takes turns with one device; not with --all-devices");
      }
      Optional<TextContext> text =
          llamaCpp ? Optional.of(TextContext.of(source)) : Optional.empty();
      Optional<LlamaPeer> peer = text.map(words -> new LlamaPeer(model, source, words, plan));
      try {
        for (Choice on : all) {
          double copyBandwidth = DeviceProbe.of(on.provider()).copyBandwidth(on.device());
          for (int batch : batches) {
            right &= run(on, model, text, peer, plan, batch, copyBandwidth, report);
          }
        }
      } finally {
        peer.ifPresent(LlamaPeer::close);
      }
      return right ? 0 : 1;
    }
  }

  private Model synthetic(Arena arena) {
    long bytes = synthetic.parameters() * weights.bytes();
    if (bytes > HostSpace.available() / 10 * 9) {
      throw new DeviceMemoryException(
          "%s in %s takes %.1f GiB, %.1f are free"
              .formatted(synthetic, weights, gibi(bytes), gibi(HostSpace.available())),
          bytes,
          HostSpace.available(),
          List.of());
    }
    return SyntheticModel.make(arena, synthetic, weights, sharedCache).model();
  }

  private static double gibi(long bytes) {
    return bytes / (double) (1L << 30);
  }

  private static void warn(Model model, Plan plan) {
    if (plan.contextLength() > model.config().maxContext()) {
      System.err.printf(
          "bench: %d tokens are more than the %d that %s was trained for: this is timing, not"
              + " text%n",
          plan.contextLength(), model.config().maxContext(), model.name());
    }
  }

  private boolean run(
      Choice on,
      Model model,
      Optional<TextContext> text,
      Optional<LlamaPeer> peer,
      Plan plan,
      int batch,
      double copyBandwidth,
      Report report) {
    EngineOptions options =
        new EngineOptions(
            Optional.of(on.device().id()),
            Optional.ofNullable(kvType),
            batch,
            plan.contextLength(),
            plan.blockSize(),
            Math.min(encodeTokens, plan.contextLength()),
            0,
            false);
    Context context =
        text.isPresent() ? text.get() : new RandomContext(model.config(), options.encodeTokens());
    System.err.printf("bench: %s, %s, %d sequences%n", on.device().id(), model.name(), batch);
    try {
      return new GenerateBenchmark(model, plan, context, peer, !noStages, report)
          .run(on, options, copyBandwidth);
    } catch (DeviceMemoryException e) {
      System.err.printf(
          "bench: %s, %d sequences after %d tokens: left out: %s%n",
          on.device().id(), batch, plan.depths().getLast(), e.getMessage());
      return plan.depths().size() == 1
          || run(on, model, text, peer, plan.shallower(), batch, copyBandwidth, report);
    }
  }
}
