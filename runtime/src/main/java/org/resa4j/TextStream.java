package org.resa4j;

import java.util.ArrayList;
import java.util.List;
import org.resa4j.generate.ChosenToken;
import org.resa4j.generate.TokenListener;
import org.resa4j.tokenizer.StopStrings;
import org.resa4j.tokenizer.StreamDecoder;

/** From tokens to text that a reader may see: whole characters, no stop strings. */
final class TextStream implements TokenListener {
  private final StreamDecoder decoder;
  private final StopStrings stops;
  private final GenerationHandle handle;
  private final StringBuilder text = new StringBuilder();
  private final List<GeneratedToken> tokens = new ArrayList<>();

  TextStream(StreamDecoder decoder, StopStrings stops, GenerationHandle handle) {
    this.decoder = decoder;
    this.stops = stops;
    this.handle = handle;
  }

  @Override
  public boolean onToken(ChosenToken token, boolean last) {
    String part = stops.add(decoder.add(token.id()));
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
