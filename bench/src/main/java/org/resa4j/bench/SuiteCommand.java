package org.resa4j.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.resa4j.bench.peer.LlamaComparison;
import org.resa4j.bench.report.Page;
import org.resa4j.engine.Device;
import org.resa4j.engine.Engines;
import org.resa4j.error.InputException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Every benchmark on every device: runs the other commands and says how. */
@Command(
    name = "suite",
    description = {
      "The attention and generate benchmarks on every device, into a folder, and index.html about"
          + " all.",
      "Where there is a GPU, also random weights of a 7B model, with one KV cache a layer and with"
          + " one for all; elsewhere of a 0.5B model. llama.cpp where its bindings are."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class SuiteCommand implements Callable<Integer> {
  private static final String OUTPUT = "--output=";

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "resa-bench",
      description = "Where tables, files and charts go (${DEFAULT-VALUE}).")
  private Path folder;

  @Option(
      names = "--quick",
      description = "Small contexts and few repetitions: under 10 minutes on 2 CPU cores.")
  private boolean quick;

  @Option(
      names = "--peer",
      paramLabel = "FILE",
      split = ",",
      description = "Rows of bench/peers/sdpa.py, for the attention benchmark.")
  private List<Path> peers = new ArrayList<>();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    // A wrong result must not keep anyone from seeing the others.
    int worst = 0;
    List<String> folders = new ArrayList<>();
    Path page = folder;
    for (List<String> benchmark : benchmarks()) {
      folders.add(folderOf(benchmark));
      System.err.println("bench: resa bench " + String.join(" ", benchmark));
      long start = System.nanoTime();
      int code = spec.parent().commandLine().execute(benchmark.toArray(String[]::new));
      System.err.printf(
          Locale.ROOT,
          "bench: %s after %.0f s%n",
          code == 0 ? "done" : "FAILED, exit code " + code,
          (System.nanoTime() - start) / 1e9);
      worst = Math.max(worst, code);
      // After each, so that one that is cut short leaves a page of those before.
      try {
        page = Page.write(folder, folders);
      } catch (InputException e) {
        System.err.println("bench: no page: " + e.getMessage());
      }
    }
    System.err.println("bench: wrote " + page);
    return worst;
  }

  private List<List<String>> benchmarks() {
    List<List<String>> all = new ArrayList<>();
    List<String> attention = into("attention", "attention");
    if (quick) {
      attention.addAll(List.of("--quick", "--batch=1", "--warm-up=0.5"));
    }
    peers.forEach(file -> attention.add("--peer=" + file));
    all.add(attention);
    if (quick) {
      all.add(into("generate", "generate", "-p=128", "-n=32", "-d=4K"));
    } else {
      all.add(into("generate", "generate"));
    }
    if (LlamaComparison.isPresent()) {
      String[] work =
          quick
              ? new String[] {"-p=0", "-n=32", "-d=4K"}
              : new String[] {"-p=0", "-n=128", "-d=4K,32K"};
      List<String> compare = new ArrayList<>(List.of("generate", "--engine=jvm", "--llama-cpp"));
      compare.addAll(List.of(work));
      compare.add(OUTPUT + folder.resolve("llama-cpp"));
      all.add(compare);
    }
    if (!quick) {
      all.addAll(synthetic());
    }
    return all;
  }

  private List<String> into(String name, String command, String... arguments) {
    List<String> all = new ArrayList<>(List.of(command, "--all-devices"));
    all.addAll(List.of(arguments));
    all.add(OUTPUT + folder.resolve(name));
    return all;
  }

  private static String folderOf(List<String> benchmark) {
    String output =
        benchmark.stream().filter(each -> each.startsWith(OUTPUT)).findFirst().orElseThrow();
    return Path.of(output.substring(OUTPUT.length())).getFileName().toString();
  }

  /** Of 7B on GPUs; a CPU would take hours. */
  private List<List<String>> synthetic() {
    List<List<String>> all = new ArrayList<>();
    List<String> gpus =
        Engines.all().stream()
            .flatMap(provider -> provider.devices().stream())
            .filter(device -> device.kind() == Device.Kind.GPU)
            .map(Device::id)
            .toList();
    for (String gpu : gpus) {
      List<String> own =
          List.of(
              "generate",
              "--device=" + gpu,
              "--synthetic=qwen2.5-7b",
              "-b=1,8",
              "-d=4K,64K,256K",
              OUTPUT + folder.resolve("generate-7b-" + gpu.replace(':', '-')));
      List<String> shared = new ArrayList<>(own);
      shared.set(
          own.size() - 1, OUTPUT + folder.resolve("generate-7b-shared-" + gpu.replace(':', '-')));
      shared.add("--shared-cache");
      all.add(own);
      all.add(shared);
    }
    if (gpus.isEmpty()) {
      all.add(into("generate-0.5b", "generate", "--synthetic=qwen2.5-0.5b", "-n=32", "-d=4K"));
    }
    return all;
  }
}
