package org.resa4j.tokenizer.pipeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What is put around the tokens of a text.
 *
 * @param parts tokens, and {@link #TEXT} where the text's own go
 */
record PostProcessor(int[] parts) {
  static final int TEXT = -1;
  static final PostProcessor NONE = new PostProcessor(new int[] {TEXT});

  /** Nothing but the text may come more often. */
  private static final int MOST_PARTS = 1_024;

  /** Whether an id is one of the tokenizer's. */
  interface Ids {
    boolean has(int id);
  }

  int[] process(int[] tokens) {
    IntList result = new IntList();
    for (int part : parts) {
      if (part == TEXT) {
        result.addAll(tokens);
      } else {
        result.add(part);
      }
    }
    return result.toArray();
  }

  /** The same with exactly this token before a text. */
  PostProcessor withFirst(OptionalInt token) {
    IntList changed = new IntList();
    token.ifPresent(changed::add);
    changed.addAll(Arrays.copyOfRange(parts, indexOfText(), parts.length));
    return new PostProcessor(changed.toArray());
  }

  /** The same with exactly this token after a text. */
  PostProcessor withLast(OptionalInt token) {
    IntList changed = new IntList();
    changed.addAll(Arrays.copyOf(parts, indexOfText() + 1));
    token.ifPresent(changed::add);
    return new PostProcessor(changed.toArray());
  }

  /** The token before a text, if it is one. */
  OptionalInt onlyFirst() {
    return indexOfText() == 1 ? OptionalInt.of(parts[0]) : OptionalInt.empty();
  }

  /** The token after a text, if it is one. */
  OptionalInt onlyLast() {
    return parts.length - indexOfText() == 2
        ? OptionalInt.of(parts[parts.length - 1])
        : OptionalInt.empty();
  }

  private int indexOfText() {
    int index = 0;
    while (parts[index] != TEXT) {
      index++;
    }
    return index;
  }

  boolean changesNothing() {
    return parts.length == 1 && parts[0] == TEXT;
  }

  static PostProcessor read(Fields fields, Ids ids) {
    PostProcessor read =
        switch (fields.type()) {
          case "ByteLevel" -> {
            // Changes offsets only.
            fields.ignore("add_prefix_space", "trim_offsets", "use_regex");
            yield NONE;
          }
          case "TemplateProcessing" -> template(fields, ids);
          case "BertProcessing" -> around(fields, ids);
          case "RobertaProcessing" ->
              around(fields.ignore("trim_offsets", "add_prefix_space"), ids);
          case "Sequence" -> sequence(fields, ids);
          default -> throw fields.refuse("unknown type");
        };
    fields.end();
    return read;
  }

  private static PostProcessor sequence(Fields fields, Ids ids) {
    List<PostProcessor> adding =
        fields.components("processors").stream()
            .map(part -> read(part, ids))
            .filter(part -> !part.changesNothing())
            .toList();
    if (adding.size() > 1) {
      throw fields.refuse("more than one of its parts adds tokens");
    }
    return adding.isEmpty() ? NONE : adding.getFirst();
  }

  private static PostProcessor around(Fields fields, Ids ids) {
    int first = pair(fields, "cls", ids);
    int last = pair(fields, "sep", ids);
    return new PostProcessor(new int[] {first, TEXT, last});
  }

  /** The id of {@code ["token", id]}. */
  private static int pair(Fields fields, String name, Ids ids) {
    List<?> pair = fields.list(name);
    if (pair.size() == 2 && pair.get(0) instanceof String) {
      return known(fields, name, pair.get(1), ids);
    }
    throw fields.refuse("\"%s\" must be a token and its id".formatted(name));
  }

  private static int known(Fields fields, String name, Object id, Ids ids) {
    if (id instanceof Long number
        && number >= 0
        && number < Vocabulary.ID_LIMIT
        && ids.has(number.intValue())) {
      return number.intValue();
    }
    throw fields.refuse("\"%s\" has %s, which is no token's id".formatted(name, id));
  }

  private static PostProcessor template(Fields fields, Ids ids) {
    Fields tokens = fields.object("special_tokens");
    List<?> single = fields.list("single");
    fields.ignore("pair");
    IntList parts = new IntList();
    for (Object item : single) {
      Fields piece = Fields.of(fields.source(), fields.component() + ".single", item);
      String kind = piece.onlyName();
      Fields inside = piece.object(kind);
      String name = inside.string("id");
      inside.ignore("type_id").end();
      switch (kind) {
        case "Sequence" -> {
          if (!name.equals("A")) {
            throw fields.refuse("\"single\" has the second text of a pair");
          }
          parts.add(TEXT);
        }
        case "SpecialToken" -> special(fields, tokens, name, ids).forEach(parts::add);
        default -> throw fields.refuse("\"single\" has a %s".formatted(kind));
      }
      if (parts.size() > MOST_PARTS) {
        throw fields.refuse("\"single\" has more than %d parts".formatted(MOST_PARTS));
      }
    }
    int[] all = parts.toArray();
    if (Arrays.stream(all).filter(part -> part == TEXT).count() != 1) {
      throw fields.refuse("\"single\" must have the text, once");
    }
    return new PostProcessor(all);
  }

  private static List<Integer> special(Fields fields, Fields tokens, String name, Ids ids) {
    if (!(tokens.peek(name) instanceof Map<?, ?> token)) {
      throw fields.refuse("\"special_tokens\" has no \"%s\"".formatted(name));
    }
    List<Integer> found = new ArrayList<>();
    if (!(token.get("ids") instanceof List<?> list)) {
      throw fields.refuse("\"special_tokens\" has no ids for \"%s\"".formatted(name));
    }
    for (Object id : list) {
      found.add(known(fields, name, id, ids));
    }
    return found;
  }
}
