package org.resa4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.resa4j.cli.Cli.resa;
import static org.resa4j.cli.Cli.resaReading;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.resa4j.cli.Cli.Outcome;
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

  @Test
  void theShippedModelAnswersAndIsChecked() {
    Outcome outcome = resa("run", "--engine", "jvm", "--stats");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out().strip().split(" ")).hasSize(1900);
    // Long lines are a terminal's matter.
    assertThat(outcome.out().strip()).doesNotContain("\n");
    assertThat(outcome.err())
        .contains(
            "jvm on jvm",
            "rectified every 16",
            "question   #181 cir = 3 + 4 - qir ; ",
            "... (904 words)",
            "every 16.0 tokens, recent drift 0.0",
            "ended by end of text",
            "settings   resa.json: block_size 4, keep_ratio 0.1, min_blocks 32, local_blocks 16,"
                + " rectify_every 16, sparse_from 0",
            "An example: the model that ships",
            "right, all 1900 words");
    assertThat(outcome.err())
        .containsPattern("With ReSA each word took reading [1-9]\\d?\\.\\d% of the cache's blocks");
  }

  @Test
  void whatAFlagSaysIsNoSettingOfTheFiles() {
    Outcome outcome =
        resa("run", "--engine", "jvm", "--stats", "-n", "3", "--keep-ratio", "0.3", "-p", "solve");
    assertThat(outcome.err())
        .contains("block_size 4, min_blocks 32", "do_sample false")
        .doesNotContain("keep_ratio");
    assertThat(outcome.err()).doesNotContain("An example", "question   ");
  }

  @Test
  void whatTheModelCannotReadIsSaid() {
    Outcome unknown = resa("run", "--engine", "jvm", "-n", "2", "-p", "Who are you ?");
    assertThat(unknown.code()).isZero();
    assertThat(unknown.err()).contains("warning: clerk knows 0 of the 4 words", "1410");
    Outcome known = resa("run", "--engine", "jvm", "-n", "2", "-p", "solve #1 what");
    assertThat(known.err()).doesNotContain("warning");
  }

  @Test
  void aTokenizerOfBytesKnowsEveryWord(@TempDir Path folder) throws IOException {
    Path model = Cli.chatModel(folder);
    Outcome outcome = resa("run", "--engine=jvm", "-m=" + model, "-n=2", "-p=Здравствуй \uE000");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.err()).doesNotContain("warning");
  }

  @Test
  void templateVariablesReachTheTemplate(@TempDir Path folder) throws IOException {
    String model = Cli.chatModel(folder).toString();
    String[] flags = {"run", "--engine=jvm", "-m", model, "-n=1", "-p=x", "--json"};
    int plain = promptTokens(flags);
    assertThat(promptTokens(with(flags, "--no-thinking"))).isGreaterThan(plain);
    assertThat(promptTokens(with(flags, "--template-var", "extra=41"))).isEqualTo(plain + 2);
    Outcome raw = resa(with(flags, "--no-thinking", "--raw"));
    assertThat(raw.code()).isEqualTo(3);
    assertThat(raw.err()).contains("--raw leaves no place for --no-thinking");
  }

  private static String[] with(String[] flags, String... more) {
    String[] all = Arrays.copyOf(flags, flags.length + more.length);
    System.arraycopy(more, 0, all, flags.length, more.length);
    return all;
  }

  private static int promptTokens(String... args) {
    Outcome outcome = resa(args);
    assertThat(outcome.code()).as(outcome.err()).isZero();
    return JsonMapper.shared()
        .readTree(outcome.out())
        .path("metrics")
        .path("prompt_tokens")
        .asInt();
  }

  @Test
  void jsonHasLogProbabilities() {
    Outcome outcome =
        resa("run", "--engine=jvm", "-p", SHEET, "--json", "--log-probs=3", "-n=4", "--dense");
    JsonNode tokens = JsonMapper.shared().readTree(outcome.out()).path("log_probs");
    assertThat(tokens.size()).isEqualTo(4);
    for (JsonNode token : tokens) {
      assertThat(token.path("log_prob").asDouble()).isNegative();
      assertThat(token.path("text").asString()).isNotEmpty();
      assertThat(token.path("likeliest").size()).isEqualTo(3);
      // Greedy: the likeliest is the one chosen.
      assertThat(token.path("likeliest").path(0).path("id")).isEqualTo(token.path("id"));
    }
    assertThat(resa("run", "--engine=jvm", "-p", SHEET, "--json", "-n=1").out())
        .doesNotContain("log_prob");
  }

  @Test
  void everyKeyIsInOneCase() {
    for (String[] args :
        new String[][] {
          {"run", "--engine=jvm", "-p", SHEET, "--json", "-n=40", "--log-probs=1"},
          {"run", "--engine=jvm", "-p", SHEET, "--json", "-n=2", "--rectify-every=auto"},
          {"devices", "--json"}
        }) {
      JsonNode root = JsonMapper.shared().readTree(resa(args).out());
      assertThat(keys(root)).isNotEmpty().allMatch(key -> key.matches("[a-z0-9]+(_[a-z0-9]+)*"));
    }
  }

  private static List<String> keys(JsonNode node) {
    List<String> keys = new ArrayList<>(node.propertyNames());
    node.forEach(child -> keys.addAll(keys(child)));
    return keys;
  }

  @Test
  void theDefaultDeviceIsMarked() {
    assertThat(resa("devices").out().lines().filter(line -> line.contains(" * ")).toList())
        .hasSize(1);
    JsonNode devices = JsonMapper.shared().readTree(resa("devices", "--json").out());
    long marked = devices.valueStream().filter(each -> each.path("default").asBoolean()).count();
    assertThat(marked).isEqualTo(1);
  }

  @Test
  void jsonHasTextAndMeasurements() {
    Outcome outcome = resa("run", "--engine", "jvm", "-p", SHEET, "--json", "--dense");
    JsonNode json = JsonMapper.shared().readTree(outcome.out());
    assertThat(json.path("text").asString().strip()).isEqualTo(ANSWER);
    assertThat(json.path("finish").asString()).isEqualTo("end_of_text");
    assertThat(json.path("metrics").path("generated_tokens").asInt()).isEqualTo(381);
    assertThat(json.path("metrics").path("blocks_kept_share").asDouble()).isEqualTo(1);
    assertThat(json.path("decode_tokens_per_second").asDouble()).isPositive();
  }

  @Test
  void anAutomaticIntervalSaysWhatItCameTo() {
    Outcome outcome =
        resa("run", "--engine", "jvm", "-p", SHEET, "--rectify-every", "auto:0.01", "--json");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.err()).contains("rectified to a drift of 0.01");
    JsonNode json = JsonMapper.shared().readTree(outcome.out());
    JsonNode target = json.path("attention").path("drift_target");
    assertThat(target.path("recent_drift").asDouble()).isEqualTo(0.01);
    JsonNode done = json.path("metrics").path("rectification");
    assertThat(done.path("count").asInt()).isPositive().isEqualTo(done.path("measured").asInt());
    assertThat(done.path("recent_drift").asDouble()).isBetween(1e-4, 0.1);
    assertThat(json.path("rectified_every").asDouble()).isBetween(8.0, 256.0);
  }

  @Test
  void limitsAndStopsEndTheText() {
    String[] words = ANSWER.split(" ");
    assertThat(resa("run", "--engine", "jvm", "-p", SHEET, "-n", "5").out().strip())
        .isEqualTo(String.join(" ", Arrays.copyOf(words, 5)));
    assertThat(resa("run", "--engine", "jvm", "-p", SHEET, "--stop", words[7]).out().strip())
        .isEqualTo(String.join(" ", Arrays.copyOf(words, 7)));
    assertThat(resa("run", "--engine", "jvm", "-p", SHEET, "--stop-token", words[7]).out().strip())
        .isEqualTo(String.join(" ", Arrays.copyOf(words, 7)));
    Outcome unknown = resa("run", "--engine", "jvm", "-p", SHEET, "--stop-token", "999999");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).contains("--stop-token 999999 is neither a token");
    assertThat(resa("run", "--engine", "jvm", "--no-mmap", "-p", SHEET, "-n", "5").out().strip())
        .isEqualTo(String.join(" ", Arrays.copyOf(words, 5)));
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
    String first = resa(args).out();
    assertThat(resa(args).out()).isEqualTo(first);
    args[args.length - 1] = "4";
    assertThat(resa(args).out()).isNotEqualTo(first);
  }

  @Test
  void wrongUsageExitsWith2() {
    assertThat(resa("run", "--keep-ratio", "0").code()).isEqualTo(2);
    assertThat(resa("run", "--keep-ratio", "0").err()).contains("--keep-ratio is the fraction");
    assertThat(resa("run", "--rectify-every", "often").code()).isEqualTo(2);
    assertThat(resa("run", "--rectify-every", "often").err()).contains("auto:TARGET", "often");
    assertThat(resa("run", "--no-such-flag").code()).isEqualTo(2);
    assertThat(resa("run", "-p", "a", "-f", "b").err()).contains("two prompts");
    assertThat(resa("run", "-n", "0").code()).isEqualTo(2);
    assertThat(resa("run", "--temp", "-1").err()).contains("temperature");
  }

  @Test
  void inputsAtFaultExitWith3(@TempDir Path directory) throws IOException {
    Outcome missing = resa("run", "-m", directory.resolve("none").toString(), "-p", "a");
    assertThat(missing.code()).isEqualTo(3);
    assertThat(missing.err()).contains("no such directory");
    Outcome tooLong = resa("run", "--engine", "jvm", "-p", SHEET, "-c", "16");
    assertThat(tooLong.code()).isEqualTo(3);
    assertThat(tooLong.err()).contains("the prompt has 184 tokens, the context holds 16");
    Outcome beyond = resa("run", "--engine", "jvm", "-p", SHEET, "-c", "99999");
    assertThat(beyond.code()).isEqualTo(3);
    assertThat(beyond.err()).contains("32768");
    Outcome engine = resa("run", "--engine", "abacus", "-p", SHEET);
    assertThat(engine.code()).isEqualTo(3);
    assertThat(engine.err()).contains("no engine abacus", "--engine");
    Outcome empty = resa("run", "--engine", "jvm", "-p", "");
    assertThat(empty.code()).isEqualTo(3);
    assertThat(empty.err()).contains("the prompt is empty");
    Files.copy(Golden.model("qwen2").resolve("config.json"), directory.resolve("config.json"));
    Outcome noWeights = resa("run", "-m", directory.toString(), "-p", "a");
    assertThat(noWeights.code()).isEqualTo(3);
    assertThat(noWeights.err()).contains("model.safetensors: no such file");
    Outcome noFile = resa("run", "-f", directory.resolve("none.txt").toString());
    assertThat(noFile.code()).isEqualTo(3);
  }

  @Test
  void devicesAtFaultExitWith4() {
    Outcome outcome = resa("run", "--device", "opencl:99", "-p", SHEET);
    assertThat(outcome.code()).isEqualTo(4);
    assertThat(outcome.err()).contains("no device opencl:99", "resa devices");
  }

  @Test
  void devicesAndDoctorSayWhatIsThere() {
    Outcome devices = resa("devices");
    assertThat(devices.code()).isZero();
    assertThat(devices.out()).contains("jvm", "vector");
    Outcome doctor = resa("doctor");
    assertThat(doctor.code()).as(doctor.out()).isZero();
    assertThat(doctor.out())
        .contains("ok     JDK: 25", "ok     JVM attention: computes what it should");
  }

  @Test
  void chatNeedsATemplateAndSaysSo() {
    Outcome outcome = resaReading("hello\n", "chat", "--engine", "jvm");
    assertThat(outcome.code()).isEqualTo(3);
    assertThat(outcome.err()).contains("clerk has no chat template");
  }
}
