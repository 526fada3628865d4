package org.resa4j.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import org.resa4j.cli.CommandLines;
import org.resa4j.error.InputException;
import org.resa4j.eval.task.Digests;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Does parts of an evaluation that another process leads. Thread-safe: one part after the other.
 */
public final class EvalWorker implements AutoCloseable {
  private final EvalEngine engine;
  private final List<Setting> settings;
  private final boolean timed;

  private EvalWorker(EvalEngine engine, List<Setting> settings, boolean timed) {
    this.engine = engine;
    this.settings = settings;
    this.timed = timed;
  }

  /**
   * Opens the model on this process's device.
   *
   * @param files the task files, as they are here
   * @param threads of the JVM engine, unless the arguments say how many
   * @param device finds this process's, unless the arguments name one or an engine
   * @throws InputException if the model or the tasks cannot be used here
   * @throws org.resa4j.error.DeviceException if the device cannot
   */
  public static EvalWorker open(
      EvalWork work, List<Path> files, OptionalInt threads, Optional<Supplier<String>> device) {
    EvalCommand command = new EvalCommand();
    CommandLine line = CommandLines.of(command);
    try {
      line.parseArgs(work.arguments().toArray(String[]::new));
    } catch (ParameterException e) {
      throw new InputException(
          "the arguments of an evaluation are none here: " + e.getMessage(), e);
    }
    EvalFlags flags = command.flags();
    flags.model().set(Path.of(work.model()), threads, device);
    List<Setting> all = flags.settings();
    return new EvalWorker(
        EvalEngine.open(
            flags, command.tasks(files), Digests.ofModel(flags.model().path()), work.blockSize()),
        all.stream().filter(setting -> setting.config().blockSize() == work.blockSize()).toList(),
        all.stream().anyMatch(Setting::isExact));
  }

  /** Does a part; returns when all of it is done. */
  public synchronized EvalAnswer answer(EvalPart part) {
    List<String> lines = new ArrayList<>();
    engine.write(
        Set.copyOf(part.tasks()),
        settings,
        part.there().stream().map(EvalWorker::outcome).toList(),
        timed,
        new Evaluation.Listener() {
          @Override
          public void onOutcome(Outcome outcome) {
            lines.add(line(outcome.toJson()));
          }

          @Override
          public void onTiming(Timing timing) {
            lines.add(line(timing.toJson()));
          }
        });
    return new EvalAnswer(engine.facts(), lines);
  }

  static String line(Map<String, Object> json) {
    return JsonMapper.shared().writeValueAsString(json);
  }

  private static Outcome outcome(String line) {
    JsonNode json = JsonMapper.shared().readTree(line);
    return Outcome.read(json);
  }

  /** Waits for the part that is being done. */
  @Override
  public synchronized void close() {
    engine.close();
  }
}
