package org.resa4j.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** Queues, clients that go, and the end. */
class LifecycleTest {
  private static final String CHAT = "/v1/chat/completions";
  @TempDir private Path directory;

  private static final String GONE = "resa_requests_total{outcome=\"client_gone\"}";

  /** One whose text goes on until the context is full. */
  private static ObjectNode endless(boolean stream) {
    return Served.chat("Hello").put("max_tokens", 1_000_000).put("stream", stream);
  }

  /** A model with a context that takes a while to fill. */
  private Path endlessModel() throws IOException {
    Path model = Files.createDirectories(directory.resolve("model"));
    try (Stream<Path> files = Files.list(Served.directory())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, model.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Path config = model.resolve("config.json");
    Files.writeString(config, Files.readString(config).replace("4096", "131072"));
    return model;
  }

  /** One text at a time. */
  private Served slow(int queue) throws IOException {
    return Served.start(
        endlessModel(), b -> b.sequences(1).queueCapacity(queue).contextLength(131072), o -> o);
  }

  /** A request whose answer the test does not read, over a connection of its own. */
  private static Socket open(Served served, ObjectNode request) throws IOException {
    byte[] body = request.toString().getBytes(StandardCharsets.UTF_8);
    Socket socket = new Socket("127.0.0.1", served.server.port());
    socket
        .getOutputStream()
        .write(
            ("POST "
                    + CHAT
                    + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Content-Length: "
                    + body.length
                    + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().write(body);
    return socket;
  }

  private static boolean isIdle(Served served) {
    return served.metric("resa_texts_running") + served.metric("resa_texts_waiting") == 0;
  }

  @Test
  void whereTheQueueIsFullRequestsAreToldWhenToAskAgain() throws Exception {
    try (Served served = slow(1)) {
      try (Socket runs = open(served, endless(true));
          Socket waits = open(served, endless(false))) {
        Served.await(
            () -> served.metric("resa_texts_running") + served.metric("resa_texts_waiting") == 2);
        HttpResponse<String> response = Served.send(served.post(CHAT, endless(false).toString()));
        assertThat(Served.error(429, response).path("code").asString()).isEqualTo("queue_full");
        assertThat(Integer.parseInt(response.headers().firstValue("Retry-After").orElseThrow()))
            .isBetween(1, 60);
        assertThat(runs.isConnected() && waits.isConnected()).isTrue();
      }
      Served.await(() -> isIdle(served));
      // Of several texts all wait or none.
      ObjectNode three = endless(false).put("n", 3);
      served.refused(429, CHAT, three.toString());
      Served.await(() -> isIdle(served));
      served.ask(CHAT, Served.chat("Hi").put("n", 2).toString());
    }
  }

  @Test
  void clientsThatGoEndTheirTextsWhereverTheyAre() throws Exception {
    try (Served served = slow(8)) {
      // One that streams, one whose answer comes whole, one that waits for its turn.
      for (List<Boolean> streams : List.of(List.of(true), List.of(false), List.of(true, false))) {
        double before = served.metric(GONE);
        Socket[] sockets = new Socket[streams.size()];
        for (int i = 0; i < sockets.length; i++) {
          sockets[i] = open(served, endless(streams.get(i)));
        }
        Served.await(
            () ->
                served.metric("resa_texts_running") + served.metric("resa_texts_waiting")
                    == sockets.length);
        long left = System.nanoTime();
        for (Socket socket : sockets) {
          socket.close();
        }
        Served.await(() -> isIdle(served));
        assertThat(Duration.ofNanos(System.nanoTime() - left)).isLessThan(Duration.ofSeconds(1));
        Served.await(() -> served.metric(GONE) == before + sockets.length);
      }
      Served.await(() -> served.metric("resa_texts_total{finish=\"cancelled\"}") == 4);
      served.ask(CHAT, Served.chat("Hi").toString());
    }
  }

  @Test
  void connectionsServeOneRequestAfterTheOther() throws Exception {
    try (Served served = Served.start();
        Socket socket = open(served, Served.chat("Hi"))) {
      InputStream in = socket.getInputStream();
      for (int i = 0; i < 5; i++) {
        assertThat(line(in)).isEqualTo("HTTP/1.1 200 OK");
        int length = 0;
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
          if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
            length = Integer.parseInt(line.substring("content-length:".length()).strip());
          }
        }
        assertThat(in.readNBytes(length)).hasSize(length);
        socket
            .getOutputStream()
            .write(
                ("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
      }
    }
  }

  @Test
  void aConnectionEndsWithTheRequestThatSaysSo() throws Exception {
    try (Served served = Served.start()) {
      for (boolean stream : new boolean[] {true, false}) {
        byte[] body = Served.chat("Hi").put("stream", stream).toString().getBytes(UTF_8);
        String head =
            "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Connection: close\r\nContent-Length: %d\r\n\r\n";
        try (Socket socket = new Socket("127.0.0.1", served.server.port())) {
          socket.setSoTimeout(10_000);
          socket.getOutputStream().write(head.formatted(CHAT, body.length).getBytes(UTF_8));
          socket.getOutputStream().write(body);
          String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
          assertThat(answer).startsWith("HTTP/1.1 200 OK").endsWith(stream ? "0\r\n\r\n" : "}");
        }
      }
    }
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Test
  void closingLetsTextsEndAndAcceptsNoOthers() throws Exception {
    Served served = Served.start();
    ObjectNode request = Served.chat("Hello").put("max_tokens", 3000);
    CompletableFuture<HttpResponse<String>> answer =
        CompletableFuture.supplyAsync(() -> Served.send(served.post(CHAT, request.toString())));
    Served.await(() -> served.resa.load().running() == 1);
    served.server.close();
    assertThat(answer.get().statusCode()).isEqualTo(200);
    assertThat(Served.json(answer.get().body()).path("usage").path("completion_tokens").asInt())
        .isEqualTo(3000);
    try (Socket none = new Socket("127.0.0.1", served.server.port())) {
      throw new AssertionError("it still listens: " + none);
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("refused");
    }
    served.close();
  }

  @Test
  void whatOutlivesTheTimeOfGraceIsToldSo() throws Exception {
    Served served =
        Served.start(
            endlessModel(),
            b -> b.sequences(2).contextLength(131072),
            o ->
                new ServerOptions(
                    o.host(),
                    o.port(),
                    o.modelId(),
                    o.apiKey(),
                    o.mostBodyBytes(),
                    o.mostPromptTokens(),
                    o.maxTime(),
                    o.bodyTime(),
                    o.idleTime(),
                    Duration.ofMillis(100),
                    o.mostConnections()));
    CompletableFuture<HttpResponse<String>> whole =
        CompletableFuture.supplyAsync(
            () -> Served.send(served.post(CHAT, endless(false).toString())));
    CompletableFuture<HttpResponse<String>> streams =
        CompletableFuture.supplyAsync(
            () -> Served.send(served.post(CHAT, endless(true).toString())));
    Served.await(() -> served.resa.load().running() == 2);
    served.server.close();
    assertThat(Served.error(503, whole.get()).path("code").asString()).isEqualTo("closing");
    List<String> events = Served.events(streams.get().body());
    assertThat(Served.json(events.getLast()).path("error").path("code").asString())
        .isEqualTo("closing");
    served.close();
  }
}
