package org.resa4j.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes safetensors files, right and wrong ones. */
final class SafetensorsFiles {
  private SafetensorsFiles() {}

  /** A file with a header as given and {@code dataBytes} bytes of data. */
  static Path write(Path file, String header, int dataBytes) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return writeRaw(file, json.length, json, dataBytes);
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
