package org.resa4j.server;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import tools.jackson.databind.JsonNode;

/**
 * Server-sent events, each some JSON; a client that takes none for too long is cut. Thread-safe.
 */
final class EventStream implements AutoCloseable {
  private static final byte[] BEGIN = "data: ".getBytes(StandardCharsets.UTF_8);
  private static final byte[] END = "\n\n".getBytes(StandardCharsets.UTF_8);
  private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.UTF_8);

  private final Client client;
  private final Duration patience;
  private final OutputStream out;
  private final ReentrantLock lock = new ReentrantLock();

  /** Begins an answer, which has no other status any more. */
  EventStream(ServerResponse response, Client client, Duration patience) {
    this.client = client;
    this.patience = patience;
    response.header(HeaderNames.CONTENT_TYPE, "text/event-stream; charset=utf-8");
    response.header(HeaderNames.CACHE_CONTROL, "no-cache");
    // Proxies are to pass on each event.
    response.header(HeaderNames.create("X-Accel-Buffering"), "no");
    out = response.outputStream();
  }

  /**
   * Sends an event.
   *
   * @throws CloseConnectionException if the client is gone
   */
  void send(JsonNode json) {
    write(Json.bytes(json));
  }

  /** Says that there is no more. */
  void done() {
    write(DONE);
  }

  private void write(byte[] data) {
    lock.lock();
    try {
      client.mustGoOnWithin(patience);
      out.write(BEGIN);
      out.write(data);
      out.write(END);
      out.flush();
      client.mayWait();
    } catch (IOException e) {
      throw new CloseConnectionException("the client is gone", e);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw new CloseConnectionException("the client is gone", e);
    }
  }
}
