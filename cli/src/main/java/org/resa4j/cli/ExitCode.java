package org.resa4j.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.UsageMessageSpec;

/** What {@code resa} exits with. */
public final class ExitCode {
  public static final int INTERNAL = 1;
  public static final int USAGE = 2;
  public static final int INPUT = 3;
  public static final int DEVICE = 4;
  public static final int OUTPUT = 5;

  private ExitCode() {}

  /** Puts the list into the help of a command and of those below it. */
  static void addToHelp(CommandLine line) {
    Map<String, String> codes = new LinkedHashMap<>();
    codes.put("0", "done");
    codes.put("1", "a fault of the program; of eval and bench, a wrong result too");
    codes.put("2", "wrong usage");
    codes.put("3", "an input is at fault: model, prompt, setting");
    codes.put("4", "a device is at fault: driver, memory, kernel");
    codes.put("5", "standard output could not be written");
    codes.put("130", "interrupted");
    addToHelp(line, codes);
  }

  private static void addToHelp(CommandLine line, Map<String, String> codes) {
    UsageMessageSpec help = line.getCommandSpec().usageMessage();
    help.exitCodeListHeading("%nExit codes:%n").exitCodeList(codes);
    line.getSubcommands().values().forEach(each -> addToHelp(each, codes));
  }
}
