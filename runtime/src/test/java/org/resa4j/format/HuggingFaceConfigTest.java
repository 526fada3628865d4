package org.resa4j.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URISyntaxException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.resa4j.attention.AttentionShape;

class HuggingFaceConfigTest {
  private static HuggingFaceConfig read(String name) throws URISyntaxException {
    return HuggingFaceConfig.read(
        JsonObject.read(
            Path.of(
                HuggingFaceConfigTest.class
                    .getResource("/cases/" + name + "/config.json")
                    .toURI())));
  }

  @Test
  void noKvHeadsAreAsManyAsHeads() throws URISyntaxException {
    assertThat(read("cfg-kv-null-llama").model().attention())
        .isEqualTo(new AttentionShape(4, 4, 16));
  }

  @Test
  void aTypeAloneIsAnArchitecture() throws URISyntaxException {
    assertThat(read("cfg-arch-missing").model().architecture()).isEqualTo("MistralForCausalLM");
  }
}
