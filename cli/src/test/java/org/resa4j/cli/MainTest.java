package org.resa4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.resa4j.engine.Golden;
import org.resa4j.engine.Sheet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command line as a user meets it: what it prints where, and what it exits with. */
@Isolated("replaces the standard streams")
class MainTest {
  private static final Sheet WORKSHEET = Sheet.of(20, 1);
  private static final String SHEET = WORKSHEET.prompt();
  private static final String ANSWER = WORKSHEET.text();

  private record Outcome(int code, String out, String err) {}

  private static Outcome resa(String... args) {
    return resaReading("", args);
  }

  private static Outcome resaReading(String input, String... args) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    InputStream in = System.in;
    ByteArrayOutputStream capturedOut = new ByteArrayOutputStream();
    ByteArrayOutputStream capturedErr = new ByteArrayOutputStream();
    try {
      System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
      System.setOut(new PrintStream(capturedOut, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(capturedErr, true, StandardCharsets.UTF_8));
      int code = Main.commandLine().execute(args);
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

  @Test
  void theShippedModelAnswersAndIsChecked() {
    Outcome outcome = resa("run", "--engine", "jvm", "--stats");
    assertThat(outcome.code).as(outcome.err).isZero();
    assertThat(outcome.out.strip().split(" ")).hasSize(1900);
    assertThat(outcome.err)
        .contains(
            "jvm on jvm",
            "rectified every 16",
            "every 16.0 tokens, recent drift 0.0",
            "ended by end of text",
            "right, all 1900 words");
  }

  @Test
  void jsonHasTextAndMeasurements() {
    Outcome outcome = resa("run", "--engine", "jvm", "-p", SHEET, "--json", "--dense");
    JsonNode json = JsonMapper.shared().readTree(outcome.out);
    assertThat(json.path("text").asString().strip()).isEqualTo(ANSWER);
    assertThat(json.path("finish").asString()).isEqualTo("END_OF_TEXT");
    assertThat(json.path("metrics").path("generatedTokens").asInt()).isEqualTo(381);
    assertThat(json.path("metrics").path("blocksKeptShare").asDouble()).isEqualTo(1);
    assertThat(json.path("decode_tokens_per_second").asDouble()).isPositive();
  }

  @Test
  void anAutomaticIntervalSaysWhatItCameTo() {
    Outcome outcome =
        resa("run", "--engine", "jvm", "-p", SHEET, "--rectify-every", "auto:0.01", "--json");
    assertThat(outcome.code).as(outcome.err).isZero();
    assertThat(outcome.err).contains("rectified to a drift of 0.01");
    JsonNode json = JsonMapper.shared().readTree(outcome.out);
    JsonNode target = json.path("attention").path("driftTarget");
    assertThat(target.path("recentDrift").asDouble()).isEqualTo(0.01);
    JsonNode done = json.path("metrics").path("rectification");
    assertThat(done.path("count").asInt()).isPositive().isEqualTo(done.path("measured").asInt());
    assertThat(done.path("recentDrift").asDouble()).isBetween(1e-4, 0.1);
    assertThat(json.path("rectified_every").asDouble()).isBetween(8.0, 256.0);
  }

  @Test
  void limitsAndStopsEndTheText() {
    String[] words = ANSWER.split(" ");
    assertThat(resa("run", "--engine", "jvm", "-p", SHEET, "-n", "5").out.strip())
        .isEqualTo(String.join(" ", Arrays.copyOf(words, 5)));
    assertThat(resa("run", "--engine", "jvm", "-p", SHEET, "--stop", words[7]).out.strip())
        .isEqualTo(String.join(" ", Arrays.copyOf(words, 7)));
  }

  @Test
  void samplingRepeatsWithItsSeed() {
    String[] args = {
      "run",
      "--engine",
      "jvm",
      "-p",
      SHEET,
      "--temp",
      "8",
      "--top-k",
      "9",
      "--top-p",
      "0.9",
      "-n",
      "40",
      "--ignore-eos",
      "--seed",
      "3"
    };
    String first = resa(args).out;
    assertThat(resa(args).out).isEqualTo(first);
    args[args.length - 1] = "4";
    assertThat(resa(args).out).isNotEqualTo(first);
  }

  @Test
  void wrongUsageExitsWith2() {
    assertThat(resa("run", "--keep-ratio", "0").code).isEqualTo(2);
    assertThat(resa("run", "--keep-ratio", "0").err).contains("keepRatio is the fraction");
    assertThat(resa("run", "--rectify-every", "often").code).isEqualTo(2);
    assertThat(resa("run", "--rectify-every", "often").err).contains("auto:TARGET", "often");
    assertThat(resa("run", "--no-such-flag").code).isEqualTo(2);
    assertThat(resa("run", "-p", "a", "-f", "b").err).contains("two prompts");
    assertThat(resa("run", "-n", "0").code).isEqualTo(2);
    assertThat(resa("run", "--temp", "-1").err).contains("temperature");
  }

  @Test
  void inputsAtFaultExitWith3(@TempDir Path directory) throws IOException {
    Outcome missing = resa("run", "-m", directory.resolve("none").toString(), "-p", "a");
    assertThat(missing.code).isEqualTo(3);
    assertThat(missing.err).contains("no such directory");
    Outcome tooLong = resa("run", "--engine", "jvm", "-p", SHEET, "-c", "16");
    assertThat(tooLong.code).isEqualTo(3);
    assertThat(tooLong.err).contains("the prompt has 184 tokens, the context holds 16");
    Outcome beyond = resa("run", "--engine", "jvm", "-p", SHEET, "-c", "99999");
    assertThat(beyond.code).isEqualTo(3);
    assertThat(beyond.err).contains("32768");
    Outcome engine = resa("run", "--engine", "abacus", "-p", SHEET);
    assertThat(engine.code).isEqualTo(3);
    assertThat(engine.err).contains("no engine abacus");
    Outcome empty = resa("run", "--engine", "jvm", "-p", "");
    assertThat(empty.code).isEqualTo(3);
    assertThat(empty.err).contains("the prompt is empty");
    Files.copy(Golden.model("qwen2").resolve("config.json"), directory.resolve("config.json"));
    Outcome noWeights = resa("run", "-m", directory.toString(), "-p", "a");
    assertThat(noWeights.code).isEqualTo(3);
    assertThat(noWeights.err).contains("model.safetensors: no such file");
    Outcome noFile = resa("run", "-f", directory.resolve("none.txt").toString());
    assertThat(noFile.code).isEqualTo(3);
  }

  @Test
  void devicesAtFaultExitWith4() {
    Outcome outcome = resa("run", "--device", "opencl:99", "-p", SHEET);
    assertThat(outcome.code).isEqualTo(4);
    assertThat(outcome.err).contains("no device opencl:99", "resa devices");
  }

  @Test
  void devicesAndDoctorSayWhatIsThere() {
    Outcome devices = resa("devices");
    assertThat(devices.code).isZero();
    assertThat(devices.out).contains("jvm", "vector");
    Outcome doctor = resa("doctor");
    assertThat(doctor.code).as(doctor.out).isZero();
    assertThat(doctor.out)
        .contains("ok     JDK: 25", "ok     JVM attention: computes what it should");
  }

  @Test
  void chatNeedsATemplateAndSaysSo() {
    Outcome outcome = resaReading("hello\n", "chat", "--engine", "jvm");
    assertThat(outcome.code).isEqualTo(3);
    assertThat(outcome.err).contains("clerk has no chat template");
  }
}
