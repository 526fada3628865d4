package org.resa4j.tornado;

import java.util.List;
import org.resa4j.engine.Diagnosis;
import org.resa4j.error.DeviceException;
import org.resa4j.tornado.graph.RunAhead;
import org.resa4j.tornado.graph.SharedIds;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;

/** The JVM flags that the engine depends on, and the SDK's version. */
final class Requirements {
  /** What the kernels were written against and tested with. */
  static final String VERSION = "5.2.0-jdk25";

  private static final String BAILOUT = "tornado.recover.bailout";
  private static final String EVENTS = "tornado.max.events";
  private static final String BYTECODE = "tornado.tvm.maxbytecodesize";
  private static final int MIN_BYTECODE = 165536;
  private static final int MAX_EVENTS = 1024;
  private static final String REMEDY = "add -D%s=%s to the JVM's flags";

  private Requirements() {}

  /**
   * Refuses to run where TornadoVM would compute on after a failure, sequentially and with wrong
   * results.
   *
   * @throws DeviceException naming the flag
   */
  static void check() {
    TornadoVm.fault()
        .ifPresent(
            fault -> {
              throw new DeviceException("TornadoVM cannot be used: " + fault);
            });
    if (!bailoutOff()) {
      throw new DeviceException(
          "TornadoVM's fallback to sequential Java is on, and computes wrong results: "
              + REMEDY.formatted(BAILOUT, "False"));
    }
  }

  static List<Diagnosis> diagnose() {
    return List.of(version(), bailout(), events(), bytecode(), sharedIds(), runAhead());
  }

  private static Diagnosis version() {
    String version = TornadoExecutionPlan.class.getPackage().getImplementationVersion();
    if (version == null) {
      // A named module's packages carry no manifest entries; its descriptor has the version.
      version =
          TornadoExecutionPlan.class
              .getModule()
              .getDescriptor()
              .rawVersion()
              .orElse("of unknown version");
    }
    String subject = "TornadoVM SDK";
    return version.equals(VERSION)
        ? Diagnosis.good(subject, version)
        : Diagnosis.fault(
            subject, version + "; the kernels are tested with " + VERSION, "install " + VERSION);
  }

  private static boolean bailoutOff() {
    return "false".equalsIgnoreCase(System.getProperty(BAILOUT));
  }

  private static Diagnosis bailout() {
    return bailoutOff()
        ? Diagnosis.good("-D" + BAILOUT, "False: no silent fallback")
        : Diagnosis.fault(
            "-D" + BAILOUT,
            "not False: after a failure TornadoVM computes on in sequential Java, wrongly",
            REMEDY.formatted(BAILOUT, "False"));
  }

  private static Diagnosis events() {
    int events = Integer.getInteger(EVENTS, 32768);
    return events <= MAX_EVENTS
        ? Diagnosis.good("-D" + EVENTS, Integer.toString(events))
        : Diagnosis.fault(
            "-D" + EVENTS,
            events + ": each run of a graph clears arrays of this length for each task",
            REMEDY.formatted(EVENTS, "64"));
  }

  private static Diagnosis sharedIds() {
    String subject = "layers in a graph";
    return SharedIds.POSSIBLE
        ? Diagnosis.good(subject, "as many as fit")
        : Diagnosis.fault(
            subject,
            "one, each with a launch and a wait: TornadoVM's insides are closed",
            "add to the JVM's flags " + SharedIds.FLAGS);
  }

  private static Diagnosis runAhead() {
    String subject = "the host";
    return RunAhead.possible()
        ? Diagnosis.good(subject, "is ahead of the device")
        : Diagnosis.fault(
            subject,
            "waits for each graph, on OpenCL for each task: TornadoVM's insides are closed",
            "add to the JVM's flags " + RunAhead.FLAGS);
  }

  private static Diagnosis bytecode() {
    int size = Integer.getInteger(BYTECODE, 4096);
    return size >= MIN_BYTECODE
        ? Diagnosis.good("-D" + BYTECODE, Integer.toString(size))
        : Diagnosis.fault(
            "-D" + BYTECODE,
            size + ": too small for a layer's graph",
            REMEDY.formatted(BYTECODE, Integer.toString(MIN_BYTECODE)));
  }
}
