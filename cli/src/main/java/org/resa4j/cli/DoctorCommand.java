package org.resa4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.resa4j.engine.Diagnosis;
import org.resa4j.engine.EngineProvider;
import org.resa4j.engine.Engines;
import picocli.CommandLine.Command;

/** Checks what the program needs and names the remedy for each fault. */
@Command(
    name = "doctor",
    description = "Check JDK, flags, drivers and devices; run a kernel and compare its result.",
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    Terminal terminal = new Terminal();
    List<Diagnosis> findings = new ArrayList<>();
    findings.add(jdk());
    List<EngineProvider> engines = Engines.all();
    for (EngineProvider engine : engines) {
      findings.addAll(engine.diagnose());
    }
    for (Diagnosis finding : findings) {
      terminal.line(
          (finding.ok() ? "ok     " : "FAULT  ") + finding.subject() + ": " + finding.detail());
      if (!finding.ok()) {
        terminal.line("       remedy: " + finding.remedy() + launcher(finding.remedy()));
      }
    }
    if (engines.size() == 1) {
      terminal.line("note   " + Report.noTornado());
    }
    return findings.stream().allMatch(Diagnosis::ok) ? 0 : ExitCode.DEVICE;
  }

  /** What the launcher adds to a remedy of the library, which knows no launcher. */
  static String launcher(String remedy) {
    return remedy.contains("start the JVM with") || remedy.contains("to the JVM's flags")
        ? "; ./resa does that"
        : "";
  }

  private static Diagnosis jdk() {
    Runtime.Version version = Runtime.version();
    return version.feature() == 25
        ? Diagnosis.good("JDK", version.toString())
        : Diagnosis.fault(
            "JDK",
            version + ", built for 25",
            "install JDK 25 and start with ./resa, which finds it");
  }
}
