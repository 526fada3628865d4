package org.resa4j.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.resa4j.model.DType;
import org.resa4j.model.Tensor;

class GgufWriterTest {
  @TempDir private Path folder;

  @Test
  void writesMetadataThenAlignedTensors() throws IOException {
    GgufWriter gguf = new GgufWriter();
    gguf.put("text", "a");
    gguf.put("count", 7);
    gguf.put("words", List.of("x", "yz"));
    byte[] first = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    byte[] second = {21, 22, 23, 24};
    gguf.add("m", new Tensor("?", DType.F16, new long[] {2, 3}, MemorySegment.ofArray(first)));
    gguf.add("v", new Tensor("?", DType.F32, new long[] {1}, MemorySegment.ofArray(second)));
    Path file = folder.resolve("a.gguf");
    gguf.write(file);

    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(bytes.getInt()).isEqualTo(0x46554747);
    assertThat(bytes.getInt()).as("version").isEqualTo(3);
    assertThat(bytes.getLong()).as("tensors").isEqualTo(2);
    assertThat(bytes.getLong()).as("pairs").isEqualTo(3);
    assertThat(string(bytes)).isEqualTo("text");
    assertThat(bytes.getInt()).as("string").isEqualTo(8);
    assertThat(string(bytes)).isEqualTo("a");
    assertThat(string(bytes)).isEqualTo("count");
    assertThat(bytes.getInt()).as("uint32").isEqualTo(4);
    assertThat(bytes.getInt()).isEqualTo(7);
    assertThat(string(bytes)).isEqualTo("words");
    assertThat(bytes.getInt()).as("array").isEqualTo(9);
    assertThat(bytes.getInt()).as("of strings").isEqualTo(8);
    assertThat(bytes.getLong()).isEqualTo(2);
    assertThat(string(bytes)).isEqualTo("x");
    assertThat(string(bytes)).isEqualTo("yz");
    assertThat(string(bytes)).isEqualTo("m");
    assertThat(bytes.getInt()).as("dimensions").isEqualTo(2);
    assertThat(bytes.getLong()).as("inner").isEqualTo(3);
    assertThat(bytes.getLong()).as("outer").isEqualTo(2);
    assertThat(bytes.getInt()).as("F16").isEqualTo(1);
    assertThat(bytes.getLong()).as("offset").isZero();
    assertThat(string(bytes)).isEqualTo("v");
    assertThat(bytes.getInt()).isEqualTo(1);
    assertThat(bytes.getLong()).isEqualTo(1);
    assertThat(bytes.getInt()).as("F32").isZero();
    assertThat(bytes.getLong()).as("offset").isEqualTo(32);
    int data = Math.ceilDiv(bytes.position(), 32) * 32;
    assertThat(bytes.capacity()).isEqualTo(data + 64);
    assertThat(bytes.slice(data, first.length)).isEqualTo(ByteBuffer.wrap(first));
    assertThat(bytes.slice(data + 32, second.length)).isEqualTo(ByteBuffer.wrap(second));

    GgufFile read = GgufFile.open(file);
    assertThat(read.metadata().keys()).containsExactly("text", "count", "words");
    assertThat(read.metadata().text("text")).contains("a");
    assertThat(read.metadata().whole("count", 0, 7)).contains(7);
    assertThat(read.metadata().texts("words")).contains(List.of("x", "yz"));
    assertThat(read.tensors().get("m").shape()).containsExactly(2, 3);
    assertThat(read.tensors().get("m").get(1)).isEqualTo(Float.float16ToFloat((short) 0x0403));
  }

  private static String string(ByteBuffer bytes) {
    byte[] text = new byte[Math.toIntExact(bytes.getLong())];
    bytes.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }
}
