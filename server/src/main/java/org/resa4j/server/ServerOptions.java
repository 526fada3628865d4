package org.resa4j.server;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How a server serves.
 *
 * @param host address to listen on
 * @param port 0 for any that is free
 * @param modelId the model's name for clients
 * @param apiKey what requests must have; empty for nothing
 * @param mostBodyBytes the largest body of a request
 * @param mostPromptTokens the longest prompt; the context is a limit in any case
 * @param maxTime how long a text may take, its wait included; it ends then as it is
 * @param bodyTime how long a request may take to come, and a client to take a piece of an answer
 * @param idleTime how long a connection may be idle
 * @param grace how long texts may go on when the server closes
 * @param mostConnections connections at a time
 */
public record ServerOptions(
    String host,
    int port,
    String modelId,
    Optional<ApiKey> apiKey,
    int mostBodyBytes,
    int mostPromptTokens,
    Duration maxTime,
    Duration bodyTime,
    Duration idleTime,
    Duration grace,
    int mostConnections) {
  private static final int MOST_PORT = 65535;

  /**
   * @throws IllegalArgumentException for a value outside its range, naming it
   */
  public ServerOptions {
    Objects.requireNonNull(apiKey, "an API key, or none");
    require(!host.isBlank(), "host must not be blank");
    require(port >= 0 && port <= MOST_PORT, "port must be from 0 to 65535, was " + port);
    require(!modelId.isBlank(), "modelId must not be blank");
    require(mostBodyBytes >= 1, "mostBodyBytes must be at least 1, was " + mostBodyBytes);
    require(mostPromptTokens >= 1, "mostPromptTokens must be at least 1, was " + mostPromptTokens);
    require(maxTime.isPositive(), "maxTime must be positive, was " + maxTime);
    require(bodyTime.isPositive(), "bodyTime must be positive, was " + bodyTime);
    require(idleTime.isPositive(), "idleTime must be positive, was " + idleTime);
    require(!grace.isNegative(), "grace must not be negative, was " + grace);
    require(mostConnections >= 1, "mostConnections must be at least 1, was " + mostConnections);
  }

  /** On a port of the loopback interface, without a key, with limits that suit most. */
  public static ServerOptions local(String modelId, int port) {
    return new ServerOptions(
        "127.0.0.1",
        port,
        modelId,
        Optional.empty(),
        8 << 20,
        Integer.MAX_VALUE,
        Duration.ofHours(1),
        Duration.ofSeconds(30),
        Duration.ofSeconds(75),
        Duration.ofSeconds(30),
        1024);
  }

  public ServerOptions withApiKey(ApiKey key) {
    return new ServerOptions(
        host,
        port,
        modelId,
        Optional.of(key),
        mostBodyBytes,
        mostPromptTokens,
        maxTime,
        bodyTime,
        idleTime,
        grace,
        mostConnections);
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
