package org.resa4j.eval.drift;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.resa4j.attention.ResaConfig;
import org.resa4j.error.InputException;
import org.resa4j.report.ChartStyle;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Drift of cached K and V, and recall of the selection. */
@Command(
    name = "drift",
    description = {
      "Drift of cached K and V against a densely built cache, by layer and distance, for sparse"
          + " decoding and just before and after rectifications, on given texts.",
      "And what the selection finds: recall of the blocks with the most attention mass."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
public final class EvalDriftCommand implements Callable<Integer> {
  @Mixin private TextOptions texts;
  @Mixin private SettingOptions settings;

  @Option(
      names = "--samples",
      paramLabel = "N",
      defaultValue = "8",
      description = "Times that each text's cache is looked at (${DEFAULT-VALUE}).")
  private int samples;

  @Option(
      names = "--recall-steps",
      paramLabel = "N",
      defaultValue = "16",
      description = "Steps of each text whose selection is looked into; 0 for none (16).")
  private int recallSteps;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      required = true,
      description = "Gets drift.jsonl, recall.jsonl, drift.md and charts.")
  private Path folder;

  @Option(
      names = "--redraw",
      description = "Measure nothing: tables and charts of the rows that are there.")
  private boolean redraw;

  @Override
  public Integer call() {
    Path drift = folder.resolve("drift.jsonl");
    Path recall = folder.resolve("recall.jsonl");
    if (!redraw) {
      measure(drift, recall);
    }
    report(Rows.read(drift, DriftRow.class), Rows.read(recall, RecallRow.class));
    return 0;
  }

  private void measure(Path driftFile, Path recallFile) {
    ResaConfig base = settings.base(texts.model());
    ForcedPlan plan =
        new ForcedPlan(
            base,
            settings.keepRatios(base),
            settings.rectifyEvery(base),
            List.of(ForcedCell.ALL),
            false);
    try (Rows<DriftRow> drift = new Rows<>(driftFile);
        Rows<RecallRow> recall = new Rows<>(recallFile)) {
      texts.run(
          base.blockSize(),
          (engine, model) -> {
            RecallProbe probe = new RecallProbe(model, recallSteps, recall);
            DriftBenchmark benchmark =
                new DriftBenchmark(engine, model.config(), plan, samples, drift, probe);
            drift.begin();
            recall.begin();
            return benchmark::run;
          });
    }
  }

  private void report(List<DriftRow> drift, List<RecallRow> recall) {
    if (drift.isEmpty()) {
      throw new InputException("no answer is as long as an interval between rectifications");
    }
    DriftReport drifts = new DriftReport(drift);
    Optional<RecallReport> recalls =
        recall.isEmpty() ? Optional.empty() : Optional.of(new RecallReport(recall));
    String markdown =
        drifts.markdown() + recalls.map(report -> "\n" + report.markdown()).orElse("");
    System.out.print(markdown);
    try {
      Files.writeString(folder.resolve("drift.md"), markdown);
      ChartStyle.draw(
              "resa eval drift --redraw --output " + folder,
              () -> {
                List<Path> files = new ArrayList<>(drifts.charts(folder));
                if (recalls.isPresent()) {
                  files.addAll(recalls.get().charts(folder));
                }
                return files;
              })
          .forEach(file -> System.err.println("wrote " + file));
    } catch (IOException e) {
      throw new InputException(folder + ": cannot be written: " + e.getMessage(), e);
    }
  }
}
