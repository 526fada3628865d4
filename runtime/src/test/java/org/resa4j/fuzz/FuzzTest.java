package org.resa4j.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.resa4j.Checkpoint;
import org.resa4j.GenerationOptions;
import org.resa4j.GenerationRequest;
import org.resa4j.ModelDefaults;
import org.resa4j.Prompt;
import org.resa4j.Resa;
import org.resa4j.engine.Golden;
import org.resa4j.engine.WorksheetContractTest;
import org.resa4j.error.ResaException;
import org.resa4j.format.HuggingFace;
import org.resa4j.format.Safetensors;
import org.resa4j.format.WeightAccess;
import org.resa4j.model.Tensor;
import org.resa4j.tokenizer.ChatTemplate;
import org.resa4j.tokenizer.Message;
import org.resa4j.tokenizer.Tokenizer;

/**
 * Files and prompts that are nearly right: each has a right result or the project's own error, in
 * this process and within seconds. {@code -Dresa.fuzz.seconds} (60, shared by the targets) says how
 * long, {@code -Dresa.fuzz.seed} (1) which ones. A mutant that fails is kept in {@code
 * target/fuzz}, and its name has the seed and the number that make it again.
 */
class FuzzTest {
  private static final int SECONDS = Integer.getInteger("resa.fuzz.seconds", 60);
  private static final long SEED = Long.getLong("resa.fuzz.seed", 1);
  private static final Duration LONGEST = Duration.ofSeconds(20);
  private static final Path KEPT = Path.of("target", "fuzz");

  private static final List<Message> CHAT =
      List.of(
          Message.system("Be brief."),
          Message.user("Hi 👍 there"),
          Message.assistant("Yes"),
          Message.user("🇫🇷 abc"));

  private static final List<String> PIECES =
      List.of(
          " ",
          "  ",
          "\n",
          "\r\n",
          "\t",
          "a",
          "the",
          "The",
          "ing",
          "don't",
          "1",
          "42",
          "3.14",
          "é",
          "e\u0301",
          "ß",
          "中文",
          "日本語",
          "한국어",
          "العربية",
          "हिन्दी",
          "👍🏽",
          "🇫🇷",
          "\u200d",
          "\u00a0",
          "\u3000",
          "\ufeff",
          "\ufffd",
          "\u0000",
          "<s>",
          "</s>",
          "<|im_end|>",
          "<unk>",
          "[L]",
          "▁",
          "Ġ",
          "{",
          "}}",
          "%",
          "\\",
          "\"",
          "'",
          "=",
          "#1",
          "solve",
          "((((",
          "aaaa",
          "....");

  private static final List<String> FRAGMENTS =
      List.of(
          "{%",
          "%}",
          "{{",
          "}}",
          "{#",
          "#}",
          "-%}",
          "{%-",
          "{% if x %}",
          "{% endif %}",
          "{% else %}",
          "{% for m in messages %}",
          "{% endfor %}",
          "{% set ns = namespace(a=1) %}",
          "{% set ns.a = ns.a + ns.a %}",
          "{% macro f(x) %}",
          "{% endmacro %}",
          "{{ f(f) }}",
          "{% break %}",
          "{% continue %}",
          "{% raw %}",
          "{% endraw %}",
          "{% filter upper %}",
          "{% endfilter %}",
          "{% with a = 1 %}",
          "{% endwith %}",
          "{% generation %}",
          "{% endgeneration %}",
          "{% call f() %}",
          "{% endcall %}",
          "m",
          "m.content",
          "m['role']",
          "messages",
          "messages[0]",
          "messages[::-1]",
          "loop.index",
          "loop.last",
          "range(1000)",
          "range(10**9)",
          "'a' * 10**9",
          "[0] * 10**9",
          "'x'.join(messages)",
          "| tojson",
          "| length",
          "| map(attribute='role') | list",
          "| selectattr('role', 'equalto', 'user')",
          "| trim",
          "| replace('a', 'aaaaaaaaaa')",
          "| batch(0)",
          "| slice(0)",
          "| round(400)",
          "| indent(10**9)",
          "| center(10**9)",
          "'%1000000000d' % 1",
          "1 // 0",
          "1 % 0",
          "2 ** 10 ** 10",
          "-",
          "not",
          "is defined",
          "is none",
          "is mapping",
          "in",
          "if",
          "else",
          "and",
          "or",
          "(",
          ")",
          "[",
          "]",
          "{",
          "}",
          ":",
          ",",
          ".",
          "~",
          "'",
          "\"",
          "\\",
          "none",
          "true",
          "1e400",
          "0x",
          "'\\ud83d'",
          "raise_exception('x')",
          "strftime_now('%Y')",
          "strftime_now('%')",
          "self",
          "caller()",
          "((((((((((((((((((((",
          "[[[[[[[[[[[[[[[[[[[[",
          "\n",
          "  ");

