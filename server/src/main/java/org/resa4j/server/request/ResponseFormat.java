package org.resa4j.server.request;

import java.util.Optional;
import org.resa4j.chat.AnswerFormat;
import org.resa4j.error.SchemaException;
import org.resa4j.grammar.schema.JsonSchema;
import tools.jackson.databind.JsonNode;

/** Reads what the answer of a chat must be. */
final class ResponseFormat {
  private static final String JSON_SCHEMA = "json_schema";
  private static final String SCHEMA = "schema";

  private ResponseFormat() {}

  static AnswerFormat of(Fields request) {
    Optional<Fields> format = request.object("response_format");
    if (format.isEmpty()) {
      return AnswerFormat.FREE;
    }
    AnswerFormat answer =
        switch (format.get().requiredText("type")) {
          case "text" -> AnswerFormat.FREE;
          case "json_object" -> AnswerFormat.JSON_OBJECT;
          case JSON_SCHEMA -> new AnswerFormat.Described(schema(format.get()));
          default -> throw format.get().wrong("type", "text, json_object or json_schema");
        };
    format.get().nothingElse();
    return answer;
  }

  private static JsonSchema schema(Fields format) {
    Fields described =
        format
            .object(JSON_SCHEMA)
            .orElseThrow(() -> ApiException.missing(format.name(JSON_SCHEMA)));
    described.requiredText("name");
    described.text("description");
    // Without it the answer is held to the schema as well.
    described.flag("strict");
    if (!described.has(SCHEMA)) {
      throw ApiException.missing(described.name(SCHEMA));
    }
    JsonNode schema = described.node(SCHEMA);
    described.nothingElse();
    try {
      return JsonSchema.of(schema);
    } catch (SchemaException e) {
      String field = described.name(SCHEMA) + (e.path().isEmpty() ? "" : "." + e.path());
      throw switch (e.fault()) {
        case INVALID -> ApiException.invalid(field, e.getMessage());
        case UNSUPPORTED -> ApiException.unsupported(field, e.getMessage());
      };
    }
  }
}
