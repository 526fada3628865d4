package org.resa4j.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.resa4j.model.Tensor;

/** Writes safetensors files, right and wrong ones. */
final class SafetensorsFiles {
  private SafetensorsFiles() {}

  /** A file with a header as given and {@code dataBytes} bytes of data. */
  static Path write(Path file, String header, int dataBytes) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return writeRaw(file, json.length, json, dataBytes);
  }

  /** A file with the tensors of another in double precision. */
  static Path inDouble(Safetensors from, Path file) throws IOException {
    StringBuilder header = new StringBuilder("{");
    int size = 0;
    for (String name : from.names()) {
      Tensor tensor = from.tensor(name);
      int bytes = Math.toIntExact(tensor.size() * Double.BYTES);
      header
          .append(header.length() > 1 ? "," : "")
          .append(
              "\"%s\":{\"dtype\":\"F64\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                  .formatted(name, Arrays.toString(tensor.shape()), size, size + bytes));
      size += bytes;
    }
    byte[] json = header.append("}").toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer buffer = ByteBuffer.allocate(8 + json.length + size).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(json.length).put(json);
    for (String name : from.names()) {
      for (float value : from.tensor(name).toFloats()) {
        buffer.putDouble(value);
      }
    }
    return Files.write(file, buffer.array());
  }

  /** The same, with a length of the header that need not be true. */
  static Path writeRaw(Path file, long headerLength, byte[] header, int dataBytes)
      throws IOException {
    ByteBuffer buffer =
        ByteBuffer.allocate(8 + header.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(headerLength).put(header);
    for (int i = 0; i < dataBytes; i++) {
      buffer.put((byte) i);
    }
    return Files.write(file, buffer.array());
  }
}
