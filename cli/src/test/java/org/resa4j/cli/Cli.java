package org.resa4j.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.resa4j.engine.Golden;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The command line for tests: in this process with other standard streams, or in one of its own.
 */
final class Cli {
  private Cli() {}

  /** What a command ended with and printed. */
  record Outcome(int code, String out, String err) {
    List<String> errLines() {
      return err.lines().toList();
    }
  }

  static Outcome resa(String... args) {
    return resaReading("", args);
  }

  static Outcome resaReading(String input, String... args) {
    return resaReading(input.getBytes(StandardCharsets.UTF_8), args);
  }

  static Outcome resaReading(byte[] input, String... args) {
    return run(input, Main::commandLine, line -> line.execute(args));
  }

  /** The command lines of this thread's process, with what they print caught. */
  static Outcome run(byte[] input, Supplier<CommandLine> made, ToIntFunction<CommandLine> run) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    InputStream in = System.in;
    ByteArrayOutputStream capturedOut = new ByteArrayOutputStream();
    ByteArrayOutputStream capturedErr = new ByteArrayOutputStream();
    try {
      System.setIn(new ByteArrayInputStream(input));
      System.setOut(new PrintStream(capturedOut, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(capturedErr, true, StandardCharsets.UTF_8));
      int code = run.applyAsInt(made.get());
      return new Outcome(
          code,
          capturedOut.toString(StandardCharsets.UTF_8),
          capturedErr.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
      System.setIn(in);
    }
  }

  /** A command with its flags read. */
  static CommandSpec parsed(String command, String... args) {
    CommandLine line = Main.commandLine();
    line.parseArgs(Stream.concat(Stream.of(command), Stream.of(args)).toArray(String[]::new));
    return line.getSubcommands().get(command).getCommandSpec();
  }

  /** A process of its own, as the launcher starts it. */
  static ProcessBuilder process(List<String> jvmFlags, String... args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of("-Dstdout.encoding=UTF-8", "-Dstderr.encoding=UTF-8"));
    command.add("-Dresa.home=" + System.getProperty("resa.home", "."));
    command.addAll(jvmFlags);
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(Main.class.getName());
    command.addAll(List.of(args));
    return new ProcessBuilder(command);
  }

  /** A model of random weights with a chat template, in a new folder below {@code parent}. */
  static Path chatModel(Path parent) throws IOException {
    Path model = Files.createDirectories(parent.resolve("talker"));
    Golden.model("qwen2");
    for (String file : List.of("config.json", "generation_config.json", "model.safetensors")) {
      Files.copy(Golden.file("models/qwen2/" + file), model.resolve(file));
    }
    Files.copy(Golden.file("models/qwen2/tokenizer.json"), model.resolve("tokenizer.json"));
    Files.writeString(
        model.resolve("chat_template.jinja"),
        """
        {%- for m in messages -%}
        {%- if m.content == 'refuse' -%}{{ raise_exception('not that') }}{%- endif -%}
        <|im_start|>{{ m.role }}
        {{ m.content }}<|im_end|>
        {% endfor -%}
        {%- if enable_thinking is defined and not enable_thinking -%}no thinking{%- endif -%}
        {%- if extra is defined -%}{{ extra + 1 }}{%- endif -%}
        <|im_start|>assistant
        """);
    return model;
  }
}
