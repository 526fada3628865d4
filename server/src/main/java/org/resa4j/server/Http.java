package org.resa4j.server;

import io.helidon.common.buffers.DataReader;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpMediaType;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.resa4j.server.request.ApiException;
import tools.jackson.databind.JsonNode;

/** One request and its answer. */
final class Http {
  static final String JSON = "application/json";

  private final ServerRequest request;
  private final ServerResponse response;
  private final Client client;
  private final ServerOptions options;
  private boolean streams;

  Http(ServerRequest request, ServerResponse response, Client client, ServerOptions options) {
    this.request = request;
    this.response = response;
    this.client = client;
    this.options = options;
  }

  Client client() {
    return client;
  }

  String path() {
    return request.path().rawPath();
  }

  String method() {
    return request.prologue().method().text();
  }

  /** The value of a header. */
  Optional<String> host() {
    return request.headers().first(HeaderNames.HOST);
  }

  Optional<String> authorization() {
    return request.headers().first(HeaderNames.AUTHORIZATION);
  }

  /**
   * The body, which has to be JSON and to be called that: no page of another site can have a
   * browser send such a request unasked.
   *
   * @throws ApiException if it is not
   * @throws CloseConnectionException if it does not come
   */
  JsonNode body() {
    Optional<String> type =
        request.headers().contentType().map(HttpMediaType::mediaType).map(each -> each.text());
    if (!type.orElse("").equalsIgnoreCase(JSON)) {
      throw ApiException.of(
          415, "unsupported_media_type", "the request's Content-Type must be " + JSON);
    }
    byte[] bytes;
    try {
      bytes = request.content().inputStream().readAllBytes();
    } catch (IOException | UncheckedIOException | DataReader.InsufficientDataAvailableException e) {
      throw new CloseConnectionException("the body does not come", e);
    }
    client.mayWait();
    return Json.read(bytes);
  }

  void send(JsonNode json) {
    send(JSON, Json.bytes(json), List.of());
  }

  void send(String type, String text) {
    send(type, text.getBytes(StandardCharsets.UTF_8), List.of());
  }

  void send(String type, byte[] bytes, List<Header> headers) {
    client.mustGoOnWithin(options.bodyTime());
    headers.forEach(response::header);
    response.header(HeaderNames.CONTENT_TYPE, type);
    response.send(bytes);
  }

  void send(ApiException error) {
    client.mustGoOnWithin(options.bodyTime());
    if (error.status() == 503) {
      response.header(HeaderValues.CONNECTION_CLOSE);
    }
    Errors.send(error, response);
  }

  /** Answers with events; there is no other answer then. */
  EventStream events() {
    streams = true;
    return new EventStream(response, client, options.bodyTime());
  }

  /** Whether the connection ends with it. */
  boolean isLast() {
    return request.headers().containsToken(HeaderValues.CONNECTION_CLOSE)
        || response.headers().containsToken(HeaderValues.CONNECTION_CLOSE);
  }

  /** Whether it answers with events. */
  boolean streams() {
    return streams;
  }
}
