package org.resa4j.server;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerResponse;
import org.resa4j.error.BusyException;
import org.resa4j.error.DeviceException;
import org.resa4j.error.InputException;
import org.resa4j.error.LimitException;
import org.resa4j.error.NonFiniteException;
import org.resa4j.error.UnsupportedException;
import org.resa4j.server.request.ApiException;
import tools.jackson.databind.node.ObjectNode;

/** What went wrong, as an answer. */
final class Errors {
  private static final System.Logger LOG = System.getLogger(Errors.class.getName());

  private Errors() {}

  /**
   * A fault of the submission of a text or of its writing.
   *
   * @param promptField what the request has the prompt in
   * @param retrySeconds when to ask again where too many ask
   */
  static ApiException of(RuntimeException fault, String promptField, int retrySeconds) {
    return switch (fault) {
      case ApiException e -> e;
      case BusyException e -> ApiException.busy(retrySeconds, e.getMessage());
      case LimitException e -> ApiException.tooLong(promptField, e.getMessage());
      case NonFiniteException e -> ApiException.server(500, "model_error", e.getMessage());
      case UnsupportedException e -> unsupported(e, promptField);
      case InputException e -> ApiException.invalid(promptField, e.getMessage());
      case DeviceException e -> {
        LOG.log(System.Logger.Level.ERROR, "a device is at fault", e);
        yield ApiException.server(500, "device_error", e.getMessage());
      }
      default -> fault(fault);
    };
  }

  private static ApiException unsupported(UnsupportedException e, String promptField) {
    return switch (e.feature()) {
      case CHAT ->
          ApiException.unsupported(promptField, e.getMessage() + "; /v1/completions has texts");
      case TOOLS -> ApiException.unsupported("tools", e.getMessage());
      case REQUIRED_CALL -> ApiException.unsupported("tool_choice", e.getMessage());
      case JSON -> ApiException.unsupported("response_format", e.getMessage());
    };
  }

  /** A fault of the program; its message is nobody's business but the log's. */
  static ApiException fault(Throwable fault) {
    LOG.log(System.Logger.Level.ERROR, "a request failed", fault);
    return ApiException.server(500, "internal_error", "a fault of the server; its log says more");
  }

  static ApiException closing() {
    return ApiException.server(503, "closing", "the server is closing");
  }

  static ObjectNode json(ApiException error) {
    ObjectNode root = Json.object();
    ObjectNode body = root.putObject("error");
    body.put("message", error.getMessage());
    body.put("type", error.type());
    body.put("param", error.param().orElse(null));
    body.put("code", error.code());
    return root;
  }

  static void send(ApiException error, ServerResponse response) {
    response.status(error.status());
    response.header(HeaderNames.CONTENT_TYPE, Http.JSON);
    if (error.status() == 401) {
      response.header(HeaderNames.WWW_AUTHENTICATE, "Bearer");
    }
    error
        .retrySeconds()
        .ifPresent(seconds -> response.header(HeaderNames.RETRY_AFTER, Integer.toString(seconds)));
    response.send(Json.bytes(json(error)));
  }
}
