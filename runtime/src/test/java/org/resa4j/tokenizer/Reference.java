package org.resa4j.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** Hugging Face's tokenizers library, which ours is held against. */
final class Reference implements AutoCloseable {
  static {
    // Else it looks for a build of its own for CUDA, on the network.
    System.setProperty("RUST_FLAVOR", "cpu");
  }

  private final HuggingFaceTokenizer tokenizer;

  Reference(Path directory) throws IOException {
    tokenizer =
        HuggingFaceTokenizer.builder()
            .optTokenizerPath(directory.resolve("tokenizer.json"))
            .optTruncation(false)
            .optPadding(false)
            .build();
  }

  int[] encode(String text, boolean addSpecial) {
    return Arrays.stream(tokenizer.encode(text, addSpecial, false).getIds())
        .mapToInt(Math::toIntExact)
        .toArray();
  }

  String decode(int[] tokens, boolean special) {
    return tokenizer.decode(Arrays.stream(tokens).asLongStream().toArray(), !special);
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
