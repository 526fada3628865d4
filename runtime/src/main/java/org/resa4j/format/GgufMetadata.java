package org.resa4j.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.resa4j.error.InputException;

/**
 * The keys of a GGUF file and their values, which stay in the file until they are asked for: a
 * vocabulary has hundreds of thousands.
 *
 * <p>What a key asks for must be of its kind: a whole number of any width, a float of either, a
 * truth value, text, or an array of one of them.
 *
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">the format</a>
 */
public final class GgufMetadata {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Path file;
  private final MemorySegment bytes;
  private final Map<String, Value> values;

  /**
   * A value that has been found to lie within the file.
   *
   * @param type its own, or that of its elements
   * @param count elements of an array; -1 for a single value
   * @param offset of the first of them
   */
  record Value(GgufType type, long count, long offset) {
    boolean isArray() {
      return count >= 0;
    }
  }

  GgufMetadata(Path file, MemorySegment bytes, Map<String, Value> values) {
    this.file = file;
    this.bytes = bytes;
    this.values = new LinkedHashMap<>(values);
  }

  /** The file that it stands in, for messages. */
  public Path file() {
    return file;
  }

  /** All keys, in the order of the file. */
  public Set<String> keys() {
    return values.keySet();
  }

  public boolean has(String key) {
    return values.containsKey(key);
  }

  /** How many elements a list has; empty where the key is missing or no list's. */
  public OptionalLong count(String key) {
    Value value = values.get(key);
    return value == null || !value.isArray() ? OptionalLong.empty() : OptionalLong.of(value.count);
  }

  /**
   * A text.
   *
   * @throws InputException if it is none
   */
  public Optional<String> text(String key) {
    return single(key, "text", GgufType.STRING).map(value -> cursor(key, value).text(key));
  }

  /**
   * A truth value.
   *
   * @throws InputException if it is none
   */
  public Optional<Boolean> flag(String key) {
    return single(key, "true or false", GgufType.BOOL)
        .map(value -> flag(key, cursor(key, value).integer(GgufType.BOOL)));
  }

  private boolean flag(String key, long value) {
    if (value != 0 && value != 1) {
      throw wrong(key, "true or false");
    }
    return value == 1;
  }

  /**
   * A whole number.
   *
   * @throws InputException if it is none, or not from {@code lowest} to {@code highest}
   */
  public Optional<Integer> whole(String key, int lowest, int highest) {
    String kind = "a whole number from %d to %d".formatted(lowest, highest);
    return single(key, kind, GgufType.WHOLE)
        .map(
            value -> {
              long number = cursor(key, value).integer(value.type);
              // One of 64 bits without a sign reads as negative.
              if (number < lowest || number > highest) {
                throw wrong(key, kind);
              }
              return (int) number;
            });
  }

  /**
   * A finite number.
   *
   * @throws InputException if it is none
   */
  public Optional<Double> number(String key) {
    return single(key, "a number", GgufType.FLOATS)
        .map(
            value -> {
              double number =
                  value.type == GgufType.F32
                      ? bytes.get(FLOAT, value.offset)
                      : bytes.get(DOUBLE, value.offset);
              if (!Double.isFinite(number)) {
                throw wrong(key, "a number");
              }
              return number;
            });
  }

  /**
   * A list of texts.
   *
   * @throws InputException if it is none
   */
  public Optional<List<String>> texts(String key) {
    return array(key, "a list of texts", GgufType.STRING)
        .map(
            value -> {
              GgufReader cursor = cursor(key, value);
              List<String> texts = new ArrayList<>(Math.toIntExact(value.count));
              for (long i = 0; i < value.count; i++) {
                texts.add(cursor.text("%s[%d]".formatted(key, i)));
              }
              return texts;
            });
  }

  /**
   * A list of whole numbers of 32 bits.
   *
   * @throws InputException if it is none
   */
  public Optional<int[]> wholes(String key) {
    String kind = "a list of whole numbers of 32 bits";
    return array(key, kind, GgufType.WHOLE)
        .map(
            value -> {
              GgufReader cursor = cursor(key, value);
              int[] numbers = new int[Math.toIntExact(value.count)];
              for (int i = 0; i < numbers.length; i++) {
                long number = cursor.integer(value.type);
                if (number != (int) number) {
                  throw wrong(key, kind);
                }
                numbers[i] = (int) number;
              }
              return numbers;
            });
  }

  /**
   * A list of fp32 numbers, which may be infinite.
   *
   * @throws InputException if it is none
   */
  public Optional<float[]> floats(String key) {
    return array(key, "a list of numbers in fp32", GgufType.F32)
        .map(value -> bytes.asSlice(value.offset, value.count * Float.BYTES).toArray(FLOAT));
  }

  /** Adds a key that is there to another file, with its value. */
  void copyTo(GgufWriter other, String key) {
    Value value = values.get(key);
    GgufReader cursor = cursor(key, value);
    for (long i = 0; i < Math.abs(value.count); i++) {
      cursor.skip(value.type);
    }
    byte[] own =
        bytes.asSlice(value.offset, cursor.at() - value.offset).toArray(ValueLayout.JAVA_BYTE);
    other.put(key, value.type, value.count, own);
  }

  /** The fault of a value that is there and is not what it should be, or is missing. */
  public InputException wrong(String key, String expected) {
    return new InputException(
        "%s: %s %s; it must be %s"
            .formatted(file, key, has(key) ? "is " + shown(key) : "is missing", expected));
  }

  private String shown(String key) {
    Value value = values.get(key);
    if (value.isArray()) {
      return "a list of %d of type %s".formatted(value.count, value.type);
    }
    GgufReader cursor = cursor(key, value);
    return switch (value.type) {
      case STRING -> {
        String text = cursor.text(key);
        yield "\"" + (text.length() <= 40 ? text : text.substring(0, 40) + "…") + "\"";
      }
      case F32 -> Float.toString(bytes.get(FLOAT, value.offset));
      case F64 -> Double.toString(bytes.get(DOUBLE, value.offset));
      case U64 -> Long.toUnsignedString(cursor.integer(value.type));
      default -> Long.toString(cursor.integer(value.type));
    };
  }

  private Optional<Value> single(String key, String kind, GgufType... types) {
    return value(key, kind, false, types);
  }

  private Optional<Value> array(String key, String kind, GgufType... types) {
    return value(key, kind, true, types);
  }

  private Optional<Value> value(String key, String kind, boolean array, GgufType... types) {
    Value value = values.get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (value.isArray() != array
        || !List.of(types).contains(value.type)
        || value.count > Integer.MAX_VALUE) {
      throw wrong(key, kind);
    }
    return Optional.of(value);
  }

  private GgufReader cursor(String key, Value value) {
    return new GgufReader(file, bytes, value.offset, key);
  }
}
