package org.resa4j.cli;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.resa4j.GenerationOptions;
import org.resa4j.attention.ResaConfig;
import org.resa4j.generate.Sampling;
import org.resa4j.tokenizer.Tokenizer;
import picocli.CommandLine.Option;

/** How tokens are chosen and where a text ends. */
public final class SamplingFlags {
  @Option(
      names = {"-n", "--max-tokens", "--n-predict"},
      paramLabel = "N",
      description = "Tokens to write at the most (default: 2048, in chat 1024).")
  private Integer maxTokens;

  @Option(
      names = {"--temperature", "--temp"},
      paramLabel = "T",
      description = "0 takes the likeliest token (default: the model's, else 0).")
  private Double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description = "Only the K likeliest tokens; 0 is off (default: the model's).")
  private Integer topK;

  @Option(names = "--top-p", paramLabel = "P", description = "1 is off (default: the model's).")
  private Double topP;

  @Option(
      names = "--min-p",
      paramLabel = "P",
      description = "Only tokens so probable, relative to the likeliest; 0 is off (the model's).")
  private Double minP;

  @Option(
      names = {"--repetition-penalty", "--repeat-penalty"},
      paramLabel = "X",
      description = "Makes tokens that were there less likely; 1 is off (the model's).")
  private Double repetitionPenalty;

  @Option(names = "--seed", paramLabel = "N", description = "Of the random choice (default: 0).")
  private long seed;

  @Option(names = "--stop", paramLabel = "TEXT", description = "Ends the text; may be repeated.")
  private List<String> stop = new ArrayList<>();

  @Option(
      names = "--stop-token",
      paramLabel = "TOKEN",
      description = "Ends the text, by its text or its id; may be repeated.")
  private List<String> stopTokens = new ArrayList<>();

  @Option(names = "--ignore-eos", description = "Go on after an end-of-text token.")
  private boolean ignoreEndOfText;

  /** The most tokens to write. */
  public int maxTokens(int otherwise) {
    return maxTokens != null ? maxTokens : otherwise;
  }

  /**
   * How a text is to be written.
   *
   * @param model the model's own, for what no flag says
   * @param tokenizer the model's, for tokens that flags name
   * @param vocabulary the model's number of tokens
   * @throws UsageException for a flag outside its range
   */
  public GenerationOptions options(
      Sampling model, Tokenizer tokenizer, int vocabulary, int tokens, ResaConfig config) {
    Set<Integer> named = new HashSet<>();
    for (String token : stopTokens) {
      named.add(token(tokenizer, vocabulary, token));
    }
    return UsageException.unlessMadeOfOptions(
        () ->
            new GenerationOptions(tokens, config, given(model))
                .withStopStrings(stop)
                .withStopTokens(named)
                .withStopAtEndOfText(!ignoreEndOfText));
  }

  /** A token's text comes before its id: a digit is both. */
  private static int token(Tokenizer tokenizer, int vocabulary, String token) {
    OptionalInt id = tokenizer.tokenId(token);
    if (id.isPresent()) {
      return id.getAsInt();
    }
    if (token.matches("[0-9]{1,9}") && Integer.parseInt(token) < vocabulary) {
      return Integer.parseInt(token);
    }
    throw new UsageException(
        "--stop-token %s is neither a token of the model nor an id below %d"
            .formatted(token, vocabulary));
  }

  private Sampling given(Sampling model) {
    return new Sampling(
        temperature != null ? temperature : model.temperature(),
        topK != null ? topK : model.topK(),
        topP != null ? topP : model.topP(),
        minP != null ? minP : model.minP(),
        repetitionPenalty != null ? repetitionPenalty : model.repetitionPenalty(),
        seed);
  }
}
