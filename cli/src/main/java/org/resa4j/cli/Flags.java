package org.resa4j.cli;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.resa4j.engine.Engines;
import org.resa4j.engine.KvType;
import org.resa4j.error.DeviceMemoryException;
import org.resa4j.error.ResaException;
import org.resa4j.error.Setting;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The flags of a command that set what an error points at. */
final class Flags {
  private Flags() {}

  /** A line of advice, of flags that the command has; empty where none of them helps. */
  static Optional<String> advice(ResaException fault, CommandSpec command) {
    boolean memory = fault instanceof DeviceMemoryException;
    List<String> flags =
        fault.settings().stream()
            .map(setting -> memory ? less(setting, command) : of(setting, command))
            .flatMap(Optional::stream)
            .toList();
    return flags.isEmpty()
        ? Optional.empty()
        : Optional.of((memory ? "what helps: " : "see ") + String.join(", ", flags));
  }

  /** Where a setting is set. */
  private static Optional<String> of(Setting setting, CommandSpec command) {
    return switch (setting) {
      case MODEL -> option(command, "--model");
      case WEIGHT_ACCESS -> option(command, "--no-mmap");
      case WEIGHTS -> option(command, "--weights");
      case ENGINE ->
          option(command, "--engine")
              .map(
                  flag ->
                      tornadoIsHere()
                          ? flag
                          : "%s (%s adds tornado)".formatted(flag, Launcher.setup()));
      case DEVICE ->
          option(command, "--device").map(flag -> flag + ", and `resa devices`, which lists them");
      case CONTEXT_LENGTH -> option(command, "--ctx-size");
      case SEQUENCES -> option(command, "--batch", "-b", "--sequences");
      case CACHE_MEMORY -> option(command, "--cache-memory");
      case ENCODE_TOKENS -> option(command, "-ub");
      case RECTIFY_KEEP -> option(command, "--rectify-keep");
      case BLOCK_SIZE -> option(command, "--block-size");
      case KV_TYPE -> option(command, "--kv-type");
      case THREADS -> option(command, "--threads");
      case DEVICE_MEMORY -> Optional.of("RESA_DEVICE_MEMORY, the launcher's variable");
    };
  }

  private static boolean tornadoIsHere() {
    return Engines.all().size() > 1;
  }

  /** How a setting takes less of a device's memory, or has more of it. */
  private static Optional<String> less(Setting setting, CommandSpec command) {
    return switch (setting) {
      case MODEL, CONTEXT_LENGTH, ENCODE_TOKENS, SEQUENCES, CACHE_MEMORY ->
          of(setting, command).map(flag -> "a smaller " + flag);
      case KV_TYPE ->
          option(command, "--kv-type")
              .filter(flag -> isWide(command.findOption("--kv-type").getValue()))
              .map(flag -> flag + " f16");
      case DEVICE_MEMORY -> of(setting, command).map(variable -> "a larger " + variable);
      case ENGINE, DEVICE, BLOCK_SIZE, RECTIFY_KEEP, WEIGHT_ACCESS, WEIGHTS, THREADS ->
          of(setting, command);
    };
  }

  private static boolean isWide(KvType given) {
    return given == null || given == KvType.F32;
  }

  /** All names of an option, such as -c/--ctx-size, where a command has it by one of some names. */
  private static Optional<String> option(CommandSpec command, String... names) {
    return Stream.of(names)
        .map(command::findOption)
        .filter(Objects::nonNull)
        .map(OptionSpec::names)
        .map(all -> String.join("/", all))
        .findFirst();
  }
}
