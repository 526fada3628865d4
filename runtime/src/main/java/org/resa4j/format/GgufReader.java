package org.resa4j.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.resa4j.error.InputException;

/** Reads a GGUF file's header from one value to the next, and never beyond the file. */
final class GgufReader {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Path file;
  private final MemorySegment bytes;
  private long at;

  /** What is being read, for messages. */
  private String what;

  GgufReader(Path file, MemorySegment bytes, long at, String what) {
    this.file = file;
    this.bytes = bytes;
    this.at = at;
    this.what = what;
  }

  long at() {
    return at;
  }

  void reading(String part) {
    what = part;
  }

  /** Bytes that are left. */
  long left() {
    return bytes.byteSize() - at;
  }

  int int32() {
    return bytes.get(INT, take(4));
  }

  long int64() {
    return bytes.get(LONG, take(8));
  }

  /** A whole number or truth value of a type, with its sign. */
  long integer(GgufType type) {
    long from = take(type.bytes());
    return switch (type) {
      case U8, BOOL -> bytes.get(ValueLayout.JAVA_BYTE, from) & 0xFF;
      case I8 -> bytes.get(ValueLayout.JAVA_BYTE, from);
      case U16 -> bytes.get(SHORT, from) & 0xFFFF;
      case I16 -> bytes.get(SHORT, from);
      case U32 -> bytes.get(INT, from) & 0xFFFF_FFFFL;
      case I32 -> bytes.get(INT, from);
      case U64, I64 -> bytes.get(LONG, from);
      case F32, F64, STRING, ARRAY -> throw new IllegalArgumentException(type.toString());
    };
  }

  /**
   * A text.
   *
   * @param name what to call it if it is not UTF-8
   */
  String text(String name) {
    long length = int64();
    long from = take(length);
    if (length > Integer.MAX_VALUE - 16) {
      throw fault("has a text of %d bytes".formatted(length));
    }
    byte[] utf8 = bytes.asSlice(from, length).toArray(ValueLayout.JAVA_BYTE);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException e) {
      throw new InputException("%s: %s is not UTF-8".formatted(file, name), e);
    }
  }

  /** Passes over one value of a type. */
  void skip(GgufType type) {
    take(type == GgufType.STRING ? int64() : type.bytes());
  }

  /** Passes over {@code length} bytes. Returns where they begin. */
  long take(long length) {
    if (length < 0 || length > left()) {
      throw fault(
          "takes %s bytes, %d are left: the file is truncated, or its header is wrong"
              .formatted(Long.toUnsignedString(length), left()));
    }
    long from = at;
    at += length;
    return from;
  }

  InputException fault(String why) {
    return new InputException("%s: %s %s".formatted(file, what, why));
  }
}
