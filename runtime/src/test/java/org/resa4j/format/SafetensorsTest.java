package org.resa4j.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.resa4j.error.InputException;

class SafetensorsTest {
  @TempDir private Path directory;

  private Path file() {
    return directory.resolve("model.safetensors");
  }

  @Test
  void readsEveryFormatInPlace() throws IOException {
    String header =
        """
        {"__metadata__":{"format":"pt"},
         "a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},
         "b":{"dtype":"F16","shape":[2],"data_offsets":[8,12]},
         "c":{"dtype":"BF16","shape":[1],"data_offsets":[12,14]},
         "d":{"dtype":"I32","shape":[1],"data_offsets":[14,18]},
         "e":{"dtype":"I64","shape":[0],"data_offsets":[18,18]}}\
        """;
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer data = ByteBuffer.allocate(8 + json.length + 18).order(ByteOrder.LITTLE_ENDIAN);
    data.putLong(json.length).put(json).putFloat(1.5f).putFloat(-2);
    data.putShort(Float.floatToFloat16(0.25f)).putShort((short) 0x0001);
    data.putShort((short) (Float.floatToIntBits(-8f) >>> 16)).putInt(-7);
    Files.write(file(), data.array());
    Safetensors tensors = Safetensors.open(file());
    assertThat(tensors.names()).containsExactly("a", "b", "c", "d", "e");
    assertThat(tensors.tensor("a").toFloats()).containsExactly(1.5f, -2);
    assertThat(tensors.tensor("a").shape()).containsExactly(2, 1);
    assertThat(tensors.tensor("b").toFloats()).containsExactly(0.25f, 0x1p-24f);
    assertThat(tensors.tensor("c").toFloats()).containsExactly(-8);
    assertThat(tensors.integers("d")).containsExactly(-7);
    assertThatThrownBy(() -> tensors.tensor("e"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("I64");
    assertThatThrownBy(() -> tensors.tensor("nothing"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("nothing");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "[]|0|not a JSON object",
        "{\"a\":|0|not JSON",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}|4|lacks dtype, shape or data_offsets",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}|4|no size: -1",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}|4|no size: 1.5",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}|4|no size: -4",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}|4|before it begins",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}|4|truncated",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}|4|takes 8 bytes",
        "{\"a\":{\"dtype\":\"Q4\",\"shape\":[1],\"data_offsets\":[0,4]}}|4|unknown dtype Q4",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,4],\"data_offsets\":[0,4]}}|4|overflows",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[9223372036854775808],\"data_offsets\":[0,4]}}|4|no"
            + " size",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[2,6]}}|6|overlap",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}|12|gap",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}|9|end at byte 4",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}|4|uplicate",
      })
  void headersThatLieAreRefused(String header, int dataBytes, String message) throws IOException {
    SafetensorsFiles.write(file(), header, dataBytes);
    assertThatThrownBy(() -> Safetensors.open(file()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("model.safetensors")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 1, Long.MIN_VALUE, 100_000_001, Long.MAX_VALUE})
  void headerLengthsThatCannotBeAreRefused(long length) throws IOException {
    SafetensorsFiles.writeRaw(file(), length, new byte[] {'{', '}'}, 0);
    assertThatThrownBy(() -> Safetensors.open(file()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(Long.toUnsignedString(length));
  }

  @Test
  void truncatedFilesAreNamed() throws IOException {
    Files.write(file(), new byte[5]);
    assertThatThrownBy(() -> Safetensors.open(file()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("truncated: 5 bytes");
    SafetensorsFiles.writeRaw(file(), 500, new byte[20], 0);
    assertThatThrownBy(() -> Safetensors.open(file()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("the header takes 500 bytes, only 20 are there");
  }

  @Test
  void missingFilesAreNamed() {
    assertThatThrownBy(() -> Safetensors.open(file()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("model.safetensors: no such file");
  }
}
