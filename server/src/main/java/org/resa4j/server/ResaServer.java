package org.resa4j.server;

import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.resa4j.GenerationOptions;
import org.resa4j.Resa;
import org.resa4j.chat.Chats;
import org.resa4j.error.InputException;
import org.resa4j.server.request.ApiException;

/**
 * Serves a model over HTTP, as OpenAI's clients ask for texts and chats; {@code docs/server.md}
 * says what is there. The model stays the caller's to close, after this.
 *
 * <p>Thread-safe.
 */
public final class ResaServer implements AutoCloseable {
  /** For answers to be sent when their texts have ended. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  private static final Duration GLANCE = Duration.ofMillis(20);

  private final ServerOptions options;
  private final Clients clients;
  private final Writer writer;
  private final WebServer server;
  private int port;
  private boolean closed;

  private ResaServer(Resa resa, GenerationOptions defaults, ServerOptions options) {
    this.options = options;
    Metrics metrics = new Metrics();
    clients = new Clients(options);
    writer = new Writer(resa, metrics);
    Model model = new Model(resa, defaults, options);
    Chats chats = new Chats(resa);
    InfoApi info = new InfoApi(model, chats, writer, metrics);
    PageApi page = new PageApi();
    Guard guard = new Guard(options, clients, metrics);
    server =
        WebServer.builder()
            .host(options.host())
            .port(options.port())
            .shutdownHook(false)
            // Blocking sockets, which tell of clients that are gone.
            .useNio(false)
            .connectionOptions(clients)
            .addProtocol(Http1Config.builder().addReceiveListener(clients).build())
            .maxPayloadSize(options.mostBodyBytes())
            .maxTcpConnections(options.mostConnections())
            // Idle connections are watched by Clients.
            .idleConnectionTimeout(Duration.ofDays(1))
            .shutdownGracePeriod(options.grace().plus(LAST_WORDS))
            .directHandlers(directHandlers())
            .routing(
                routing ->
                    route(routing, guard, info, page)
                        .post(
                            "/v1/chat/completions", guard.keyed(new ChatApi(model, chats, writer)))
                        .post("/v1/completions", guard.keyed(new CompletionsApi(model, writer)))
                        .any("/v1/chat/completions", guard.keyed(ResaServer::wrongMethod))
                        .any("/v1/completions", guard.keyed(ResaServer::wrongMethod))
                        .any(guard.keyed(ResaServer::notThere)))
            .build();
  }

  private static HttpRouting.Builder route(
      HttpRouting.Builder routing, Guard guard, InfoApi info, PageApi page) {
    return routing
        .get("/", guard.open(page::page))
        .get(
            "/page/{name}",
            (request, response) ->
                guard
                    .open(http -> page.file(http, request.path().pathParameters().get("name")))
                    .handle(request, response))
        .get("/health", guard.open(info::health))
        .get("/metrics", guard.keyed(info::metrics))
        .get("/props", guard.keyed(info::props))
        .get("/v1/models", guard.keyed(info::models))
        .get(
            "/v1/models/{+id}",
            (request, response) ->
                guard
                    .keyed(http -> info.model(http, request.path().pathParameters().get("id")))
                    .handle(request, response))
        .post("/v1/embeddings", guard.keyed(info::embeddings));
  }

  /**
   * Begins to serve.
   *
   * @param defaults how texts are written where requests say nothing
   * @throws InputException if the address cannot be listened on
   */
  public static ResaServer start(Resa resa, GenerationOptions defaults, ServerOptions options) {
    checkAddress(options);
    ResaServer server = new ResaServer(resa, defaults, options);
    server.server.start();
    if (!server.server.isRunning()) {
      server.clients.close();
      throw cannotListen(options, "it could not be bound", null);
    }
    server.port = server.server.port();
    return server;
  }

  /** The server itself says in its log alone why it does not start. */
  private static void checkAddress(ServerOptions options) {
    try (ServerSocket socket = new ServerSocket()) {
      // As the server's own, which may follow at once on one that has ended.
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(options.host()), options.port()));
    } catch (IOException e) {
      throw cannotListen(options, e.getMessage(), e);
    }
  }

  private static InputException cannotListen(ServerOptions options, String why, IOException e) {
    return new InputException(
        "cannot listen on %s port %d: %s".formatted(options.host(), options.port(), why), e);
  }

  /** The port that it listens on, or did. */
  public int port() {
    return port;
  }

  private static void wrongMethod(Http http) {
    throw ApiException.of(
        405, "method_not_allowed", http.path() + " wants POST, not " + http.method());
  }

  private static void notThere(Http http) {
    throw ApiException.of(
        404, "unknown_url", "there is no %s %s".formatted(http.method(), http.path()));
  }

  /**
   * Faults that the server finds before there is a request to answer, in the form of all others.
   */
  private static DirectHandlers directHandlers() {
    DirectHandlers.Builder handlers = DirectHandlers.builder();
    for (DirectHandler.EventType type : DirectHandler.EventType.values()) {
      handlers.addHandler(
          type,
          (request, event, status, headers, message) -> {
            ApiException error =
                status.code() == 413
                    ? ApiException.of(413, "body_too_large", "the body is larger than it may be")
                    : status.code() >= 500
                        ? ApiException.server(status.code(), "internal_error", status.text())
                        : ApiException.of(
                            status.code(), "invalid_request", "the request is no valid HTTP");
            headers.set(HeaderNames.CONTENT_TYPE, Http.JSON);
            return DirectHandler.TransportResponse.builder()
                .status(status)
                .headers(headers)
                .keepAlive(false)
                .entity(Json.bytes(Errors.json(error)))
                .build();
          });
    }
    return handlers.build();
  }

  /**
   * Accepts nothing any more, lets texts go on for the time of grace, ends those that are left, and
   * returns when their clients have been told.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    writer.refuse();
    clients.cutIdle();
    Thread stopping = Thread.ofPlatform().name("resa-server-stop").start(server::stop);
    long end = System.nanoTime() + options.grace().toNanos();
    boolean interrupted = false;
    while (stopping.isAlive()) {
      if (!interrupted && writer.isBusy() && System.nanoTime() - end > 0) {
        writer.cancel();
      }
      try {
        stopping.join(GLANCE);
      } catch (InterruptedException e) {
        // Who waits has no more patience.
        interrupted = true;
        writer.cancel();
      }
    }
    clients.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
