package org.resa4j.format;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.resa4j.error.InputException;
import org.resa4j.model.Tensor;

/**
 * A GGUF file of version 2 or 3, mapped or copied into memory: metadata, and tensors that are views
 * of it.
 *
 * <p>The header is believed only as far as it fits the file: counts, lengths, kinds of values,
 * shapes, formats and offsets are checked before a tensor is handed out. As llama.cpp asks for,
 * tensors lie in the order of the header, each padded to the alignment, without gaps.
 *
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">the format</a>
 */
public final class GgufFile {
  /** What a file begins with, "GGUF". */
  private static final int MAGIC = 0x46554747;

  private static final int OLDEST_VERSION = 2;
  private static final int NEWEST_VERSION = 3;
  private static final String ALIGNMENT = "general.alignment";
  private static final int DEFAULT_ALIGNMENT = 32;
  private static final int LARGEST_ALIGNMENT = 1 << 20;

  /** A key has its length, a type and a value of one byte at the least. */
  private static final int LEAST_KEY_BYTES = 8 + 4 + 1;

  /** A tensor has its name's length, dimensions, type and offset at the least. */
  private static final int LEAST_TENSOR_BYTES = 8 + 4 + 8 + 4 + 8;

  private final MappedFile file;
  private final GgufMetadata metadata;
  private final Map<String, Tensor> tensors;

  private GgufFile(MappedFile file, GgufMetadata metadata, Map<String, Tensor> tensors) {
    this.file = file;
    this.metadata = metadata;
    this.tensors = Collections.unmodifiableMap(tensors);
  }

  /**
   * Maps a file and checks its header.
   *
   * @throws InputException if the file is missing, truncated, its header does not fit it, or it has
   *     a tensor of a format that is not known here
   */
  public static GgufFile open(Path file) {
    return open(file, Arena.ofAuto(), WeightAccess.MAPPED);
  }

  /**
   * The same, there for as long as an arena is open.
   *
   * @throws InputException as above, and if there is no memory for a copy
   */
  public static GgufFile open(Path path, Arena arena, WeightAccess access) {
    MappedFile file = MappedFile.open(path, arena, access);
    GgufReader reader = new GgufReader(path, file.bytes(), 0, "the header");
    checkVersion(path, reader);
    long tensorCount = count(reader, "tensors", LEAST_TENSOR_BYTES);
    long keyCount = count(reader, "keys", LEAST_KEY_BYTES);
    Map<String, GgufMetadata.Value> values = new LinkedHashMap<>();
    for (long i = 0; i < keyCount; i++) {
      reader.reading("key " + i);
      String key = reader.text("key " + i);
      reader.reading(key);
      if (values.putIfAbsent(key, value(reader)) != null) {
        throw reader.fault("comes twice");
      }
    }
    GgufMetadata metadata = new GgufMetadata(path, file.bytes(), values);
    return new GgufFile(file, metadata, tensors(file, reader, tensorCount, alignment(metadata)));
  }

  private static void checkVersion(Path path, GgufReader reader) {
    if (reader.left() < 8 || reader.int32() != MAGIC) {
      throw new InputException(path + ": not a GGUF file: it does not begin with GGUF");
    }
    int version = reader.int32();
    int swapped = Integer.reverseBytes(version);
    if (swapped >= 1 && swapped <= NEWEST_VERSION) {
      throw new InputException(path + ": a big-endian GGUF file; only little-endian ones are read");
    }
    if (version < OLDEST_VERSION || version > NEWEST_VERSION) {
      throw new InputException(
          "%s: GGUF version %s; versions %d and %d are read"
              .formatted(path, Integer.toUnsignedString(version), OLDEST_VERSION, NEWEST_VERSION));
    }
  }

  /** A number of things, of which each takes some bytes of those that are left. */
  private static long count(GgufReader reader, String things, int leastBytes) {
    long count = reader.int64();
    if (count < 0 || count > reader.left() / leastBytes) {
      throw reader.fault(
          "says there are %s %s, more than the file has room for: it is truncated, or damaged"
              .formatted(Long.toUnsignedString(count), things));
    }
    return count;
  }

  private static GgufMetadata.Value value(GgufReader reader) {
    GgufType type = type(reader);
    if (type != GgufType.ARRAY) {
      long at = reader.at();
      reader.skip(type);
      return new GgufMetadata.Value(type, -1, at);
    }
    GgufType element = type(reader);
    if (element == GgufType.ARRAY) {
      throw reader.fault("is a list of lists, which no key has");
    }
    long count = count(reader, "elements", element == GgufType.STRING ? 8 : element.bytes());
    long at = reader.at();
    if (element == GgufType.STRING) {
      for (long i = 0; i < count; i++) {
        reader.skip(element);
      }
    } else {
      reader.take(count * element.bytes());
    }
    return new GgufMetadata.Value(element, count, at);
  }

  private static GgufType type(GgufReader reader) {
    int number = reader.int32();
    return GgufType.of(number)
        .orElseThrow(() -> reader.fault("has a value of the unknown type " + number));
  }

  private static int alignment(GgufMetadata metadata) {
    int alignment = metadata.whole(ALIGNMENT, 1, LARGEST_ALIGNMENT).orElse(DEFAULT_ALIGNMENT);
    if (Integer.bitCount(alignment) != 1) {
      throw metadata.wrong(ALIGNMENT, "a power of two");
    }
    return alignment;
  }

  private static Map<String, Tensor> tensors(
      MappedFile file, GgufReader reader, long count, int alignment) {
    Map<String, GgufTensor> entries = new LinkedHashMap<>();
    for (long i = 0; i < count; i++) {
      GgufTensor tensor = GgufTensor.read(reader, i);
      if (entries.putIfAbsent(tensor.name(), tensor) != null) {
        throw reader.fault("comes twice");
      }
    }
    MemorySegment bytes = file.bytes();
    long data = padded(reader.at(), alignment);
    long end = 0;
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (GgufTensor entry : entries.values()) {
      reader.reading("tensor " + entry.name());
      long begin = padded(end, alignment);
      if (entry.offset() != begin) {
        throw reader.fault(
            "is at offset %s, what comes before it ends at %d"
                .formatted(Long.toUnsignedString(entry.offset()), begin));
      }
      end = begin + entry.bytes();
      // The second is for a sum that 64 bits do not hold.
      if (end > bytes.byteSize() - data || end < begin) {
        throw reader.fault(
            "takes %d bytes from byte %d on, the file ends at %d: it is truncated"
                .formatted(entry.bytes(), data + begin, bytes.byteSize()));
      }
      tensors.put(entry.name(), entry.of(bytes.asSlice(data + begin, entry.bytes())));
    }
    long last = padded(data + end, alignment);
    if (!tensors.isEmpty() && bytes.byteSize() > last) {
      throw new InputException(
          "%s: the tensors end at byte %d, the file at %d"
              .formatted(file.path(), last, bytes.byteSize()));
    }
    return tensors;
  }

  private static long padded(long offset, int alignment) {
    return (offset + alignment - 1) & -alignment;
  }

  /** The file, as it is in memory. */
  public MappedFile file() {
    return file;
  }

  public Path path() {
    return file.path();
  }

  public GgufMetadata metadata() {
    return metadata;
  }

  /** All tensors by name, in the order of the file; shapes have the outermost dimension first. */
  public Map<String, Tensor> tensors() {
    return tensors;
  }
}
