package org.resa4j.bench.serve;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.IntFunction;
import org.resa4j.attention.ResaConfig;
import org.resa4j.bench.generate.ModelOptions;
import org.resa4j.bench.generate.TextContext;
import org.resa4j.bench.options.ReportOptions;
import org.resa4j.bench.options.TokenCount;
import org.resa4j.bench.report.Report;
import org.resa4j.cli.AttentionFlags;
import org.resa4j.cli.DeviceOptions;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.Engines.Choice;
import org.resa4j.engine.KvType;
import org.resa4j.error.DeviceMemoryException;
import org.resa4j.error.InputException;
import org.resa4j.model.Model;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Serves requests that come at random, together and one by one. */
@Command(
    name = "serve",
    description = {
      "Requests of random length that come at random times: served together as they come, against"
          + " one after the other on the same engine. Then the gaps between tokens of texts that"
          + " are being written while a long prompt is prefilled.",
      "Every text is held against its text alone in the same run. Prompts are parts of the model's"
          + " example text, random tokens where it has none; texts are greedy and go on past their"
          + " end."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:a result is wrong", "2:wrong usage"})
public final class ServeCommand implements Callable<Integer> {
  @Mixin private ModelOptions models;

  @Option(
      names = "--requests",
      paramLabel = "N",
      defaultValue = "16",
      description = "Requests (${DEFAULT-VALUE}).")
  private int requests;

  @Option(
      names = "--over",
      paramLabel = "SECONDS",
      defaultValue = "4",
      description =
          "Time in which they come, less than they take one by one; 0 for all at once"
              + " (${DEFAULT-VALUE}).")
  private double over;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      defaultValue = "8",
      description = "Texts written at once, at the most (${DEFAULT-VALUE}).")
  private int sequences;

  @Option(
      names = "--prompt",
      paramLabel = "TOKENS",
      defaultValue = "2K",
      converter = TokenCount.class,
      description = "The longest prompt; the shortest has a 16th of it (${DEFAULT-VALUE}).")
  private int longestPrompt;

  @Option(
      names = "--text",
      paramLabel = "TOKENS",
      defaultValue = "1K",
      converter = TokenCount.class,
      description = "The longest text; the shortest has an 8th of it (${DEFAULT-VALUE}).")
  private int longestText;

  @Option(
      names = "--beside",
      paramLabel = "TOKENS",
      defaultValue = "4K",
      converter = TokenCount.class,
      description =
          "The prompt that is prefilled beside one text less than --sequences (${DEFAULT-VALUE}).")
  private int besidePrompt;

  @Option(
      names = "-r",
      paramLabel = "N",
      defaultValue = "1",
      description = "How often all is done (${DEFAULT-VALUE}).")
  private int repeat;

  @Option(
      names = "-ub",
      paramLabel = "TOKENS",
      defaultValue = "128",
      description = "Tokens encoded at once (${DEFAULT-VALUE}).")
  private int encodeTokens;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of times, lengths and prompts (${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--kv-type",
      paramLabel = "TYPE",
      description = "KV cache: f32, f16 or q8 (default: what suits the device).")
  private KvType kvType;

  @Mixin private AttentionFlags attention;
  @Mixin private DeviceOptions devices;
  @Mixin private ReportOptions output;

  @Override
  public Integer call() {
    models.check();
    if (requests < 1 || sequences < 1 || !(over >= 0 && over < 1e6)) {
      throw new InputException(
          "--requests and --sequences are at least 1, --over is no negative number of seconds");
    }
    return output.report(this::run);
  }

  private int run(Report report) {
    ResaConfig config = attention.ofOneKind(models.attention());
    try (Arena arena = Arena.ofShared()) {
      Model model = models.load(arena);
      ServePlan plan = plan(model, config);
      boolean right = true;
      for (Choice on : devices.chosen()) {
        right &= run(on, model, plan, report);
      }
      return right ? 0 : 1;
    }
  }

  private ServePlan plan(Model model, ResaConfig config) {
    IntFunction<int[]> prompts = prompts(model);
    List<Arrival> arrivals =
        Arrival.random(requests, (long) (over * 1e9), longestPrompt, longestText, prompts, seed);
    List<int[]> readers = new ArrayList<>();
    for (int i = 1; i < sequences; i++) {
      readers.add(prompts.apply(Math.ceilDiv(longestPrompt, 8)));
    }
    return new ServePlan(arrivals, readers, prompts.apply(besidePrompt), repeat, config);
  }

  /** Of a text, each from another place on, so that few begin alike. */
  private IntFunction<int[]> prompts(Model model) {
    Random random = new Random(seed);
    if (models.isSynthetic() || !TextContext.isIn(models.directory())) {
      int vocabulary = model.config().vocabulary();
      return length -> random.ints(length, 0, vocabulary).toArray();
    }
    TextContext text = TextContext.of(models.directory());
    return length -> text.tokens(random.nextInt(text.length()), length);
  }

  private boolean run(Choice on, Model model, ServePlan plan, Report report) {
    EngineOptions options =
        EngineOptions.of(plan.contextLength())
            .withDevice(on.device().id())
            .withSequences(sequences)
            .withBlockSize(plan.config().blockSize())
            .withEncodeTokens(Math.min(encodeTokens, plan.contextLength()));
    if (kvType != null) {
      options = options.withKvType(kvType);
    }
    System.err.printf(
        "bench: %s, %s, %d requests, %d at once%n",
        on.device().id(), model.name(), requests, sequences);
    try {
      return new ServeBenchmark(model, plan, report).run(on, options);
    } catch (DeviceMemoryException e) {
      System.err.printf("bench: %s: left out: %s%n", on.device().id(), e.getMessage());
      return true;
    }
  }
}
