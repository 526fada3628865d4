package org.resa4j.bench.generate;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.resa4j.attention.DraftLength;
import org.resa4j.attention.ResaConfig;
import org.resa4j.bench.options.CopyRate;
import org.resa4j.bench.options.Progress;
import org.resa4j.bench.options.ReportOptions;
import org.resa4j.bench.options.TokenCount;
import org.resa4j.bench.peer.LlamaComparison;
import org.resa4j.bench.report.Report;
import org.resa4j.cli.AttentionFlags;
import org.resa4j.cli.DeviceOptions;
import org.resa4j.cli.ExitCode;
import org.resa4j.cli.UsageException;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.Engines.Choice;
import org.resa4j.engine.KvType;
import org.resa4j.error.DeviceException;
import org.resa4j.error.DeviceMemoryException;
import org.resa4j.error.InputException;
import org.resa4j.model.Model;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Tokens per second of a whole model, in the manner of llama-bench. */
@Command(
    name = "generate",
    description = {
      "Prefill (pp) and decoding (tg) of a whole model, dense, ReSA and exact mode in turn, with"
          + " the context already in the cache.",
      "Of exact mode's drafts a given share is accepted, --acceptance: those after a context that"
          + " means nothing would say nothing about a text's.",
      "Logits of the model's first two layers are checked against double precision in the same run."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
public final class GenerateCommand implements Callable<Integer> {
  /** Of cached tokens that take as long to fill and read as a case takes without any. */
  private static final double SMALL_CASE_TOKENS = 8192;

  @Mixin private ModelOptions models;

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
      description = "ReSA alone, as --dense is dense alone; without either, exact mode as well.")
  private boolean resaAlone;

  @Option(
      names = "--acceptance",
      paramLabel = "SHARE",
      defaultValue = "0.97",
      description =
          "Of exact mode: probability that a draft is accepted where those before it were"
              + " (${DEFAULT-VALUE}). --exact --draft N has windows of N tokens, not of 16.")
  private double acceptance;

  @Option(
      names = "--no-stages",
      description = "Leave out the times by stage, for which a device's engine is opened again.")
  private boolean noStages;

  @Option(
      names = "--kv-type",
      paramLabel = "TYPE",
      description = "KV cache: f32, f16 or q8 (default: what suits the device).")
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

  @Option(
      names = "--gguf",
      paramLabel = "FILE",
      description =
          "Also write the model there as --llama-cpp runs it, for other builds of llama.cpp:"
              + " bench/peers/llama-node.mjs. For the model that ships.")
  private Path gguf;

  /** Reads a depth: 0, or as {@link TokenCount} does. */
  static final class Depth implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return text.equals("0") ? 0 : new TokenCount().convert(text);
    }
  }

  @Override
  public Integer call() {
    models.check();
    if (llamaCpp
        && (models.isSynthetic()
            || !batches.equals(List.of(1))
            || generated < 2
            || depths.contains(0))) {
      throw new InputException(
          "--llama-cpp decodes one sequence of a model directory: -b 1, -n and -d above 1");
    }
    if (gguf != null && models.isSynthetic()) {
      throw new InputException("--gguf writes a model directory's weights, not random ones");
    }
    return output.report(this::run);
  }

  private int run(Report report) {
    try (Arena arena = Arena.ofShared()) {
      ResaConfig base = models.attention();
      ResaConfig given = attention.ofOneKind(base);
      // ReSA is timed beside exact mode, at the interval of who has not asked for that.
      ResaConfig config =
          given.exact().isEmpty()
              ? given
              : given.withRectifyEvery(
                  base.exact().isEmpty() ? base.rectifyEvery() : ResaConfig.DEFAULT.rectifyEvery());
      Plan plan =
          new Plan(
              prompts.stream().filter(count -> count > 0).toList(),
              generated,
              depths,
              repeat,
              config.isDense() || !resaAlone,
              config.isDense() ? Optional.empty() : Optional.of(config),
              config.isDense() || resaAlone ? Optional.empty() : Optional.of(drafts(given)),
              config.blockSize());
      Model model = models.load(arena);
      if (gguf != null) {
        LlamaComparison.export(model, models.directory(), gguf);
      }
      warn(model, plan);
      int worst = 0;
      List<Choice> all = devices.chosen();
      if (llamaCpp && all.size() > 1) {
        throw new InputException("--llama-cpp takes turns with one device; not with --all-devices");
      }
      Optional<TextContext> text =
          llamaCpp ? Optional.of(TextContext.of(models.directory())) : Optional.empty();
      Optional<LlamaPeer> peer =
          text.map(words -> new LlamaPeer(model, models.directory(), words, plan));
      try {
        Progress progress =
            new Progress(
                all.size() * batches.size() * plan.depths().size(),
                all.size() * batches.stream().mapToDouble(batch -> work(plan, batch)).sum());
        for (Choice on : all) {
          OptionalDouble copyBandwidth = CopyRate.measure(on);
          Session session = new Session(on, model, text, peer, copyBandwidth, progress, report);
          for (int batch : batches) {
            worst = Math.max(worst, run(session, plan, batch));
          }
        }
      } finally {
        peer.ifPresent(LlamaPeer::close);
      }
      return worst;
    }
  }

  private GivenAcceptance drafts(ResaConfig config) {
    int window = config.exact().orElse(DraftLength.AUTO).tokens();
    if (window > encodeTokens) {
      throw new UsageException(
          "--draft %d is more than the %d tokens of -ub, encoded at once"
              .formatted(window, encodeTokens));
    }
    return UsageException.unlessMade(() -> new GivenAcceptance(window, acceptance));
  }

  private static void warn(Model model, Plan plan) {
    if (plan.contextLength() > model.config().maxContext()) {
      System.err.printf(
          "bench: %d tokens are more than the %d that %s was trained for: this is timing, not"
              + " text%n",
          plan.contextLength(), model.config().maxContext(), model.name());
    }
  }

  /** For the time that is left: filling and reading a cache, and what each case takes. */
  private static double work(Plan plan, int batch) {
    return plan.depths().stream().mapToDouble(depth -> work(depth, batch)).sum();
  }

  private static double work(int depth, int batch) {
    return SMALL_CASE_TOKENS + (double) batch * depth;
  }

  /** What all batches on one device share. */
  private record Session(
      Choice on,
      Model model,
      Optional<TextContext> text,
      Optional<LlamaPeer> peer,
      OptionalDouble copyBandwidth,
      Progress progress,
      Report report) {}

  /** Returns the exit code; what does not fit, or fails, leaves the other batches. */
  private int run(Session session, Plan plan, int batch) {
    Model model = session.model;
    EngineOptions options =
        EngineOptions.of(plan.contextLength())
            .withDevice(session.on.device().id())
            .withSequences(batch)
            .withBlockSize(plan.blockSize())
            .withEncodeTokens(Math.min(encodeTokens, plan.contextLength()));
    if (kvType != null) {
      options = options.withKvType(kvType);
    }
    Context context =
        session.text.isPresent()
            ? session.text.get()
            : new RandomContext(model.config(), options.encodeTokens());
    String what = "%s, %s, %d sequences".formatted(session.on.device().id(), model.name(), batch);
    System.err.printf("bench: %s: checking, and times by stage%n", what);
    try {
      boolean right =
          new GenerateBenchmark(model, plan, context, session.peer, !noStages, session.report)
              .run(
                  session.on,
                  options,
                  session.copyBandwidth,
                  depth ->
                      session.progress.next(
                          "%s after %d tokens".formatted(what, depth), work(depth, batch)));
      return right ? 0 : ExitCode.INTERNAL;
    } catch (DeviceMemoryException e) {
      int deepest = plan.depths().getLast();
      session.progress.next(
          "%s after %d tokens: left out: %s".formatted(what, deepest, e.getMessage()),
          work(deepest, batch));
      return plan.depths().size() == 1 ? 0 : run(session, plan.shallower(), batch);
    } catch (DeviceException e) {
      System.err.printf(
          "bench: %s: FAILED, the rest of it is left out: %s%n", what, e.getMessage());
      return ExitCode.DEVICE;
    } catch (OutOfMemoryError e) {
      System.err.printf(
          "bench: %s: left out: the JVM's memory does not suffice: %s%n", what, e.getMessage());
      return ExitCode.INPUT;
    }
  }
}
