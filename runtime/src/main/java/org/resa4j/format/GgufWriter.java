package org.resa4j.format;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.resa4j.engine.OpenProgress;
import org.resa4j.model.DType;
import org.resa4j.model.Tensor;

/**
 * A GGUF file to be written: metadata, then tensors.
 *
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">the format, version
 *     3</a>
 */
public final class GgufWriter {
  private static final int VERSION = 3;
  private static final int ALIGNMENT = 32;
  private static final int UINT32 = 4;
  private static final int INT32 = 5;
  private static final int FLOAT32 = 6;
  private static final int BOOL = 7;
  private static final int STRING = 8;
  private static final int ARRAY = 9;

  private final Bytes metadata = new Bytes();
  private final List<Entry> tensors = new ArrayList<>();
  private int pairs;

  /** A tensor's bytes, which are asked for when the file is written. */
  @FunctionalInterface
  public interface Contents {
    /** Writes all of them. */
    void writeTo(WritableByteChannel channel) throws IOException;
  }

  private record Entry(String name, DType dtype, long[] shape, long bytes, Contents contents) {}

  public void put(String key, String value) {
    key(key, STRING);
    metadata.string(value);
  }

  public void put(String key, int value) {
    key(key, UINT32);
    metadata.integer(value);
  }

  public void put(String key, float value) {
    key(key, FLOAT32);
    metadata.integer(Float.floatToRawIntBits(value));
  }

  public void put(String key, boolean value) {
    key(key, BOOL);
    metadata.write(value ? 1 : 0);
  }

  public void put(String key, List<String> values) {
    key(key, ARRAY);
    metadata.integer(STRING);
    metadata.number(values.size());
    values.forEach(metadata::string);
  }

  public void put(String key, float[] values) {
    key(key, ARRAY);
    metadata.integer(FLOAT32);
    metadata.number(values.length);
    for (float value : values) {
      metadata.integer(Float.floatToRawIntBits(value));
    }
  }

  public void put(String key, int[] values) {
    key(key, ARRAY);
    metadata.integer(INT32);
    metadata.number(values.length);
    for (int value : values) {
      metadata.integer(value);
    }
  }

  /**
   * A value of another file's metadata.
   *
   * @param count of an array's elements; -1 for a single value
   * @param bytes as they stand there
   */
  void put(String key, GgufType type, long count, byte[] bytes) {
    key(key, count < 0 ? type.ordinal() : ARRAY);
    if (count >= 0) {
      metadata.integer(type.ordinal());
      metadata.number(count);
    }
    metadata.writeBytes(bytes);
  }

  private void key(String key, int type) {
    metadata.string(key);
    metadata.integer(type);
    pairs++;
  }

  /** Adds a tensor, in its own number format. */
  public void add(String name, Tensor tensor) {
    add(name, tensor.dtype(), tensor.shape(), channel -> writeAll(channel, tensor.data()));
  }

  /**
   * Adds a tensor whose bytes come when the file is written, so that no two have to be in memory.
   *
   * @param shape outermost dimension first
   * @param contents as many bytes as shape and format take
   */
  public void add(String name, DType dtype, long[] shape, Contents contents) {
    long elements = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    tensors.add(new Entry(name, dtype, shape, dtype.bytes(elements), contents));
  }

  /** Writes all of it; what was there before is lost. */
  public void write(Path file) throws IOException {
    write(file, OpenProgress.NONE);
  }

  /**
   * The same.
   *
   * @param progress hears how many tensors are written
   * @throws IllegalStateException if a tensor's contents are not as many bytes as it takes
   */
  public void write(Path file, OpenProgress progress) throws IOException {
    Bytes head = new Bytes();
    head.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
    head.integer(VERSION);
    head.number(tensors.size());
    head.number(pairs);
    head.writeBytes(metadata.toByteArray());
    long offset = 0;
    for (Entry tensor : tensors) {
      head.string(tensor.name);
      head.integer(tensor.shape.length);
      // GGUF names the innermost dimension first.
      for (int i = tensor.shape.length - 1; i >= 0; i--) {
        head.number(tensor.shape[i]);
      }
      head.integer(GgufTensor.number(tensor.dtype));
      head.number(offset);
      offset = aligned(offset + tensor.bytes);
    }
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      writeAll(channel, ByteBuffer.wrap(head.toByteArray()));
      int done = 0;
      for (Entry tensor : tensors) {
        progress.at("writing tensors", done++, tensors.size());
        pad(channel);
        long begin = channel.position();
        tensor.contents.writeTo(channel);
        if (channel.position() - begin != tensor.bytes) {
          throw new IllegalStateException(
              "%s: wrote %d bytes of %d"
                  .formatted(tensor.name, channel.position() - begin, tensor.bytes));
        }
      }
      pad(channel);
      progress.at("writing tensors", done, tensors.size());
    }
  }

  private static long aligned(long offset) {
    return Math.ceilDiv(offset, ALIGNMENT) * ALIGNMENT;
  }

  private static void pad(FileChannel channel) throws IOException {
    long at = channel.position();
    writeAll(channel, ByteBuffer.allocate((int) (aligned(at) - at)));
  }

  /** Writes a segment of any size; a byte buffer holds less than 2 GiB. */
  static void writeAll(WritableByteChannel channel, MemorySegment data) throws IOException {
    long size = data.byteSize();
    for (long from = 0; from < size; from += 1 << 30) {
      writeAll(channel, data.asSlice(from, Math.min(1 << 30, size - from)).asByteBuffer());
    }
  }

  private static void writeAll(WritableByteChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /** Bytes in GGUF's order, little-endian. */
  private static final class Bytes extends ByteArrayOutputStream {
    void integer(int value) {
      writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    }

    void number(long value) {
      writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
    }

    void string(String value) {
      byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
      number(bytes.length);
      writeBytes(bytes);
    }
  }
}
