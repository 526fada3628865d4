package org.resa4j.format;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.resa4j.model.DType;
import org.resa4j.model.Tensor;

/** Splits a GGUF file of fp32 tensors into parts, as llama.cpp's tool does. */
final class SplitGguf {
  private static final int U16 = 2;
  private static final int I32 = 5;

  private SplitGguf() {}

  /** Writes PREFIX-00001-of-0000N.gguf and so on. Returns the first. */
  static Path split(Path file, Path prefix, int count) {
    GgufFile whole = GgufFile.open(file);
    List<Tensor> tensors = new ArrayList<>(whole.tensors().values());
    try {
      byte[] bytes = Files.readAllBytes(file);
      ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      long keys = header.getLong(16);
      // The metadata ends where the first tensor's name begins, after its length.
      byte[] name = tensors.getFirst().name().getBytes(StandardCharsets.UTF_8);
      int end = indexOf(bytes, name) - 8;
      Path first = null;
      for (int i = 0; i < count; i++) {
        int from = i * tensors.size() / count;
        List<Tensor> own = tensors.subList(from, (i + 1) * tensors.size() / count);
        Bytes part = new Bytes();
        part.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        part.integer(3);
        part.number(own.size());
        part.number(3 + (i == 0 ? keys : 0));
        part.key("split.no", U16).writeBytes(new byte[] {(byte) i, 0});
        part.key("split.count", U16).writeBytes(new byte[] {(byte) count, 0});
        part.key("split.tensors.count", I32).integer(tensors.size());
        if (i == 0) {
          part.write(bytes, 24, end - 24);
        }
        Path to =
            prefix.resolveSibling(
                "%s-%05d-of-%05d.gguf".formatted(prefix.getFileName(), i + 1, count));
        write(part, own, to);
        first = i == 0 ? to : first;
      }
      return first;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    for (int at = 0; ; at++) {
      if (java.util.Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
        return at;
      }
    }
  }

  private static void write(Bytes part, List<Tensor> tensors, Path to) throws IOException {
    long offset = 0;
    for (Tensor tensor : tensors) {
      if (tensor.dtype() != DType.F32) {
        throw new IllegalArgumentException(tensor.dtype().toString());
      }
      part.string(tensor.name());
      part.integer(tensor.shape().length);
      for (int i = tensor.shape().length - 1; i >= 0; i--) {
        part.number(tensor.shape()[i]);
      }
      part.integer(0);
      part.number(offset);
      offset = (offset + tensor.data().byteSize() + 31) / 32 * 32;
    }
    for (Tensor tensor : tensors) {
      part.pad();
      part.writeBytes(tensor.data().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
    }
    part.pad();
    Files.write(to, part.toByteArray());
  }

  private static final class Bytes extends ByteArrayOutputStream {
    Bytes key(String key, int type) {
      string(key);
      integer(type);
      return this;
    }

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

    void pad() {
      writeBytes(new byte[(32 - size() % 32) % 32]);
    }
  }
}
