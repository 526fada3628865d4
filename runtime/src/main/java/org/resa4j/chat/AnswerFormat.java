package org.resa4j.chat;

import java.util.Objects;
import org.resa4j.grammar.schema.JsonSchema;

/** What an answer must be. */
public sealed interface AnswerFormat {
  /** Whatever the model writes. */
  AnswerFormat FREE = new Free();

  /** A JSON object, RFC 8259. */
  AnswerFormat JSON_OBJECT = new JsonObject();

  /** Whatever the model writes; see {@link #FREE}. */
  record Free() implements AnswerFormat {}

  /** A JSON object; see {@link #JSON_OBJECT}. */
  record JsonObject() implements AnswerFormat {}

  /** JSON that a schema describes. */
  record Described(JsonSchema schema) implements AnswerFormat {
    public Described {
      Objects.requireNonNull(schema, "a schema");
    }
  }
}
