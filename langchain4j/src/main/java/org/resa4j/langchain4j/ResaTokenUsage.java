package org.resa4j.langchain4j;

import dev.langchain4j.model.output.TokenUsage;
import java.util.Objects;

/** What an answer cost, in tokens: with those that were in the cache, and those of thoughts. */
public final class ResaTokenUsage extends TokenUsage {
  private final int cachedInputTokenCount;
  private final int reasoningTokenCount;

  /**
   * @param input tokens of the prompt
   * @param cachedInput how many of them were in the cache already
   * @param output tokens written
   * @param reasoning how many of them came before the answer
   */
  ResaTokenUsage(int input, int cachedInput, int output, int reasoning) {
    super(input, output);
    cachedInputTokenCount = cachedInput;
    reasoningTokenCount = reasoning;
  }

  /** Tokens of the prompt that were in the cache already, of an earlier text that begins alike. */
  public int cachedInputTokenCount() {
    return cachedInputTokenCount;
  }

  /** Tokens that the model wrote before its answer. */
  public int reasoningTokenCount() {
    return reasoningTokenCount;
  }

  @Override
  public ResaTokenUsage add(TokenUsage that) {
    if (that == null) {
      return this;
    }
    ResaTokenUsage own = that instanceof ResaTokenUsage each ? each : null;
    return new ResaTokenUsage(
        sum(inputTokenCount(), that.inputTokenCount()),
        cachedInputTokenCount + (own == null ? 0 : own.cachedInputTokenCount),
        sum(outputTokenCount(), that.outputTokenCount()),
        reasoningTokenCount + (own == null ? 0 : own.reasoningTokenCount));
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof ResaTokenUsage that
        && cachedInputTokenCount == that.cachedInputTokenCount
        && reasoningTokenCount == that.reasoningTokenCount;
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), cachedInputTokenCount, reasoningTokenCount);
  }

  @Override
  public String toString() {
    return "ResaTokenUsage{input=%d, cachedInput=%d, output=%d, reasoning=%d}"
        .formatted(
            inputTokenCount(), cachedInputTokenCount, outputTokenCount(), reasoningTokenCount);
  }
}
