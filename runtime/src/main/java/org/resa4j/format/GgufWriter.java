package org.resa4j.format;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
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
  private final List<Tensor> tensors = new ArrayList<>();
  private int pairs;

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

  private void key(String key, int type) {
    metadata.string(key);
    metadata.integer(type);
    pairs++;
  }

  /** Adds a tensor, in its own number format. */
  public void add(String name, Tensor tensor) {
    tensors.add(new Tensor(name, tensor.dtype(), tensor.shape(), tensor.data()));
  }

  /** Writes all of it; what was there before is lost. */
  public void write(Path file) throws IOException {
    Bytes head = new Bytes();
    head.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
    head.integer(VERSION);
    head.number(tensors.size());
    head.number(pairs);
    head.writeBytes(metadata.toByteArray());
    long offset = 0;
    for (Tensor tensor : tensors) {
      head.string(tensor.name());
      head.integer(tensor.shape().length);
      // GGUF names the innermost dimension first.
      for (int i = tensor.shape().length - 1; i >= 0; i--) {
        head.number(tensor.shape()[i]);
      }
      head.integer(GgufTensor.number(tensor.dtype()));
      head.number(offset);
      offset = aligned(offset + tensor.data().byteSize());
    }
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      writeAll(channel, ByteBuffer.wrap(head.toByteArray()));
      for (Tensor tensor : tensors) {
        pad(channel);
        long size = tensor.data().byteSize();
        // A byte buffer holds less than 2 GiB.
        for (long from = 0; from < size; from += 1 << 30) {
          writeAll(
              channel, tensor.data().asSlice(from, Math.min(1 << 30, size - from)).asByteBuffer());
        }
      }
      pad(channel);
    }
  }

  private static long aligned(long offset) {
    return Math.ceilDiv(offset, ALIGNMENT) * ALIGNMENT;
  }

  private static void pad(FileChannel channel) throws IOException {
    long at = channel.position();
    writeAll(channel, ByteBuffer.allocate((int) (aligned(at) - at)));
  }

  private static void writeAll(FileChannel channel, ByteBuffer buffer) throws IOException {
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
