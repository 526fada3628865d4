package org.resa4j.cli;

import java.util.ArrayList;
import java.util.List;
import org.resa4j.GenerationOptions;
import org.resa4j.attention.ResaConfig;
import org.resa4j.generate.Sampling;
import picocli.CommandLine.Option;

/** How tokens are chosen and where a text ends. */
public final class SamplingFlags {
  @Option(
      names = {"-n", "--max-tokens", "--n-predict"},
      paramLabel = "N",
      description = "Tokens to write at the most (default: 2048).")
  private Integer maxTokens;

  @Option(
      names = {"--temperature", "--temp"},
      paramLabel = "T",
      description = "0 takes the likeliest token (default: 0).")
  private double temperature;

  @Option(names = "--top-k", paramLabel = "K", description = "0 is off (default: 0).")
  private int topK;

  @Option(names = "--top-p", paramLabel = "P", description = "1 is off (default: 1).")
  private double topP = 1;

  @Option(names = "--seed", paramLabel = "N", description = "Of the random choice (default: 0).")
  private long seed;

  @Option(names = "--stop", paramLabel = "TEXT", description = "Ends the text; may be repeated.")
  private List<String> stop = new ArrayList<>();

  @Option(names = "--ignore-eos", description = "Go on after an end-of-text token.")
  private boolean ignoreEndOfText;

  /** The most tokens to write. */
  public int maxTokens(int otherwise) {
    return maxTokens != null ? maxTokens : otherwise;
  }

  public GenerationOptions options(int tokens, ResaConfig config) {
    return new GenerationOptions(
        tokens, config, new Sampling(temperature, topK, topP, seed), stop, !ignoreEndOfText, false);
  }
}
