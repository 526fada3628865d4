package org.resa4j.server;

import java.nio.charset.StandardCharsets;
import org.resa4j.GeneratedToken;
import org.resa4j.generate.ChosenToken.TokenProbability;
import org.resa4j.tokenizer.Tokenizer;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Log-probabilities of tokens, as answers to chats have them. */
final class LogProbs {
  private static final char REPLACEMENT = '\uFFFD';

  private final Tokenizer tokenizer;

  LogProbs(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /** A token's text by itself. */
  String text(int token) {
    return tokenizer.decode(new int[] {token}, 0, 1, true);
  }

  ObjectNode of(GeneratedToken token) {
    ObjectNode json = of(token.id(), token.logProbability().orElseThrow());
    ArrayNode others = json.putArray("top_logprobs");
    for (TokenProbability each : token.likeliest()) {
      others.add(of(each.id(), each.logProbability()));
    }
    return json;
  }

  private ObjectNode of(int id, double logProbability) {
    String text = text(id);
    ObjectNode json = Json.object();
    json.put("token", text);
    json.put("logprob", logProbability);
    if (text.indexOf(REPLACEMENT) >= 0) {
      // Part of a character: its bytes are not known here.
      json.putNull("bytes");
    } else {
      ArrayNode bytes = json.putArray("bytes");
      for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
        bytes.add(Byte.toUnsignedInt(each));
      }
    }
    return json;
  }
}
