package org.resa4j.cli;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.resa4j.cli.hub.Pull;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Fetches a model from Hugging Face's hub. */
@Command(
    name = "pull",
    description = {
      "Fetch a model from Hugging Face: its settings and safetensors, or a GGUF file.",
      "What is there and whole stays, what is there in part is gone on with; every file is held"
          + " against its checksum. HF_TOKEN says who asks, HF_ENDPOINT names another hub."
    },
    mixinStandardHelpOptions = true)
final class PullCommand implements Callable<Integer> {
  private static final String HUGGING_FACE = "https://huggingface.co";

  @Parameters(paramLabel = "REPO", description = "Repository, such as Qwen/Qwen3-0.6B.")
  private String repository;

  @Option(
      names = "--file",
      paramLabel = "NAME",
      split = ",",
      description = "Files to fetch, such as *Q4_K_M.gguf (default: what a model needs).")
  private List<String> files = new ArrayList<>();

  @Option(
      names = "--revision",
      paramLabel = "REVISION",
      defaultValue = "main",
      description = "Branch, tag or commit (${DEFAULT-VALUE}).")
  private String revision;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      description = "Where the files go (default: a folder of the repository's name, here).")
  private Path folder;

  @Override
  public Integer call() {
    Path target = folder != null ? folder : Path.of(repository.replaceAll(".*/", ""));
    PullLine line = new PullLine(System.err, Tty.isError());
    Pull pull =
        new Pull(
            endpoint(),
            environment("HF_TOKEN"),
            repository,
            revision,
            files,
            target,
            Duration.ofSeconds(1));
    Pull.Done done;
    try {
      done = pull.run(line);
    } finally {
      line.end();
    }
    Terminal terminal = new Terminal();
    terminal.line(
        "%s at %s: %d files, %s, %d of them fetched now"
            .formatted(
                repository,
                done.commit().substring(0, 12),
                done.files().size(),
                Report.mebibytes(done.bytes()),
                done.fetched()));
    String model =
        done.files().size() == 1 ? done.files().getFirst().toString() : target.toString();
    terminal.line(Launcher.command() + " run -m " + model);
    return 0;
  }

  private static URI endpoint() {
    String text = environment("HF_ENDPOINT").orElse(HUGGING_FACE);
    URI uri = UsageException.unlessMade(() -> URI.create(text.replaceAll("/+$", "")));
    if (uri.getHost() == null || !List.of("http", "https").contains(uri.getScheme())) {
      throw new UsageException("HF_ENDPOINT is no address: " + text);
    }
    return uri;
  }

  private static Optional<String> environment(String name) {
    return Optional.ofNullable(System.getenv(name)).map(String::strip).filter(s -> !s.isEmpty());
  }
}
