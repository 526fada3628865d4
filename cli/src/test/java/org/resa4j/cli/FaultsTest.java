package org.resa4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.resa4j.error.DeviceMemoryException;
import org.resa4j.error.LimitException;
import org.resa4j.error.Setting;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/** What is told of what went wrong, and the code for it. */
@Isolated("replaces the standard streams")
class FaultsTest {
  private static final List<Setting> MEMORY =
      List.of(Setting.CONTEXT_LENGTH, Setting.SEQUENCES, Setting.KV_TYPE, Setting.DEVICE_MEMORY);

  /** Fails with whatever it is given. */
  @Command(name = "resa fails")
  private record Fails(Throwable with) implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
      switch (with) {
        case Exception e -> throw e;
        case Error e -> throw e;
        default -> throw new AssertionError(with);
      }
    }
  }

  private static Cli.Outcome failing(Throwable with) {
    return Cli.run(
        new byte[0],
        () -> CommandLines.of(new Fails(with)),
        line -> CommandLines.run(new StandardOutput(System.out), line));
  }

  @ParameterizedTest
  @CsvSource({
    "run, --keep-ratio=0, --keep-ratio is the fraction",
    "run, --keep-ratio=x, 'x'",
    "run, --min-blocks=0, --min-blocks must be at least 1",
    "run, --rectify-keep=2, --rectify-keep is the fraction",
    "run, --rectify-every=often, --rectify-every is a number of tokens",
    "run, --temp=-1, --temperature must be at least 0",
    "run, --top-k=-1, --top-k must not be negative",
    "run, --repetition-penalty=0, --repetition-penalty must be above 0",
    "run, -n=0, --max-tokens must be at least 1",
    "run, --kv-type=f64, f64",
    "run, --no-such-flag, --no-such-flag",
    "run, stray, stray",
    "run, --threads=-1, -t/--threads must be at least 1",
    "run, --ctx-size=0, -c/--ctx-size must be at least 1",
    "run, --log-probs=1, --log-probs needs --json",
    "run, --stop=, stop string",
    "run, --template-var=x, NAME=VALUE",
    "run, --template-var=messages=[], messages",
    "devices, --jsn, did you mean --json?",
    "doctor, --x, --x"
  })
  void wrongValuesTakeTwoLines(String command, String flag, String words) {
    Cli.Outcome outcome = Cli.resa(command, flag);
    assertThat(outcome.code()).as(outcome.err()).isEqualTo(ExitCode.USAGE);
    assertThat(outcome.errLines()).as(outcome.err()).hasSize(2);
    assertThat(outcome.errLines().getFirst()).startsWith("resa: ").contains(words);
    assertThat(outcome.errLines().getLast()).isEqualTo("      see `resa " + command + " --help`");
  }

  @Test
  void noCommandAtAllGetsTheHelp() {
    Cli.Outcome outcome = Cli.resa();
    assertThat(outcome.code()).isEqualTo(ExitCode.USAGE);
    assertThat(outcome.err()).contains("Usage: resa", "Exit codes:");
  }

  @ParameterizedTest
  @CsvSource({"resa run --help", "resa chat --help", "resa devices --help", "resa --help"})
  void everyHelpHasTheCodes(String words) {
    String[] args = words.substring("resa ".length()).split(" ");
    assertThat(Cli.resa(args).out()).contains("Exit codes:", "standard output could not be");
  }

  @Test
  void anythingUnexpectedIsAFaultOfTheProgram() {
    for (Throwable each :
        List.of(
            new IllegalArgumentException("odd"), new NullPointerException(), new Error("odd"))) {
      Cli.Outcome outcome = failing(each);
      assertThat(outcome.code()).isEqualTo(ExitCode.INTERNAL);
      assertThat(outcome.errLines().getFirst())
          .startsWith("resa: this is a fault of the program")
          .contains("report it");
      assertThat(outcome.err())
          .contains("`resa fails`", "Java 25", each.getClass().getName(), "FaultsTest.java");
    }
  }

  @Test
  void theHeapsEndNamesTheFlag() {
    Cli.Outcome outcome = failing(new OutOfMemoryError("Java heap space"));
    assertThat(outcome.err()).contains("Java heap space", "RESA_JVM_FLAGS=-Xmx");
  }

  @Test
  void flagsAreNamedWhereTheyExist() {
    DeviceMemoryException memory = new DeviceMemoryException("too much", 2, 1, MEMORY);
    assertThat(Flags.advice(memory, Cli.parsed("run")))
        .contains(
            "what helps: a smaller -c/--ctx-size, --kv-type f16, a larger RESA_DEVICE_MEMORY,"
                + " the launcher's variable");
    assertThat(Flags.advice(memory, Cli.parsed("run", "--kv-type=f16")).orElseThrow())
        .doesNotContain("--kv-type");
    LimitException limit = new LimitException("too long", 2, 1, List.of(Setting.CONTEXT_LENGTH));
    assertThat(Flags.advice(limit, Cli.parsed("chat"))).contains("see -c/--ctx-size");
    assertThat(Flags.advice(limit, Cli.parsed("doctor"))).isEmpty();
    LimitException batch = new LimitException("too many", 2, 1, List.of(Setting.SEQUENCES));
    assertThat(Flags.advice(batch, Cli.parsed("run"))).isEmpty();
  }

  @Test
  void everySettingHasItsFlagSomewhere() {
    CommandSpec all = CommandSpec.create();
    for (String name :
        List.of(
            "--model",
            "--engine",
            "--device",
            "--ctx-size",
            "-b",
            "-ub",
            "--block-size",
            "--rectify-keep",
            "--no-mmap",
            "--weights",
            "--cache-memory",
            "--threads")) {
      all.addOption(CommandLine.Model.OptionSpec.builder(name).build());
    }
    all.addOption(CommandLine.Model.OptionSpec.builder("--kv-type").build());
    for (Setting each : Setting.values()) {
      assertThat(Flags.advice(new LimitException("", 2, 1, List.of(each)), all)).isPresent();
      assertThat(Flags.advice(new DeviceMemoryException("", 2, 1, List.of(each)), all)).isPresent();
    }
  }

  @Test
  void nobodyIsSentFromOneFlagToTheOther() {
    String tooLong = "0 ".repeat(40_000);
    Cli.Outcome outcome = Cli.resaReading(tooLong, "run", "--engine=jvm", "-f", "-", "-c", "100");
    assertThat(outcome.code()).isEqualTo(ExitCode.INPUT);
    assertThat(outcome.errLines())
        .containsExactly("resa: the prompt has 40000 tokens, clerk was trained for 32768");
  }

  @Test
  void aVariableIsJsonElseText() {
    TemplateFlags flags =
        CommandLine.populateCommand(
            new TemplateFlags(),
            "--no-thinking",
            "--template-var=a=1",
            "--template-var=b=x=y",
            "--template-var=c=[true]",
            "--template-var=d=2024-01-01",
            "--template-var=e=");
    assertThat(flags.variables())
        .isEqualTo(
            Map.of(
                "enable_thinking",
                false,
                "a",
                1,
                "b",
                "x=y",
                "c",
                List.of(true),
                "d",
                "2024-01-01",
                "e",
                ""));
  }
}
