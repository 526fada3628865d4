package org.resa4j.cli.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;

/** A hub on this machine; large files come from a second server, as from a content network. */
final class FakeHub implements AutoCloseable {
  static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  private static final int LARGE = 1000;

  private final HttpServer hub = server();
  private final HttpServer network = server();
  private final Map<String, byte[]> files = new LinkedHashMap<>();

  /** Method, path and what else a test wants to know, in order. */
  final List<String> asked = new ArrayList<>();

  /** Bytes after which an answer of the network ends, the next first; then they are whole. */
  final List<Integer> cuts = new ArrayList<>();

  /** Whether the network hears of ranges. */
  boolean ranges = true;

  /** Whether what is cut short stays open. */
  boolean stalls;

  /** Answered instead of anything; 0 for none. */
  int status;

  /** What a checksum is told to be. */
  String lie = "";

  FakeHub() {
    hub.createContext("/", this::answer);
    network.createContext("/", this::send);
    hub.start();
    network.start();
  }

  private static HttpServer server() {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static URI uri(HttpServer server) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  URI uri() {
    return uri(hub);
  }

  FakeHub with(String name, byte[] contents) {
    files.put(name, contents);
    return this;
  }

  FakeHub with(String name, String contents) {
    return with(name, contents.getBytes(StandardCharsets.UTF_8));
  }

  private synchronized void note(HttpExchange exchange, String who) {
    asked.add(
        "%s %s range=%s token=%s"
            .formatted(
                who,
                exchange.getRequestURI().getPath(),
                exchange.getRequestHeaders().getFirst("Range"),
                exchange.getRequestHeaders().getFirst("Authorization")));
  }

  private void answer(HttpExchange exchange) throws IOException {
    note(exchange, "hub");
    String path = exchange.getRequestURI().getPath();
    String resolve = "/owner/model/resolve/" + COMMIT + "/";
    if (status != 0) {
      exchange.sendResponseHeaders(status, -1);
    } else if (path.equals("/api/models/owner/model/revision/main")) {
      byte[] body = listing().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    } else if (path.startsWith(resolve) && files.containsKey(path.substring(resolve.length()))) {
      byte[] body = files.get(path.substring(resolve.length()));
      if (body.length < LARGE) {
        exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
      } else {
        exchange
            .getResponseHeaders()
            .set("Location", uri(network) + "/" + path.substring(resolve.length()));
        exchange.sendResponseHeaders(302, -1);
      }
    } else {
      exchange.sendResponseHeaders(404, -1);
    }
    exchange.close();
  }

  private void send(HttpExchange exchange) throws IOException {
    note(exchange, "network");
    byte[] all = files.get(exchange.getRequestURI().getPath().substring(1));
    String range = exchange.getRequestHeaders().getFirst("Range");
    int from = ranges && range != null ? Integer.parseInt(range.replaceAll("\\D", "")) : 0;
    byte[] body = Arrays.copyOfRange(all, from, all.length);
    if (from > 0) {
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes %d-%d/%d".formatted(from, all.length - 1, all.length));
    }
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, body.length);
    OutputStream out = exchange.getResponseBody();
    if (cuts.isEmpty()) {
      out.write(body);
      exchange.close();
      return;
    }
    out.write(body, 0, cuts.removeFirst());
    out.flush();
    if (!stalls) {
      // Less than was announced.
      exchange.close();
    }
  }

  private String listing() {
    List<String> siblings = new ArrayList<>();
    files.forEach(
        (name, body) -> {
          String large =
              body.length < LARGE
                  ? ""
                  : ",\"lfs\":{\"sha256\":\"%s\",\"size\":%d}"
                      .formatted(lie.isEmpty() ? hex("SHA-256", body) : lie, body.length);
          byte[] head = ("blob " + body.length + "\0").getBytes(StandardCharsets.US_ASCII);
          byte[] blob = Arrays.copyOf(head, head.length + body.length);
          System.arraycopy(body, 0, blob, head.length, body.length);
          siblings.add(
              "{\"rfilename\":\"%s\",\"size\":%d,\"blobId\":\"%s\"%s}"
                  .formatted(name, body.length, hex("SHA-1", blob), large));
        });
    return "{\"id\":\"owner/model\",\"sha\":\"%s\",\"siblings\":[%s]}"
        .formatted(COMMIT, String.join(",", siblings));
  }

  private static String hex(String algorithm, byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    hub.stop(0);
    network.stop(0);
  }
}
