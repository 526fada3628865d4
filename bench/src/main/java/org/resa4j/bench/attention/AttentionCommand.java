package org.resa4j.bench.attention;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.resa4j.attention.ResaConfig;
import org.resa4j.bench.attention.AttentionBenchmark.Effort;
import org.resa4j.bench.options.CopyRate;
import org.resa4j.bench.options.HostSpace;
import org.resa4j.bench.options.NamedShape;
import org.resa4j.bench.options.Progress;
import org.resa4j.bench.options.ReportOptions;
import org.resa4j.bench.options.ResaOptions;
import org.resa4j.bench.options.TokenCount;
import org.resa4j.bench.report.Report;
import org.resa4j.cli.DeviceOptions;
import org.resa4j.cli.ExitCode;
import org.resa4j.cli.UsageException;
import org.resa4j.engine.Device;
import org.resa4j.engine.Engines.Choice;
import org.resa4j.engine.KvType;
import org.resa4j.error.DeviceException;
import org.resa4j.error.DeviceMemoryException;
import org.resa4j.error.InputException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Times one layer's attention, dense and ReSA side by side, over shapes, batches and contexts. */
@Command(
    name = "attention",
    description = {
      "One layer's attention: dense against ReSA, per stage, checked in the same run.",
      "Runs shapes qwen2.5-7b, qwen2.5-1.5b, llama-3-8b and clerk (the model that ships),"
          + " contexts 4K to 256K and, at batch 1, 1M; batches 1 and 8. What does not fit is left"
          + " out, with a word on standard error."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:a result is wrong", "2:wrong usage", "4:a device failed"})
public final class AttentionCommand implements Callable<Integer> {
  private static final List<Integer> CONTEXTS =
      List.of(4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20);
  private static final List<Integer> BATCHES = List.of(1, 8);

  /** Longer contexts run at batch 1 alone, unless asked for. */
  private static final int LONGEST_OF_BATCH = 256 << 10;

  private static final int REPETITIONS = 30;

  private static final List<String> QUICK_SHAPES = List.of("clerk", "qwen2.5-1.5b");
  private static final List<Integer> QUICK_CONTEXTS = List.of(4 << 10, 16 << 10);
  private static final List<Integer> QUICK_BATCHES = List.of(1, 2);
  private static final int QUICK_REPETITIONS = 10;

  @Mixin private DeviceOptions devices;

  @Option(
      names = "--shape",
      paramLabel = "SHAPE",
      split = ",",
      converter = NamedShape.Converter.class,
      description = "qwen2.5-7b, qwen2.5-1.5b, llama-3-8b, clerk, or Hq/Hkv/d.")
  private List<NamedShape> shapes;

  @Option(
      names = "--context",
      paramLabel = "TOKENS",
      split = ",",
      converter = TokenCount.class,
      description = "Tokens cached, such as 4096, 64K, 1M.")
  private List<Integer> contexts;

  @Option(names = "--batch", paramLabel = "N", split = ",", description = "Sequences.")
  private List<Integer> batches;

  @Option(
      names = "--kv-type",
      paramLabel = "TYPE",
      description = "KV cache: f32, f16 or q8 (default: what suits the device).")
  private KvType kvType;

  @Option(
      names = "--pages",
      paramLabel = "HOW",
      split = ",",
      defaultValue = "CONTIGUOUS",
      description =
          "How the sequences' pages lie: contiguous, or scattered, descending and interleaved; both"
              + " are measured in turn (contiguous).")
  private List<Pages> pages;

  @Mixin private ResaOptions settings;

  @Option(
      names = {"-r", "--repetitions"},
      paramLabel = "N",
      description = "Calls timed, fewer where they take over 10 s together (30).")
  private Integer repetitions;

  @Option(
      names = "--warm-up",
      paramLabel = "SECONDS",
      defaultValue = "3",
      description =
          "Warm-up of each kind of call in a device's first case, a tenth of it in later ones"
              + " (${DEFAULT-VALUE}).")
  private double warmUp;

  @Option(
      names = "--quick",
      description =
          "Shapes clerk and qwen2.5-1.5b, contexts 4K and 16K, batches 1 and 2, 10 repetitions;"
              + " what is given as well counts.")
  private boolean quick;

  @Mixin private ReportOptions output;

  @Override
  public Integer call() {
    if (repetitions != null && repetitions < 1) {
      throw new UsageException("-r must be at least 1, was " + repetitions);
    }
    ResaConfig config = settings.config();
    return output.report(report -> run(config, report));
  }

  /** One case of each device. */
  private record Case(NamedShape shape, int batch, int context) {
    String what(Device device) {
      return "%s, %s, %d sequences of %d tokens"
          .formatted(device.id(), shape.name(), batch, context);
    }
  }

  private int run(ResaConfig config, Report report) {
    List<Case> cases = cases();
    List<Choice> all = devices.chosen();
    double work = cases.stream().mapToDouble(each -> work(each, config)).sum();
    Progress progress = new Progress(all.size() * cases.size(), all.size() * work);
    int worst = 0;
    for (Choice on : all) {
      note(on.device().id() + ": " + on.device().name() + ", measuring its copy bandwidth");
      AttentionBenchmark benchmark =
          new AttentionBenchmark(
              on,
              Optional.ofNullable(kvType),
              config,
              pages,
              new Effort(
                  seconds(warmUp),
                  seconds(warmUp / 10),
                  repetitions != null ? repetitions : quick ? QUICK_REPETITIONS : REPETITIONS),
              CopyRate.measure(on));
      for (Case each : cases) {
        progress.next(each.what(on.device()), work(each, config));
        worst = Math.max(worst, runCase(benchmark, on.device(), each, config, report));
      }
    }
    return worst;
  }

  private List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    boolean asked = contexts != null && batches != null;
    for (NamedShape shape : shapes()) {
      for (int batch : given(batches, QUICK_BATCHES, BATCHES)) {
        for (int context : given(contexts, QUICK_CONTEXTS, CONTEXTS)) {
          if (asked || batch == 1 || context <= LONGEST_OF_BATCH) {
            cases.add(new Case(shape, batch, context));
          }
        }
      }
    }
    return cases;
  }

  private long bytes(Case each, ResaConfig config) {
    return new AttentionBytes(
                each.shape.shape(),
                each.batch,
                each.context,
                config,
                kvType == null ? KvType.F32 : kvType)
            .cache()
        * pages.size();
  }

  /** For the time that is left: warming up is as much as a cache of 1 GiB. */
  private double work(Case each, ResaConfig config) {
    return 1 + bytes(each, config) / (double) (1L << 30);
  }

  /** Returns the exit code; what does not fit, or fails, leaves the other cases. */
  private int runCase(
      AttentionBenchmark benchmark, Device device, Case each, ResaConfig config, Report report) {
    if (each.context < config.rectifyEvery()) {
      leftOut(device, each, "fewer tokens than are rectified");
      return 0;
    }
    long bytes = bytes(each, config);
    long available = HostSpace.available();
    // Engines refuse what a device cannot hold; a CPU device shares its memory with others.
    if (device.kind() == Device.Kind.CPU && bytes > available / 10 * 9) {
      leftOut(
          device, each, "takes %s, %s are free".formatted(gibibytes(bytes), gibibytes(available)));
      return 0;
    }
    try {
      return benchmark.run(each.shape, each.batch, each.context, report) ? 0 : ExitCode.INTERNAL;
    } catch (DeviceMemoryException e) {
      leftOut(device, each, e.getMessage());
      return 0;
    } catch (DeviceException e) {
      leftOut(device, each, "FAILED: " + e.getMessage());
      return ExitCode.DEVICE;
    } catch (InputException e) {
      leftOut(device, each, e.getMessage());
      return ExitCode.INPUT;
    } catch (OutOfMemoryError e) {
      leftOut(device, each, "the JVM's memory does not suffice: " + e.getMessage());
      return ExitCode.INPUT;
    }
  }

  private static void leftOut(Device device, Case each, String why) {
    note(each.what(device) + ": left out: " + why);
  }

  private List<NamedShape> shapes() {
    if (shapes != null) {
      return shapes;
    }
    return (quick ? QUICK_SHAPES : NamedShape.NAMES).stream().map(NamedShape::of).toList();
  }

  private List<Integer> given(List<Integer> asked, List<Integer> ofQuick, List<Integer> all) {
    return new ArrayList<>(asked != null ? asked : quick ? ofQuick : all);
  }

  private static Duration seconds(double seconds) {
    return Duration.ofNanos((long) (seconds * 1e9));
  }

  private static String gibibytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30));
  }

  private static void note(String text) {
    System.err.println("bench: " + text);
  }
}