  @TempDir private Path directory;

  /** What is done with a mutant, after it was made. */
  private interface Target {
    void run(Mutator mutator, Case kept) throws IOException;
  }

  /** What is kept of a mutant if it fails. */
  private static final class Case {
    private byte[] bytes = {};

    byte[] of(byte[] mutant) {
      bytes = mutant;
      return mutant;
    }
  }

  @TestFactory
  Stream<DynamicTest> nothingHarmsTheProcess() throws IOException {
    Map<String, Target> targets = targets();
    return targets.entrySet().stream()
        .map(
            each ->
                DynamicTest.dynamicTest(
                    each.getKey(),
                    () -> fuzz(each.getKey(), each.getValue(), SECONDS * 1e9 / targets.size())));
  }

  private static void fuzz(String name, Target target, double nanos) throws IOException {
    long end = System.nanoTime() + (long) nanos;
    int cases = 0;
    int refused = 0;
    for (; cases == 0 || System.nanoTime() < end; cases++) {
      Case kept = new Case();
      Mutator mutator = new Mutator(SEED * 1_000_003 + name.hashCode() * 31L + cases * 7_919L);
      try {
        boolean right =
            assertTimeoutPreemptively(
                LONGEST,
                () -> {
                  try {
                    target.run(mutator, kept);
                    return true;
                  } catch (ResaException e) {
                    assertThat(e.getMessage()).isNotBlank();
                    return false;
                  }
                });
        refused += right ? 0 : 1;
      } catch (Throwable e) {
        Path file = KEPT.resolve("%s-%d-%d".formatted(name, SEED, cases));
        Files.createDirectories(KEPT);
        Files.write(file, kept.bytes);
        throw new AssertionError("mutant " + file + ": " + e, e);
      }
    }
    // What is made is nearly right; if all is refused, what it is made of is not right.
    assertThat(refused).isLessThan(Math.max(cases, 200));
    System.out.printf("fuzz: %s: %,d mutants, %,d refused%n", name, cases, refused);
  }

  private Map<String, Target> targets() throws IOException {
    Map<String, Target> targets = new LinkedHashMap<>();
    targets.put("configuration", configuration());
    targets.put("index", index());
    targets.put("safetensors", safetensors());
    targets.put("gguf", gguf());
    targets.put("tokenizer", tokenizer());
    targets.put("tokenizer-configuration", tokenizerConfiguration());
    targets.put("template", template());
    targets.put("prompt", prompt());
    return targets;
  }

  private Path folder(String name) throws IOException {
    Path folder = Files.createDirectories(directory.resolve(name));
    Files.copy(Golden.file("models/qwen2/tokenizer.json"), folder.resolve("tokenizer.json"));
    return folder;
  }

