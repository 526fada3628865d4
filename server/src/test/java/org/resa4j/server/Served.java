package org.resa4j.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.resa4j.Resa;
import org.resa4j.engine.Golden;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A server of a small model of random weights with Qwen3's chat template, and its client. */
final class Served implements AutoCloseable {
  static final String MODEL = "tiny";

  /** Texts of random weights may go on within a string for long. */
  static final int SEEDS = 30;

  private static final Logger LOG = Logger.getLogger("io.helidon");
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  final Resa resa;
  final ResaServer server;

  static {
    LOG.setLevel(Level.WARNING);
  }

  private Served(Resa resa, ResaServer server) {
    this.resa = resa;
    this.server = server;
  }

  static Served start() {
    return start(builder -> builder, options -> options);
  }

  static Served start(UnaryOperator<Resa.Builder> built, UnaryOperator<ServerOptions> options) {
    return start(directory(), built, options);
  }

  static Served start(
      Path model, UnaryOperator<Resa.Builder> built, UnaryOperator<ServerOptions> options) {
    Resa resa = built.apply(Resa.builder(model).engine("jvm").threads(1).sequences(4)).build();
    try {
      ServerOptions local = ServerOptions.local(MODEL, 0);
      return new Served(resa, ResaServer.start(resa, resa.defaults(), options.apply(local)));
    } catch (RuntimeException e) {
      resa.close();
      throw e;
    }
  }

  /** The model's directory: weights, tokenizer and template. */
  static synchronized Path directory() {
    Path directory = Golden.model("qwen2");
    Golden.file("models/qwen2/tokenizer.json");
    try (InputStream template = Served.class.getResourceAsStream("/chat-templates/qwen3.jinja")) {
      Path file = directory.resolve("chat_template.jinja");
      if (Files.notExists(file)) {
        Files.copy(template, file);
        file.toFile().deleteOnExit();
      }
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    server.close();
    resa.close();
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.port() + path);
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(60));
  }

  HttpRequest.Builder post(String path, String body) {
    return request(path)
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(body));
  }

  static HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return HTTP.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  HttpResponse<String> get(String path) {
    return send(request(path).GET());
  }

  /** An answer in JSON, with status 200. */
  JsonNode ask(String path, String body) {
    HttpResponse<String> response = send(post(path, body));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
    return json(response.body());
  }

  /**
   * The same of a text that ends by itself, with the first seed for which it does; it stays set.
   */
  JsonNode askUntilItEnds(String path, ObjectNode request) {
    for (int seed = 1; seed <= SEEDS; seed++) {
      JsonNode answer = ask(path, request.put("seed", seed).toString());
      if (!answer.path("choices").path(0).path("finish_reason").asString().equals("length")) {
        return answer;
      }
    }
    throw new AssertionError("no text ended");
  }

  /** The events of an answer that streams, without the last, which says that it is done. */
  List<JsonNode> stream(String path, String body) {
    HttpResponse<String> response = send(post(path, body));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("text/event-stream");
    List<String> events = events(response.body());
    assertThat(events.getLast()).isEqualTo("[DONE]");
    List<JsonNode> json = new ArrayList<>();
    events.subList(0, events.size() - 1).forEach(event -> json.add(json(event)));
    return json;
  }

  static List<String> events(String body) {
    List<String> events = new ArrayList<>();
    for (String event : body.split("\n\n")) {
      assertThat(event).startsWith("data: ");
      events.add(event.substring("data: ".length()));
    }
    return events;
  }

  /** An error of a status, in OpenAI's form. */
  JsonNode refused(int status, String path, String body) {
    return error(status, send(post(path, body)));
  }

  static JsonNode error(int status, HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    JsonNode error = json(response.body()).path("error");
    assertThat(error.path("message").asString("")).isNotBlank();
    assertThat(error.path("type").asString("")).isNotBlank();
    assertThat(error.has("param")).isTrue();
    assertThat(error.has("code")).isTrue();
    return error;
  }

  /** A metric's value. */
  double metric(String name) {
    return get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(end);
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text);
  }

  /** A chat of one message, and more of what a request has. */
  static ObjectNode chat(String message) {
    ObjectNode request = JsonMapper.shared().createObjectNode();
    request.put("model", MODEL);
    request.putArray("messages").addObject().put("role", "user").put("content", message);
    request.put("max_tokens", 20);
    request.put("seed", 1);
    return request;
  }
}
