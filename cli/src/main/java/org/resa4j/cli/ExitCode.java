package org.resa4j.cli;

/** What {@code resa} exits with. */
public final class ExitCode {
  public static final int INTERNAL = 1;
  public static final int USAGE = 2;
  public static final int INPUT = 3;
  public static final int DEVICE = 4;

  private ExitCode() {}
}