  private static Path cases(String name) {
    try {
      return Path.of(FuzzTest.class.getResource("/cases/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** The three kinds of settings; what loads must write two tokens, or say why not. */
  private Target configuration() throws IOException {
    Path folder = folder("configuration");
    List<byte[]> configs = new ArrayList<>();
    List<Path> weights = new ArrayList<>();
    for (String model : List.of("qwen2", "qwen3", "llama3", "mistral", "llama-biases")) {
      configs.add(Files.readAllBytes(Golden.model(model).resolve("config.json")));
      weights.add(Golden.model(model).resolve("model.safetensors"));
    }
    configs.add(Files.readAllBytes(Golden.file("rope/yarn-qwen3/config.json")));
    weights.add(weights.get(1));
    byte[] resa =
        "{\"block_size\": 16, \"keep_ratio\": 0.2, \"rectify_every\": \"auto:0.05\"}"
            .getBytes(StandardCharsets.UTF_8);
    byte[] generation =
        ("{\"do_sample\": true, \"temperature\": 0.6, \"top_k\": 20, \"top_p\": 0.95,"
                + " \"repetition_penalty\": 1.05, \"eos_token_id\": [1, 2]}")
            .getBytes(StandardCharsets.UTF_8);
    return (mutator, kept) -> {
      int seed = mutator.below(configs.size());
      int which = mutator.below(4);
      Path linked = folder.resolve("model.safetensors");
      Files.deleteIfExists(linked);
      Files.createSymbolicLink(linked, weights.get(seed));
      byte[] config = configs.get(seed);
      put(folder, "config.json", which < 2 ? kept.of(mutator.json(config)) : config);
      put(folder, "resa.json", which == 2 ? kept.of(mutator.json(resa)) : resa);
      put(
          folder,
          "generation_config.json",
          which == 3 ? kept.of(mutator.json(generation)) : generation);
      try (Arena arena = Arena.ofConfined()) {
        HuggingFace.load(folder, arena, WeightAccess.MAPPED);
        ModelDefaults.read(folder);
      }
      // Of those that are right, as many as time allows.
      if (mutator.chance(0.1)) {
        write(folder);
      }
    };
  }

  private static void write(Path folder) {
    try (Checkpoint checkpoint = Checkpoint.load(folder);
        Resa resa =
            Resa.builder(checkpoint)
                .engine("jvm")
                .threads(1)
                .contextLength(Math.min(64, checkpoint.model().config().maxContext()))
                .build()) {
      GenerationOptions options = resa.defaults().withMaxTokens(2);
      resa.submit(new GenerationRequest(Prompt.tokens(new int[] {5, 6, 7}), options)).join();
    }
  }

  private static void put(Path folder, String name, byte[] bytes) throws IOException {
    Files.write(folder.resolve(name), bytes);
  }

  private Target index() throws IOException {
    Path folder = folder("index");
    put(folder, "config.json", Files.readAllBytes(Golden.model("mistral").resolve("config.json")));
    Path weights = Golden.model("mistral").resolve("model.safetensors");
    Files.createSymbolicLink(folder.resolve("a.safetensors"), weights);
    StringBuilder map = new StringBuilder();
    int count = 0;
    for (String name : Safetensors.open(weights).names()) {
      map.append(map.isEmpty() ? "" : ",")
          .append("\"%s\":\"%s.safetensors\"".formatted(name, count++ % 2 == 0 ? "a" : "./a"));
    }
    byte[] seed =
        "{\"metadata\":{\"total_size\":1},\"weight_map\":{%s}}"
            .formatted(map)
            .getBytes(StandardCharsets.UTF_8);
    return (mutator, kept) -> {
      put(folder, "model.safetensors.index.json", kept.of(mutator.json(seed)));
      Checkpoint.load(folder).close();
    };
  }

  /** Headers, offsets and data; what opens is read from end to end. */
  private Target safetensors() throws IOException {
    byte[] small =
        ("{\"__metadata__\":{\"format\":\"pt\"},\"a\":{\"dtype\":\"F32\",\"shape\":[2,1],"
             + "\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[8,12]},"
             + "\"c\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[12,20]}}")
            .getBytes(StandardCharsets.UTF_8);
    Path file = directory.resolve("fuzz.safetensors");
    return (mutator, kept) -> {
      byte[] header = mutator.chance(0.6) ? mutator.json(small) : small;
      byte[] whole = new byte[8 + header.length + 20];
      for (int i = 0; i < 8; i++) {
        whole[i] = (byte) ((long) header.length >>> (8 * i));
      }
      System.arraycopy(header, 0, whole, 8, header.length);
      Files.write(file, kept.of(mutator.chance(0.5) ? mutator.bytes(whole) : whole));
      try (Arena arena = Arena.ofConfined()) {
        WeightAccess access = mutator.chance(0.5) ? WeightAccess.MAPPED : WeightAccess.COPIED;
        Safetensors opened = Safetensors.open(file, arena, access);
        for (String name : opened.names()) {
          Tensor tensor = opened.tensor(name);
          tensor.firstNonFinite();
          assertThat(tensor.toFloats()).hasSize(Math.toIntExact(tensor.size()));
        }
      }
    };
  }

  /** Headers of whole models; what loads must tokenise, and write two tokens, or say why not. */
  private Target gguf() throws IOException {
    List<byte[]> seeds = new ArrayList<>();
    for (String name :
        List.of("broken/00-valid", "models/llama3-Q4_0", "models/stories260K-Q8_0")) {
      seeds.add(Files.readAllBytes(Golden.file("gguf/" + name + ".gguf")));
    }
    Path file = directory.resolve("fuzz.gguf");
    return (mutator, kept) -> {
      byte[] seed = mutator.oneOf(seeds);
      // Weights are what they are.
      byte[] header = Arrays.copyOf(seed, Math.min(seed.length, 12_000));
      byte[] mutant = mutator.bytes(header);
      byte[] whole = Arrays.copyOf(mutant, mutant.length + seed.length - header.length);
      System.arraycopy(seed, header.length, whole, mutant.length, seed.length - header.length);
      Files.write(file, kept.of(whole));
      try (Checkpoint checkpoint = Checkpoint.load(file)) {
        int[] ids = checkpoint.tokenizer().encode(mutator.prompt(PIECES), true);
        checkpoint.tokenizer().decode(ids, 0, ids.length, true);
        checkpoint.chatTemplate().ifPresent(template -> template.render(CHAT, true));
        checkpoint.model().nonFiniteWeight();
      }
      if (mutator.chance(0.1)) {
        write(file);
      }
    };
  }

  private Target tokenizer() throws IOException {
    Path folder = Files.createDirectories(directory.resolve("tokenizer"));
    List<byte[]> seeds = new ArrayList<>();
    seeds.add(Files.readAllBytes(Golden.file("models/qwen2/tokenizer.json")));
    seeds.add(Files.readAllBytes(WorksheetContractTest.worksheetModel().resolve("tokenizer.json")));
    for (String name : List.of("bos-from-tokenizer-config", "special-tokens-map")) {
      seeds.add(Files.readAllBytes(cases(name).resolve("tokenizer.json")));
    }
    return (mutator, kept) -> {
      put(folder, "tokenizer.json", kept.of(mutator.json(mutator.oneOf(seeds))));
      Tokenizer tokenizer = Tokenizer.load(folder);
      for (int i = 0; i < 3; i++) {
        int[] ids = tokenizer.encode(mutator.prompt(PIECES), i == 0);
        tokenizer.decode(ids, 0, ids.length, i == 1);
      }
      int[] any = IntStream.range(0, 20).map(i -> mutator.below(2000) - 100).toArray();
      tokenizer.decode(any, 0, any.length, true);
    };
  }

  private Target tokenizerConfiguration() throws IOException {
    Path folder = folder("tokenizer-configuration");
    byte[] config =
        ("{\"add_bos_token\": true, \"add_eos_token\": false, \"bos_token\": \"!\", \"eos_token\":"
             + " {\"content\": \"\\\"\", \"lstrip\": false}, \"unk_token\": null,"
             + " \"added_tokens_decoder\": {\"0\": {\"content\": \"!\", \"special\": true}},"
             + " \"chat_template\": [{\"name\": \"default\", \"template\": \"{{ bos_token }}\"}]}")
            .getBytes(StandardCharsets.UTF_8);
    byte[] map =
        "{\"bos_token\": \"!\", \"eos_token\": {\"content\": \"#\"}}"
            .getBytes(StandardCharsets.UTF_8);
    return (mutator, kept) -> {
      boolean first = mutator.chance(0.7);
      put(folder, "tokenizer_config.json", first ? kept.of(mutator.json(config)) : config);
      put(folder, "special_tokens_map.json", first ? map : kept.of(mutator.json(map)));
      Tokenizer.load(folder).encode("a b", true);
      ChatTemplate.load(folder).ifPresent(template -> template.render(CHAT, true));
    };
  }

  private Target template() throws IOException {
    Path folder = Files.createDirectories(directory.resolve("template"));
    List<String> seeds = new ArrayList<>();
    Path templates = cases("README.md").getParent().resolve("templates");
    try (Stream<Path> files =
        Stream.concat(
            Files.list(templates), Files.list(templates.resolve("../../chat-templates")))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".jinja")).toList()) {
        seeds.add(Files.readString(file));
      }
    }
    assertThat(seeds).hasSizeGreaterThan(10);
    return (mutator, kept) -> {
      String text = mutator.text(mutator.oneOf(seeds), FRAGMENTS);
      put(
          folder,
          "chat_template.jinja",
          kept.of(new String(text.toCharArray()).getBytes(StandardCharsets.UTF_8)));
      ChatTemplate.load(folder)
          .orElseThrow()
          .render(CHAT, mutator.chance(0.5), Map.of("x", List.of(1, Map.of("y", "z"))));
    };
  }

  /** What a byte-level tokenizer decodes it encodes and decodes to the same. */
  private Target prompt() throws IOException {
    Tokenizer bytes = Tokenizer.load(folder("prompt"));
    Tokenizer pieces = Tokenizer.load(cases("special-tokens-map"));
    Tokenizer words = Tokenizer.load(WorksheetContractTest.worksheetModel());
    return (mutator, kept) -> {
      String text = mutator.prompt(PIECES);
      kept.of(text.getBytes(StandardCharsets.UTF_16));
      for (Tokenizer tokenizer : Arrays.asList(bytes, pieces, words)) {
        int[] ids = tokenizer.encode(text, false);
        String decoded = tokenizer.decode(ids, 0, ids.length, true);
        if (tokenizer == bytes) {
          int[] again = tokenizer.encode(decoded, false);
          assertThat(tokenizer.decode(again, 0, again.length, true)).isEqualTo(decoded);
        }
      }
    };
  }
}
