package org.resa4j.cli;

import picocli.CommandLine.IVersionProvider;

/** What runs here. */
final class Versions implements IVersionProvider {

  /** The version that the jar was built as. */
  static String program() {
    String version = Versions.class.getPackage().getImplementationVersion();
    return "resa " + (version == null ? "(unpackaged)" : version);
  }

  /** Program, Java and system in one line, for a report. */
  static String all() {
    return "%s, Java %s (%s), %s %s %s"
        .formatted(
            program(),
            Runtime.version(),
            System.getProperty("java.vendor"),
            System.getProperty("os.name"),
            System.getProperty("os.version"),
            System.getProperty("os.arch"));
  }

  @Override
  public String[] getVersion() {
    return new String[] {program()};
  }
}
