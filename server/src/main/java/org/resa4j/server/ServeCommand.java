package org.resa4j.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.resa4j.Checkpoint;
import org.resa4j.GenerationOptions;
import org.resa4j.Resa;
import org.resa4j.attention.ResaConfig;
import org.resa4j.cli.AttentionFlags;
import org.resa4j.cli.MemorySize;
import org.resa4j.cli.ModelFlags;
import org.resa4j.cli.StartLines;
import org.resa4j.cli.UsageException;
import org.resa4j.error.InputException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Serves a model over HTTP. */
@Command(
    name = "resa serve",
    description = {
      "Serves a model over HTTP, as OpenAI's clients ask for texts and chats; docs/server.md says"
          + " what is there.",
      "Ctrl-C or SIGTERM ends it: texts may go on for --grace seconds."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
  private static final String KEY_VARIABLE = "RESA_API_KEY";

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description = "Address to listen on (${DEFAULT-VALUE}, this machine alone).")
  private String host;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "8080",
      description = "Port to listen on; 0 takes any that is free (${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--api-key",
      paramLabel = "KEY",
      description =
          "What requests must have in Authorization: Bearer KEY; other users of the machine can see"
              + " it here. Or the variable "
              + KEY_VARIABLE
              + ".")
  private String apiKey;

  @Option(
      names = "--api-key-file",
      paramLabel = "FILE",
      description = "File whose first line is that key.")
  private Path apiKeyFile;

  @Option(
      names = "--model-id",
      paramLabel = "NAME",
      description = "What requests call the model (default: its name).")
  private String modelId;

  @Option(
      names = "--parallel",
      paramLabel = "N",
      defaultValue = "4",
      description = "Texts written at once (${DEFAULT-VALUE}).")
  private int parallel;

  @Option(
      names = "--queue",
      paramLabel = "N",
      defaultValue = "64",
      description = "Texts that may wait for their turn; more are refused (${DEFAULT-VALUE}).")
  private int queue;

  @Option(
      names = "--max-body",
      paramLabel = "SIZE",
      defaultValue = "8M",
      converter = MemorySize.class,
      description = "Largest body of a request (${DEFAULT-VALUE}).")
  private long maxBody;

  @Option(
      names = "--max-prompt",
      paramLabel = "TOKENS",
      description = "Longest prompt (default: what the context holds).")
  private Integer maxPrompt;

  @Option(
      names = "--max-time",
      paramLabel = "SECONDS",
      defaultValue = "3600",
      description = "What a text may take, its wait included (${DEFAULT-VALUE}).")
  private long maxTime;

  @Option(
      names = "--client-time",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description =
          "What a request may take to come, and a client to take a piece of an answer"
              + " (${DEFAULT-VALUE}).")
  private long clientTime;

  @Option(
      names = "--grace",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description = "How long texts may go on when the server ends (${DEFAULT-VALUE}).")
  private long grace;

  @Option(
      names = "--connections",
      paramLabel = "N",
      defaultValue = "1024",
      description = "Connections at a time (${DEFAULT-VALUE}).")
  private int connections;

  @Mixin private ModelFlags model;
  @Mixin private AttentionFlags attention;

  @Override
  public Integer call() throws InterruptedException {
    if (parallel < 1 || queue < 0) {
      throw new UsageException("--parallel must be at least 1, --queue must not be negative");
    }
    Optional<ApiKey> key = key();
    try (Checkpoint checkpoint = model.load()) {
      ResaConfig config = attention.config(checkpoint.defaults().attention());
      ServerOptions options = options(checkpoint, key);
      try (Resa resa =
          model
              .builder(checkpoint, Optional.empty(), config)
              .sequences(parallel)
              .queueCapacity(queue)
              .build()) {
        serve(
            resa,
            resa.defaults().withAttention(attention.settled(resa, checkpoint.defaults(), config)),
            options);
      }
    }
    return 0;
  }

  private void serve(Resa resa, GenerationOptions defaults, ServerOptions options)
      throws InterruptedException {
    ResaServer server = ResaServer.start(resa, defaults, options);
    CountDownLatch closed = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  System.err.println("resa: ending; texts may go on for " + grace + " s");
                  server.close();
                  closed.countDown();
                }));
    StartLines.of(resa, defaults.attention(), model).forEach(System.err::println);
    System.err.printf(
        "resa: serving %s on http://%s:%d/v1, %d at once and %d waiting, %s%n",
        options.modelId(),
        host.indexOf(':') < 0 ? host : "[" + host + "]",
        server.port(),
        parallel,
        queue,
        options.apiKey().isPresent() ? "with a key" : "without a key");
    if (options.apiKey().isEmpty() && !isLoopback()) {
      System.err.println(
          "resa: whoever reaches this address can use it; --api-key-file asks for a key");
    }
    closed.await();
  }

  private ServerOptions options(Checkpoint checkpoint, Optional<ApiKey> key) {
    return UsageException.unlessMade(
        () ->
            new ServerOptions(
                host,
                port,
                modelId != null ? modelId : checkpoint.model().name(),
                key,
                (int) Math.min(Integer.MAX_VALUE, maxBody),
                maxPrompt != null ? maxPrompt : Integer.MAX_VALUE,
                Duration.ofSeconds(maxTime),
                Duration.ofSeconds(clientTime),
                Duration.ofSeconds(75),
                Duration.ofSeconds(grace),
                connections));
  }

  private Optional<ApiKey> key() {
    if (apiKey != null && apiKeyFile != null) {
      throw new UsageException("--api-key and --api-key-file are two keys; give one");
    }
    String key = apiKey != null ? apiKey : System.getenv(KEY_VARIABLE);
    if (apiKeyFile != null) {
      try {
        key = Files.readString(apiKeyFile).lines().findFirst().orElse("").strip();
      } catch (IOException e) {
        throw new InputException(apiKeyFile + " cannot be read: " + e.getMessage(), e);
      }
    }
    String given = key;
    return given == null
        ? Optional.empty()
        : Optional.of(UsageException.unlessMade(() -> new ApiKey(given)));
  }

  private boolean isLoopback() {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
