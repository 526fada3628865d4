package org.resa4j.eval.drift;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.resa4j.attention.ResaConfig;
import org.resa4j.cli.UsageException;
import org.resa4j.error.InputException;
import org.resa4j.report.ChartStyle;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Teacher-forced loss and agreement, and what tokens are lost to. */
@Command(
    name = "forced",
    description = {
      "Teacher-forced loss and agreement with dense decoding on the last tokens of texts, when the"
          + " tokens before were decoded densely, sparsely or with ReSA.",
      "Where whole answers were (--before all), also what each lost token was lost to: the"
          + " selection or drift of the cache."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
public final class EvalForcedCommand implements Callable<Integer> {
  @Mixin private TextOptions texts;
  @Mixin private SettingOptions settings;

  @Option(
      names = "--last",
      paramLabel = "TOKENS",
      defaultValue = "64",
      converter = CountOrAll.class,
      description = "Tokens scored, the last ones of each text, or all (${DEFAULT-VALUE}).")
  private int last;

  @Option(
      names = "--before",
      paramLabel = "TOKENS",
      split = ",",
      defaultValue = "0,32,64,128,256,512,1024,all",
      converter = CountOrAll.class,
      description =
          "Tokens decoded sparsely before the scored ones, ascending (${DEFAULT-VALUE}). Texts with"
              + " fewer are left out there.")
  private List<Integer> before;

  @Option(
      names = "--sparse-queries-only",
      description = "Leave out dense queries on drifted caches, half of the work.")
  private boolean sparseQueriesOnly;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      required = true,
      description = "Gets forced.jsonl, forced.md and charts.")
  private Path folder;

  /** Reads a number of tokens, or {@code all}. */
  static final class CountOrAll implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      if (text.equals("all")) {
        return ForcedCell.ALL;
      }
      if (!text.matches("\\d{1,9}")) {
        throw new TypeConversionException(
            "'%s' is neither a number of tokens nor all".formatted(text));
      }
      return Integer.parseInt(text);
    }
  }

  @Option(
      names = "--redraw",
      description = "Measure nothing: tables and charts of the forced.jsonl that is there.")
  private boolean redraw;

  @Override
  public Integer call() {
    Path file = folder.resolve("forced.jsonl");
    if (!redraw) {
      measure(file);
    }
    write(new ForcedReport(Rows.read(file, ForcedRow.class)));
    return 0;
  }

  private void measure(Path file) {
    if (last == 0) {
      throw new UsageException("--last must be at least 1");
    }
    ResaConfig base = settings.base(texts.model());
    if (base.rectifyKeep() < 1) {
      throw new InputException(
          "the losses of these runs are told apart for dense rectifications: --rectify-keep 1");
    }
    ForcedPlan plan =
        new ForcedPlan(
            base,
            settings.keepRatios(base),
            settings.rectifyEvery(base),
            before,
            !sparseQueriesOnly);
    try (Rows<ForcedRow> rows = new Rows<>(file)) {
      texts.run(
          base.blockSize(),
          (engine, model) -> {
            ForcedBenchmark benchmark = new ForcedBenchmark(engine, model.config(), plan, rows);
            rows.begin();
            return batch -> benchmark.run(batch.stream().map(this::scored).toList());
          });
    }
  }

  private ForcedText scored(ForcedText text) {
    return last == ForcedCell.ALL ? text : text.last(last);
  }

  private void write(ForcedReport report) {
    System.out.print(report.markdown());
    try {
      Files.writeString(folder.resolve("forced.md"), report.markdown());
      ChartStyle.draw("resa eval forced --redraw --output " + folder, () -> report.charts(folder))
          .forEach(file -> System.err.println("wrote " + file));
    } catch (IOException e) {
      throw new InputException(folder + ": cannot be written: " + e.getMessage(), e);
    }
  }
}
