package org.resa4j.server.request;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A request that is answered with an error, in OpenAI's words: {@code {"error": {"message", "type",
 * "param", "code"}}}.
 */
public final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private static final String INVALID = "invalid_request_error";

  private final int status;
  private final String type;
  private final String param;
  private final String code;
  private final int retrySeconds;

  private ApiException(
      int status, String type, String param, String code, int retrySeconds, String message) {
    super(Objects.requireNonNull(message));
    this.status = status;
    this.type = type;
    this.param = param;
    this.code = code;
    this.retrySeconds = retrySeconds;
  }

  /** A field has a value that it cannot have; 400. */
  public static ApiException invalid(String field, String message) {
    return new ApiException(400, INVALID, field, "invalid_value", 0, message);
  }

  /** A field is missing; 400. */
  public static ApiException missing(String field) {
    return new ApiException(
        400, INVALID, field, "missing_required_parameter", 0, field + " is required");
  }

  /** A field asks for something that is not there; 400. */
  public static ApiException unsupported(String field, String message) {
    return new ApiException(400, INVALID, field, "unsupported_parameter", 0, message);
  }

  /** The prompt is too long; 400. */
  public static ApiException tooLong(String field, String message) {
    return new ApiException(400, INVALID, field, "context_length_exceeded", 0, message);
  }

  /** Another fault of the request. */
  public static ApiException of(int status, String code, String message) {
    return new ApiException(status, INVALID, null, code, 0, message);
  }

  /** There is no such thing; 404. */
  public static ApiException notFound(String field, String code, String message) {
    return new ApiException(404, INVALID, field, code, 0, message);
  }

  /** As many requests wait as may; 429. */
  public static ApiException busy(int retrySeconds, String message) {
    return new ApiException(429, "rate_limit_error", null, "queue_full", retrySeconds, message);
  }

  /** A fault that is none of the client's; 500 or above. */
  public static ApiException server(int status, String code, String message) {
    return new ApiException(status, "server_error", null, code, 0, message);
  }

  /** HTTP's status. */
  public int status() {
    return status;
  }

  public String type() {
    return type;
  }

  /** The field at fault. */
  public Optional<String> param() {
    return Optional.ofNullable(param);
  }

  public String code() {
    return code;
  }

  /** When to ask again. */
  public OptionalInt retrySeconds() {
    return retrySeconds > 0 ? OptionalInt.of(retrySeconds) : OptionalInt.empty();
  }
}
