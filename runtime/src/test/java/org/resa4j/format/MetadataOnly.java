package org.resa4j.format;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads the keys of a GGUF file and looks at nothing else in it. */
public final class MetadataOnly {
  private MetadataOnly() {}

  /** Of a file, which stays mapped as long as they are there. */
  public static GgufMetadata of(Path file) {
    try (FileChannel channel = FileChannel.open(file)) {
      return of(file, channel.map(MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Of a file's bytes. */
  public static GgufMetadata of(Path file, byte[] bytes) {
    return of(file, MemorySegment.ofArray(bytes));
  }

  private static GgufMetadata of(Path file, MemorySegment bytes) {
    GgufReader reader = new GgufReader(file, bytes, 16, "the header");
    Map<String, GgufMetadata.Value> values = new LinkedHashMap<>();
    long keys = reader.int64();
    for (long i = 0; i < keys; i++) {
      String key = reader.text("a key");
      GgufType type = type(reader);
      long count = -1;
      if (type == GgufType.ARRAY) {
        type = type(reader);
        count = reader.int64();
        if (count < 0 || count > reader.left() || type == GgufType.ARRAY) {
          throw reader.fault("has an array that cannot be");
        }
      }
      values.put(key, new GgufMetadata.Value(type, count, reader.at()));
      for (long item = 0; item < Math.abs(count); item++) {
        reader.skip(type);
      }
    }
    return new GgufMetadata(file, bytes, values);
  }

  private static GgufType type(GgufReader reader) {
    return GgufType.of(reader.int32()).orElseThrow(() -> reader.fault("has an unknown type"));
  }
}
