package org.resa4j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.resa4j.error.InputException;
import tools.jackson.databind.node.ObjectNode;

/** What stands before the model: key, sizes, times, and whatever clients may send. */
class GuardTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final String KEY = "sk-right";

  @Test
  void withoutTheKeyNothingIsAnsweredButHealth() {
    try (Served served = Served.start(b -> b, o -> o.withApiKey(new ApiKey(KEY)))) {
      String chat = Served.chat("Hello").toString();
      for (String header :
          new String[] {"Bearer sk-wrong", "Bearer", "Basic " + KEY, KEY, "Bearer " + KEY + "x"}) {
        var response = Served.send(served.post(CHAT, chat).header("Authorization", header));
        assertThat(Served.error(401, response).path("code").asString())
            .isEqualTo("invalid_api_key");
        assertThat(response.headers().firstValue("WWW-Authenticate")).contains("Bearer");
      }
      for (String path : new String[] {"/metrics", "/props", "/v1/models", "/nowhere"}) {
        Served.error(401, served.get(path));
      }
      assertThat(served.get("/health").statusCode()).isEqualTo(200);
      var right = served.post(CHAT, chat).header("authorization", "bearer " + KEY);
      assertThat(Served.send(right).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void anotherSitesNameLeadsNowhere() throws IOException {
    try (Served served = Served.start(b -> b, o -> o)) {
      for (String path : List.of("/props", "/", "/health")) {
        assertThat(statusLine(served, path, "evil.example:8080")).contains(" 403 ");
        assertThat(statusLine(served, path, "localhost")).contains(" 200 ");
      }
    }
  }

  private static String statusLine(Served served, String path, String host) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", served.server.port())) {
      String head =
          "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n".formatted(path, host);
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      return new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
          .readLine();
    }
  }

  @Test
  void aKeyIsAWord() {
    assertThatThrownBy(() -> new ApiKey("")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new ApiKey("a b")).isInstanceOf(IllegalArgumentException.class);
    assertThat(new ApiKey("k").isIn(Optional.empty())).isFalse();
  }

  private static ServerOptions small(ServerOptions o) {
    return new ServerOptions(
        o.host(),
        o.port(),
        o.modelId(),
        o.apiKey(),
        2000,
        50,
        o.maxTime(),
        Duration.ofMillis(500),
        Duration.ofMillis(700),
        o.grace(),
        o.mostConnections());
  }

  @Test
  void bodiesAndPromptsAreBounded() {
    try (Served served = Served.start(b -> b, GuardTest::small)) {
      String large = Served.chat("x".repeat(5000)).toString();
      assertThat(served.refused(413, CHAT, large).path("code").asString())
          .isEqualTo("body_too_large");
      // In chunks, so that its length is not known before.
      var chunks =
          served
              .request(CHAT)
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofByteArrays(List.of(large.getBytes(StandardCharsets.UTF_8))));
      Served.error(413, Served.send(chunks));
      assertThat(
              served
                  .refused(400, CHAT, Served.chat("a b c d ".repeat(30)).toString())
                  .path("code")
                  .asString())
          .isEqualTo("context_length_exceeded");
      served.ask(CHAT, Served.chat("Hi").toString());
    }
  }

  @Test
  void clientsThatSendTooSlowlyAreCut() throws Exception {
    try (Served served = Served.start(b -> b, GuardTest::small)) {
      // One that says nothing, one that stops within the head, one that drips its body.
      try (Socket silent = new Socket("127.0.0.1", served.server.port());
          Socket half = new Socket("127.0.0.1", served.server.port());
          Socket drips = new Socket("127.0.0.1", served.server.port())) {
        half.getOutputStream().write("POST /v1/chat".getBytes(StandardCharsets.US_ASCII));
        drips
            .getOutputStream()
            .write(
                ("POST "
                        + CHAT
                        + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 1000\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
        Thread dripping =
            Thread.startVirtualThread(
                () -> {
                  try {
                    for (int i = 0; i < 1000; i++) {
                      drips.getOutputStream().write(' ');
                      Thread.sleep(50);
                    }
                  } catch (IOException | InterruptedException e) {
                    // It was cut.
                  }
                });
        for (Socket socket : new Socket[] {silent, half, drips}) {
          socket.setSoTimeout(10_000);
          assertEnds(socket.getInputStream());
        }
        assertThat(dripping.join(Duration.ofSeconds(10))).isTrue();
      }
      served.ask(CHAT, Served.chat("Hi").toString());
    }
  }

  private static void assertEnds(InputStream in) {
    try {
      assertThat(in.readAllBytes()).isEmpty();
    } catch (SocketTimeoutException e) {
      throw new AssertionError("it was not cut", e);
    } catch (IOException e) {
      // Cut as well.
    }
  }

  @Test
  void whatIsNotCalledJsonIsNotRead() {
    try (Served served = Served.start()) {
      var plain =
          served
              .request(CHAT)
              .header("Content-Type", "text/plain")
              .POST(BodyPublishers.ofString(Served.chat("Hi").toString()));
      Served.error(415, Served.send(plain));
    }
  }

  @Test
  void aPortThatIsTakenIsTold() {
    try (Served served = Served.start()) {
      assertThatThrownBy(
              () ->
                  ResaServer.start(
                      served.resa,
                      served.resa.defaults(),
                      ServerOptions.local("x", served.server.port())))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("port " + served.server.port());
    }
  }

  /** Whatever comes, the answer is right or an error of the request, and the server goes on. */
  @Test
  void requestsThatAreNearlyRightHarmNothing() {
    long seed = Long.getLong("resa.fuzz.seed", 1);
    Random random = new Random(seed);
    ObjectNode request = Served.chat("Hello, who are you?");
    request.put("max_tokens", 3).put("temperature", 0.7).put("stream", false);
    request.putArray("stop").add("x");
    request
        .putArray("tools")
        .add(
            Served.json(
                "{\"type\": \"function\", \"function\": {\"name\": \"f\", \"parameters\": {}}}"));
    request.putObject("chat_template_kwargs").put("enable_thinking", true);
    request.putObject("response_format").put("type", "text");
    String right = request.toString();
    try (Served served = Served.start()) {
      for (int i = 0; i < 500; i++) {
        byte[] mutant = mutate(right.getBytes(StandardCharsets.UTF_8), random);
        var response =
            Served.send(
                served
                    .request(CHAT)
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofByteArray(mutant)));
        assertThat(response.statusCode())
            .as("seed %d, request %d: %s", seed, i, new String(mutant, StandardCharsets.UTF_8))
            .isIn(200, 400, 404);
        if (response.statusCode() != 200) {
          Served.error(response.statusCode(), response);
        }
      }
      served.ask(CHAT, right);
    }
  }

  private static final String[] PIECES = {
    "null",
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    ":",
    "-1",
    "1e999",
    "99999999999999999999",
    "\u0000",
    "\\ud800",
    "true",
    "{{",
    "{%",
    "\"role\"",
    "\"content\"",
    "[[[[[[[[",
    "é",
    "\"n\":200,"
  };

  private static byte[] mutate(byte[] bytes, Random random) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    for (int times = 1 + random.nextInt(3); times > 0; times--) {
      int at = random.nextInt(text.length());
      int end = Math.min(text.length(), at + random.nextInt(6));
      String piece = random.nextInt(3) == 0 ? "" : PIECES[random.nextInt(PIECES.length)];
      text = text.substring(0, at) + piece + text.substring(end);
    }
    byte[] mutant = text.getBytes(StandardCharsets.UTF_8);
    if (random.nextInt(5) == 0) {
      mutant[random.nextInt(mutant.length)] = (byte) random.nextInt(256);
    }
    return mutant;
  }
}
