package org.resa4j.langchain4j;

import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import org.resa4j.error.BusyException;
import org.resa4j.error.DeviceException;
import org.resa4j.error.InputException;
import org.resa4j.error.NonFiniteException;
import org.resa4j.error.SchemaException;
import org.resa4j.error.UnsupportedException;

/** What went wrong, as LangChain4j's exceptions, which say whether to ask again helps. */
final class Failures {
  private Failures() {}

  static RuntimeException of(RuntimeException fault) {
    return switch (fault) {
      case BusyException e -> new RateLimitException(e.getMessage(), e);
      case DeviceException e -> new InternalServerException(e.getMessage(), e);
      case NonFiniteException e -> new InternalServerException(e.getMessage(), e);
      case UnsupportedException e -> unsupported(e);
      case SchemaException e -> schema(e);
      case InputException e -> new InvalidRequestException(e.getMessage(), e);
      case IllegalArgumentException e -> new InvalidRequestException(e.getMessage(), e);
      default -> fault;
    };
  }

  private static RuntimeException schema(SchemaException e) {
    return switch (e.fault()) {
      case INVALID -> new InvalidRequestException(e.getMessage(), e);
      case UNSUPPORTED -> unsupported("JSON response format is not supported: ", e);
    };
  }

  private static UnsupportedFeatureException unsupported(UnsupportedException e) {
    String what =
        switch (e.feature()) {
          case CHAT -> "chat is not supported: ";
          case TOOLS -> "tools are not supported: ";
          case REQUIRED_CALL -> "ToolChoice.REQUIRED is not supported: ";
          case JSON -> "JSON response format is not supported: ";
        };
    return unsupported(what, e);
  }

  private static UnsupportedFeatureException unsupported(String what, InputException e) {
    UnsupportedFeatureException unsupported =
        new UnsupportedFeatureException(what + e.getMessage());
    unsupported.initCause(e);
    return unsupported;
  }
}
