package org.resa4j.server;

import io.helidon.common.socket.SocketOptions;
import io.helidon.http.HttpPrologue;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http1.Http1ConnectionListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * All connections, looked at several times a second by a thread of their own: those are cut whose
 * clients send, or take, too slowly; of those that are gone their texts hear. Stands where the
 * server accepts connections, and where it begins to read requests.
 */
final class Clients implements SocketOptions, Http1ConnectionListener, AutoCloseable {
  private static final Duration LOOKS = Duration.ofMillis(50);

  /** What the server's own watch over idle sockets counts to; ours is earlier. */
  private static final int NEVER_MILLIS = Integer.MAX_VALUE;

  private final SocketOptions options = SocketOptions.builder().tcpNoDelay(true).buildPrototype();
  private final Map<SocketAddress, Client> clients = new ConcurrentHashMap<>();
  private final ServerOptions limits;
  private final Thread looker;
  private volatile boolean closed;

  Clients(ServerOptions limits) {
    this.limits = limits;
    looker = Thread.ofPlatform().daemon().name("resa-clients").start(this::look);
  }

  private void look() {
    while (!closed) {
      clients.values().forEach(Client::look);
      clients.values().removeIf(client -> !client.isOpen());
      try {
        Thread.sleep(LOOKS);
      } catch (InterruptedException e) {
        // Only by close(), which has said so.
      }
    }
  }

  /** The client of a request. */
  Client of(ServerRequest request) {
    Client client = clients.get(request.remotePeer().address());
    if (client == null) {
      throw new IllegalStateException("a request of a connection that is cut");
    }
    return client;
  }

  /** A connection has been accepted. */
  @Override
  public void configureSocket(SocketChannel channel) {
    options.configureSocket(channel);
    try {
      channel.socket().setSoTimeout(NEVER_MILLIS);
      Client client = new Client(channel);
      client.mustGoOnWithin(limits.idleTime());
      clients.put(channel.getRemoteAddress(), client);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The first line of a request has come. */
  @Override
  public void prologue(ConnectionContext connection, HttpPrologue prologue) {
    Client client = clients.get(connection.remotePeer().address());
    if (client != null) {
      client.asks(connection.serverSocket(), limits.bodyTime());
    }
  }

  /** Cuts those whose clients ask nothing; returns when they are gone. */
  void cutIdle() {
    clients.values().forEach(Client::cutIfIdle);
    try {
      // Each is closed at the look after next.
      Thread.sleep(LOOKS.multipliedBy(3));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed = true;
    looker.interrupt();
  }

  @Override
  public void configureSocket(Socket socket) {
    options.configureSocket(socket);
  }

  @Override
  public Map<SocketOption<?>, Object> socketOptions() {
    return options.socketOptions();
  }

  @Override
  public Duration connectTimeout() {
    return options.connectTimeout();
  }

  @Override
  public Duration readTimeout() {
    return options.readTimeout();
  }

  @Override
  public Optional<Integer> socketReceiveBufferSize() {
    return options.socketReceiveBufferSize();
  }

  @Override
  public Optional<Integer> socketSendBufferSize() {
    return options.socketSendBufferSize();
  }

  @Override
  public boolean socketReuseAddress() {
    return options.socketReuseAddress();
  }

  @Override
  public boolean socketKeepAlive() {
    return options.socketKeepAlive();
  }

  @Override
  public boolean tcpNoDelay() {
    return options.tcpNoDelay();
  }
}
