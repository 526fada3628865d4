package org.resa4j.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.resa4j.GeneratedToken;
import org.resa4j.Generation;
import org.resa4j.GenerationOptions;
import org.resa4j.ResaInfo;
import org.resa4j.Usage;
import org.resa4j.engine.EngineInfo;
import org.resa4j.generate.ChosenToken.TokenProbability;
import org.resa4j.tokenizer.Tokenizer;
import tools.jackson.databind.node.ObjectNode;

/** A text and what was measured, as {@code resa run --json} prints it. */
final class JsonReport {
  private JsonReport() {}

  /**
   * A token with its probability, and those of the likeliest there.
   *
   * @param logProb the natural logarithm of its probability; of none, empty
   */
  private record Token(int id, String text, OptionalDouble logProb, List<Likely> likeliest) {}

  /** A token that could have been chosen. */
  private record Likely(int id, String text, double logProb) {}

  static String of(
      ResaInfo resa,
      Tokenizer tokenizer,
      GenerationOptions options,
      Generation generation,
      Optional<StageSample> stages) {
    Usage usage = generation.usage();
    EngineInfo info = resa.engine();
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("text", generation.text());
    root.put("tokens", generation.tokenIds());
    if (options.logProbabilities().isPresent()) {
      root.put("log_probs", probabilities(tokenizer, generation));
    }
    root.put("finish", generation.finish());
    root.put("model", resa.modelName());
    root.put("device", info.device());
    root.put("kv_type", info.kvType());
    root.put("context", info.options().contextLength());
    root.put("attention", options.attention());
    root.put("metrics", metrics(usage));
    stages.ifPresent(
        sample -> {
          root.put("stages", sample.times());
          sample.steps().ifPresent(steps -> root.put("stages_of_last_steps", steps));
        });
    root.put("rectified_every", usage.rectification().meanInterval());
    root.put("prefill_tokens_per_second", usage.times().prefillTokensPerSecond());
    root.put("decode_tokens_per_second", usage.times().decodeTokensPerSecond());
    return JsonOutput.MAPPER.writeValueAsString(root);
  }

  private static ObjectNode metrics(Usage usage) {
    ObjectNode node = JsonOutput.MAPPER.valueToTree(usage);
    node.put("blocks_kept_share", usage.blocksKeptShare());
    if (usage.verifications().count() > 0) {
      node.put("drafts_accepted_share", usage.verifications().acceptance());
      node.put("tokens_per_verification", usage.verifications().tokensEach());
    }
    return node;
  }

  private static List<Token> probabilities(Tokenizer tokenizer, Generation generation) {
    return generation.tokens().stream().map(token -> probability(tokenizer, token)).toList();
  }

  private static Token probability(Tokenizer tokenizer, GeneratedToken token) {
    return new Token(
        token.id(),
        text(tokenizer, token.id()),
        token.logProbability(),
        token.likeliest().stream().map(likely -> likely(tokenizer, likely)).toList());
  }

  private static Likely likely(Tokenizer tokenizer, TokenProbability token) {
    return new Likely(token.id(), text(tokenizer, token.id()), token.logProbability());
  }

  private static String text(Tokenizer tokenizer, int id) {
    return tokenizer.decode(new int[] {id}, 0, 1, true);
  }
}
