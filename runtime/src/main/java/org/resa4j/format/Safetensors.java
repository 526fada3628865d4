package org.resa4j.format;

import static java.util.Map.entry;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.resa4j.error.InputException;
import org.resa4j.model.DType;
import org.resa4j.model.Tensor;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A safetensors file, mapped or copied into memory: tensors are views of it.
 *
 * <p>The header is believed only as far as it fits the file: lengths, offsets, overlaps, gaps,
 * shapes and formats are checked before a tensor is handed out.
 *
 * @see <a href="https://github.com/huggingface/safetensors#format">the format</a>
 */
public final class Safetensors {
  /** The reference implementation's own limit on a header. */
  private static final long MAX_HEADER_BYTES = 100_000_000;

  private static final String F64 = "F64";

  /** What is no weight that can be computed with, by its bytes. */
  private static final Map<String, Integer> OTHER_DTYPES =
      Map.ofEntries(
          entry(F64, 8),
          entry("I64", 8),
          entry("U64", 8),
          entry("I32", 4),
          entry("U32", 4),
          entry("I16", 2),
          entry("U16", 2),
          entry("I8", 1),
          entry("U8", 1),
          entry("BOOL", 1),
          entry("F8_E4M3", 1),
          entry("F8_E5M2", 1),
          entry("F8_E8M0", 1));

  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final MappedFile file;
  private final Map<String, Entry> entries;
  private final MemorySegment data;

  /** One tensor of the header; {@code dtype} as written there. */
  private record Entry(String name, String dtype, long[] shape, long begin, long end) {}

  private Safetensors(MappedFile file, Map<String, Entry> entries, MemorySegment data) {
    this.file = file;
    this.entries = entries;
    this.data = data;
  }

  /**
   * Maps a file and checks its header.
   *
   * @throws InputException if the file is missing, truncated, or its header does not fit it
   */
  public static Safetensors open(Path file) {
    return open(file, Arena.ofAuto(), WeightAccess.MAPPED);
  }

  /**
   * The same, there for as long as an arena is open.
   *
   * @throws InputException as above, and if there is no memory for a copy
   */
  public static Safetensors open(Path path, Arena arena, WeightAccess access) {
    MappedFile file = MappedFile.open(path, arena, access);
    MemorySegment bytes = file.bytes();
    long size = bytes.byteSize();
    if (size < 8) {
      throw new InputException(
          "%s: truncated: %d bytes, a safetensors file has at least 8".formatted(path, size));
    }
    long header = bytes.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
    if (header < 2 || header > MAX_HEADER_BYTES) {
      throw new InputException(
          "%s: not a safetensors file: it claims a header of %s bytes"
              .formatted(path, Long.toUnsignedString(header)));
    }
    if (header > size - 8) {
      throw new InputException(
          "%s: truncated: the header takes %d bytes, only %d are there"
              .formatted(path, header, size - 8));
    }
    byte[] json = bytes.asSlice(8, header).toArray(ValueLayout.JAVA_BYTE);
    MemorySegment data = bytes.asSlice(8 + header);
    return new Safetensors(file, entries(path, json, data.byteSize()), data);
  }

  private static Map<String, Entry> entries(Path file, byte[] json, long dataBytes) {
    JsonNode root;
    try {
      root = JSON.readTree(new String(json, StandardCharsets.UTF_8));
    } catch (JacksonException e) {
      throw new InputException(
          file + ": the safetensors header is not JSON: " + e.getOriginalMessage(), e);
    } catch (OutOfMemoryError e) {
      // What it took is free again.
      throw new InputException(file + ": its header takes more memory than there is", e);
    }
    if (!root.isObject()) {
      throw new InputException(file + ": the safetensors header is not a JSON object");
    }
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (var property : root.properties()) {
      if (!property.getKey().equals("__metadata__")) {
        entries.put(
            property.getKey(), checked(file, property.getKey(), property.getValue(), dataBytes));
      }
    }
    List<Entry> inOrder = new ArrayList<>(entries.values());
    inOrder.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long end = 0;
    for (Entry entry : inOrder) {
      if (entry.begin != end) {
        throw new InputException(
            "%s: tensor %s begins at %d, the one before it ends at %d: they %s"
                .formatted(
                    file,
                    entry.name,
                    entry.begin,
                    end,
                    entry.begin < end ? "overlap" : "leave a gap"));
      }
      end = entry.end;
    }
    if (end != dataBytes) {
      throw new InputException(
          "%s: the tensors end at byte %d of the data, the file at %d"
              .formatted(file, end, dataBytes));
    }
    return entries;
  }

