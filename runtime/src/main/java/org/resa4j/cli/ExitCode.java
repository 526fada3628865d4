package org.resa4j.cli;

/** What {@code resa} exits with. */
final class ExitCode {
  static final int INTERNAL = 1;
  static final int USAGE = 2;
  static final int INPUT = 3;
  static final int DEVICE = 4;

  private ExitCode() {}
}
