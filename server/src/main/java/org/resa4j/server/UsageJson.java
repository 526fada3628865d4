package org.resa4j.server;

import java.util.List;
import java.util.OptionalInt;
import org.resa4j.Usage;
import tools.jackson.databind.node.ObjectNode;

/** What an answer cost. */
final class UsageJson {
  private UsageJson() {}

  /**
   * @param texts its texts, in order
   * @param perPrompt how many of them each prompt has: its tokens count once
   * @param reasoning how many of the tokens written were reasoning, where that is known
   */
  static ObjectNode of(List<Usage> texts, int perPrompt, OptionalInt reasoning) {
    int prompt = 0;
    int cached = 0;
    int written = 0;
    for (int i = 0; i < texts.size(); i++) {
      if (i % perPrompt == 0) {
        prompt += texts.get(i).promptTokens();
        cached += texts.get(i).cachedTokens();
      }
      written += texts.get(i).generatedTokens();
    }
    ObjectNode usage = Json.object();
    usage.put("prompt_tokens", prompt);
    usage.put("completion_tokens", written);
    usage.put("total_tokens", prompt + written);
    usage.putObject("prompt_tokens_details").put("cached_tokens", cached);
    reasoning.ifPresent(
        tokens -> usage.putObject("completion_tokens_details").put("reasoning_tokens", tokens));
    return usage;
  }
}
