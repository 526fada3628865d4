package org.resa4j;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.resa4j.generate.ChosenToken;
import org.resa4j.generate.TokenListener;
import org.resa4j.tokenizer.StopStrings;
import org.resa4j.tokenizer.StreamDecoder;

/** From tokens to text that a reader may see: whole characters, no stop strings or tokens. */
final class TextStream implements TokenListener {
  private final StreamDecoder decoder;
  private final StopStrings stops;
  private final Set<Integer> stopTokens;
  private final GenerationHandle handle;
  private final StringBuilder text = new StringBuilder();
  private final List<GeneratedToken> tokens = new ArrayList<>();

  /**
   * @param stopTokens tokens that end the text and are no part of it
   */
  TextStream(
      StreamDecoder decoder, StopStrings stops, Set<Integer> stopTokens, GenerationHandle handle) {
    this.decoder = decoder;
    this.stops = stops;
    this.stopTokens = stopTokens;
    this.handle = handle;
  }

  @Override
  public boolean onToken(ChosenToken token, boolean last) {
    String part = stopTokens.contains(token.id()) ? "" : stops.add(decoder.add(token.id()));
    if (last) {
      part += stops.add(decoder.finish()) + stops.finish();
    }
    text.append(part);
    GeneratedToken generated =
        new GeneratedToken(token.id(), part, token.logProbability(), token.likeliest());
    tokens.add(generated);
    handle.publish(generated);
    return !stops.stopped();
  }

  String text() {
    return text.toString();
  }

  List<GeneratedToken> tokens() {
    return tokens;
  }
}