  private static Entry checked(Path file, String name, JsonNode node, long dataBytes) {
    String where = file + ": tensor " + name;
    JsonNode dtypeNode = node.path("dtype");
    JsonNode shapeNode = node.path("shape");
    JsonNode offsets = node.path("data_offsets");
    if (!dtypeNode.isString()
        || !shapeNode.isArray()
        || !offsets.isArray()
        || offsets.size() != 2) {
      throw new InputException(where + ": lacks dtype, shape or data_offsets");
    }
    String dtype = dtypeNode.asString();
    long[] shape = new long[shapeNode.size()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = count(where + ": dimension " + i, shapeNode.get(i));
    }
    long begin = count(where + ": begin offset", offsets.get(0));
    long end = count(where + ": end offset", offsets.get(1));
    if (begin > end) {
      throw new InputException(
          "%s: ends at %d before it begins at %d".formatted(where, end, begin));
    }
    if (end > dataBytes) {
      throw new InputException(
          "%s: truncated file or wrong offset: it ends at byte %d, the data at %d"
              .formatted(where, end, dataBytes));
    }
    long expected;
    try {
      expected = bytesOf(where, dtype);
      for (long dimension : shape) {
        expected = Math.multiplyExact(expected, dimension);
      }
    } catch (ArithmeticException e) {
      throw new InputException(where + ": its shape overflows any memory", e);
    }
    if (end - begin != expected) {
      throw new InputException(
          "%s: %s of its shape takes %d bytes, its offsets span %d"
              .formatted(where, dtype, expected, end - begin));
    }
    return new Entry(name, dtype, shape, begin, end);
  }

  private static long count(String what, JsonNode node) {
    if (!node.isIntegralNumber() || !node.canConvertToLong() || node.asLong() < 0) {
      throw new InputException(what + " is no size: " + node);
    }
    return node.asLong();
  }

  private static long bytesOf(String where, String dtype) {
    for (DType type : DType.values()) {
      if (!type.isQuantised() && type.name().equals(dtype)) {
        return type.bytes(1);
      }
    }
    Integer bytes = OTHER_DTYPES.get(dtype);
    if (bytes == null) {
      throw new InputException(where + ": unknown dtype " + dtype);
    }
    return bytes;
  }

  public Path path() {
    return file.path();
  }

  /** The file, as it is in memory. */
  public MappedFile file() {
    return file;
  }

  public Set<String> names() {
    return entries.keySet();
  }

  /**
   * A tensor, in place; one in F64 as a copy in F32.
   *
   * @throws InputException if there is none of that name, or its format is another
   */
  public Tensor tensor(String name) {
    Entry entry = named(name);
    for (DType type : DType.values()) {
      if (!type.isQuantised() && type.name().equals(entry.dtype)) {
        return new Tensor(name, type, entry.shape, bytes(entry));
      }
    }
    if (entry.dtype.equals(F64)) {
      return rounded(entry);
    }
    throw new InputException(
        "%s: tensor %s has dtype %s, as quantised checkpoints do; F64, F32, F16 and BF16 are supported"
            .formatted(path(), name, entry.dtype));
  }

  /** Double precision, which no engine computes with, as fp32. */
  private Tensor rounded(Entry entry) {
    MemorySegment doubles = bytes(entry);
    long size = doubles.byteSize() / Double.BYTES;
    MemorySegment floats = file.allocate(size * Float.BYTES);
    for (long i = 0; i < size; i++) {
      double value = doubles.get(DOUBLE, i * Double.BYTES);
      floats.set(FLOAT, i * Float.BYTES, (float) value);
    }
    return new Tensor(entry.name, DType.F32, entry.shape, floats.asReadOnly());
  }

  /**
   * A tensor of 32-bit integers, copied.
   *
   * @throws InputException if there is none of that name and format
   */
  public int[] integers(String name) {
    Entry entry = named(name);
    if (!entry.dtype.equals("I32")) {
      throw new InputException("%s: tensor %s is %s, not I32".formatted(path(), name, entry.dtype));
    }
    return bytes(entry).toArray(ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN));
  }

  /**
   * A tensor's bytes, of whatever format, in place.
   *
   * @throws InputException if there is none of that name
   */
  public MemorySegment raw(String name) {
    return bytes(named(name));
  }

  private Entry named(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new InputException("%s: has no tensor %s".formatted(path(), name));
    }
    return entry;
  }

  private MemorySegment bytes(Entry entry) {
    return data.asSlice(entry.begin, entry.end - entry.begin);
  }
}
