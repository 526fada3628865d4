package org.resa4j.bench.jmh;

import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.resa4j.tokenizer.StreamDecoder;
import org.resa4j.tokenizer.Tokenizer;

/** The tokenizer of the model that ships, or of {@code -p directory=...}, on its example prompt. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class TokenizerBenchmark {
  @Param(Shipped.MODEL)
  public String directory;

  private Tokenizer tokenizer;
  private String text;
  private int[] tokens;

  @Setup
  public void load() throws IOException {
    tokenizer = Tokenizer.load(Shipped.resolve(directory));
    text = Files.readString(Shipped.resolve(Shipped.MODEL).resolve("example-prompt.txt"));
    tokens = tokenizer.encode(text, false);
  }

  /** The whole prompt: 904 tokens with the model that ships. */
  @Benchmark
  public int[] encode() {
    return tokenizer.encode(text, false);
  }

  @Benchmark
  public String decode() {
    return tokenizer.decode(tokens, 0, tokens.length, true);
  }

  /** The whole prompt, token by token, as a text is streamed. */
  @Benchmark
  public int stream() {
    StreamDecoder decoder = new StreamDecoder(tokenizer, true);
    int characters = 0;
    for (int token : tokens) {
      characters += decoder.add(token).length();
    }
    return characters;
  }
}
