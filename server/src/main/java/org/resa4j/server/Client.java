package org.resa4j.server;

import io.helidon.common.socket.HelidonSocket;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/**
 * One connection: until when its client must have done something, and who hears that it is gone.
 */
final class Client {
  private static final Runnable NOBODY = () -> {};

  private final SocketChannel channel;
  private volatile HelidonSocket socket;

  // By System.nanoTime; only where it is limited.
  private volatile boolean limited;
  private volatile long deadline;
  private volatile Runnable onGone = NOBODY;

  /** Whether no request has come since the last was answered. */
  private volatile boolean idle = true;

  private volatile boolean isCut;

  Client(SocketChannel channel) {
    this.channel = channel;
  }

  /**
   * A request begins.
   *
   * @param known the server's own view of the connection
   * @param time for all of it to come
   */
  void asks(HelidonSocket known, Duration time) {
    socket = known;
    idle = false;
    mustGoOnWithin(time);
  }

  /**
   * Its request has been answered.
   *
   * @param time for the next to begin
   */
  void isAnswered(Duration time) {
    mustGoOnWithin(time);
    idle = true;
  }

  /**
   * Its last request has been answered: the server, which would wait for the client to close the
   * connection, reads its end.
   *
   * @param time for what is left of the answer to be taken
   */
  void isAnsweredForGood(Duration time) {
    mustGoOnWithin(time);
    endInput();
  }

  /** From now on the connection is cut unless it has gone on within a time. */
  void mustGoOnWithin(Duration time) {
    deadline = System.nanoTime() + time.toNanos();
    limited = true;
  }

  /** It is ours to go on. */
  void mayWait() {
    limited = false;
  }

  /**
   * Listens for the end of the connection while its request is answered, and nothing is read.
   *
   * @param listener hears of it once, soon
   */
  void watch(Runnable listener) {
    onGone = listener;
    // Reads ahead a byte, which the next request gets.
    socket.idle();
  }

  void unwatch() {
    onGone = NOBODY;
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  /** Cuts the connection where it is overdue, and tells of it where it is gone. */
  void look() {
    if (isCut) {
      close();
    } else if (limited && System.nanoTime() - deadline > 0) {
      cut();
    }
    Runnable listener = onGone;
    if (listener != NOBODY && (!isOpen() || !socket.isConnected())) {
      onGone = NOBODY;
      listener.run();
    }
  }

  void cutIfIdle() {
    if (idle) {
      cut();
    }
  }

  /**
   * Ends what the client can send, which who reads takes for its end; what it does not take of an
   * answer is closed at the next look.
   */
  private void cut() {
    isCut = true;
    endInput();
  }

  private void endInput() {
    try {
      channel.shutdownInput();
    } catch (IOException e) {
      close();
    }
  }

  private void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // It is cut in any case.
    }
  }
}
