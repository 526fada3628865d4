package org.resa4j.spark;

import java.io.Serializable;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.resa4j.Prompt;
import org.resa4j.error.InputException;
import org.resa4j.tokenizer.Message;

/** Finds prompt and seed of a row. */
final class RowPrompts implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final int NONE = -1;
  private static final String ROLE = "role";
  private static final String CONTENT = "content";

  private final String name;
  private final int column;
  private final boolean conversations;
  private final boolean asMessage;
  private final int seedColumn;

  private RowPrompts(
      String name, int column, boolean conversations, boolean asMessage, int seedColumn) {
    this.name = name;
    this.column = column;
    this.conversations = conversations;
    this.asMessage = asMessage;
    this.seedColumn = seedColumn;
  }

  /**
   * @throws IllegalArgumentException if there are no such columns, or their types are others
   */
  static RowPrompts of(StructType schema, String promptColumn, BatchOptions options) {
    int column = index(schema, promptColumn);
    DataType type = schema.fields()[column].dataType();
    boolean conversations = isConversation(type);
    if (!conversations && !(type instanceof StringType)) {
      throw new IllegalArgumentException(
          "prompts are strings, or arrays of structs with the strings role and content; column %s has the type %s"
              .formatted(promptColumn, type.catalogString()));
    }
    int seeds = NONE;
    if (options.seedColumn().isPresent()) {
      seeds = index(schema, options.seedColumn().get());
      DataType seed = schema.fields()[seeds].dataType();
      if (!List.of(DataTypes.IntegerType, DataTypes.LongType).contains(seed)) {
        throw new IllegalArgumentException(
            "seeds are integers; column %s has the type %s"
                .formatted(options.seedColumn().get(), seed.catalogString()));
      }
    }
    return new RowPrompts(promptColumn, column, conversations, options.hasChatTemplate(), seeds);
  }

  private static int index(StructType schema, String name) {
    List<String> names = List.of(schema.fieldNames());
    if (!names.contains(name)) {
      throw new IllegalArgumentException(
          "the dataset has no column %s, only %s".formatted(name, names));
    }
    if (Collections.frequency(names, name) > 1) {
      throw new IllegalArgumentException(
          "the dataset has more than one column %s; rename or drop the others".formatted(name));
    }
    return names.indexOf(name);
  }

  private static boolean isConversation(DataType type) {
    return type instanceof ArrayType array
        && array.elementType() instanceof StructType message
        && isString(message, ROLE)
        && isString(message, CONTENT);
  }

  private static boolean isString(StructType message, String field) {
    OptionalInt index = field(message, field);
    return index.isPresent() && message.fields()[index.getAsInt()].dataType() instanceof StringType;
  }

  private static OptionalInt field(StructType message, String name) {
    int index = List.of(message.fieldNames()).indexOf(name);
    return index < 0 ? OptionalInt.empty() : OptionalInt.of(index);
  }

  /**
   * @throws InputException if the row has none
   */
  Prompt prompt(Row row) {
    if (row.isNullAt(column)) {
      throw new InputException("the row has no prompt: column " + name + " is null");
    }
    if (conversations) {
      List<Message> messages = row.<Row>getList(column).stream().map(this::message).toList();
      if (messages.isEmpty()) {
        throw new InputException("the row has no prompt: column " + name + " has no messages");
      }
      return Prompt.chat(messages);
    }
    String text = row.getString(column);
    return asMessage ? Prompt.chat(List.of(Message.user(text))) : Prompt.text(text);
  }

  private Message message(Row message) {
    if (message == null) {
      throw new InputException("a message of column " + name + " is null");
    }
    try {
      return new Message(message.<String>getAs(ROLE), message.<String>getAs(CONTENT));
    } catch (IllegalArgumentException e) {
      throw new InputException("column " + name + ": " + e.getMessage(), e);
    }
  }

  /**
   * The seed of a row's text, the same wherever and whenever it is written.
   *
   * @param common the options' own
   * @throws InputException if the row should say it and does not
   */
  long seed(Row row, Prompt prompt, long common) {
    if (seedColumn == NONE) {
      // Hash codes of strings and of lists of them are the same in every process.
      return 31 * common + words(prompt).hashCode();
    }
    if (row.isNullAt(seedColumn)) {
      throw new InputException("the row has no seed");
    }
    return ((Number) row.get(seedColumn)).longValue();
  }

  private static List<String> words(Prompt prompt) {
    return switch (prompt) {
      case Prompt.Text text -> List.of(text.text());
      case Prompt.Chat chat ->
          chat.messages().stream()
              .flatMap(message -> Stream.of(message.role(), message.content()))
              .toList();
      case Prompt.Tokens tokens -> throw new AssertionError("rows have texts: " + tokens);
    };
  }
}
