package org.resa4j;

import java.util.function.Consumer;
import org.resa4j.tokenizer.StopStrings;
import org.resa4j.tokenizer.StreamDecoder;

/** From tokens to text that a reader may see: whole characters, no stop strings. */
public final class TextStream {
  private final StreamDecoder decoder;
  private final StopStrings stops;
  private final Consumer<String> onText;
  private final StringBuilder text = new StringBuilder();

  /**
   * @param onText hears the text as it comes
   */
  public TextStream(StreamDecoder decoder, StopStrings stops, Consumer<String> onText) {
    this.decoder = decoder;
    this.stops = stops;
    this.onText = onText;
  }

  /** Takes a token; returns whether to go on. */
  public boolean onToken(int token) {
    emit(stops.add(decoder.add(token)));
    return !stops.stopped();
  }

  /** Ends the stream; returns the whole text. */
  public String finish() {
    emit(stops.add(decoder.finish()));
    emit(stops.finish());
    return text.toString();
  }

  private void emit(String part) {
    if (!part.isEmpty()) {
      text.append(part);
      onText.accept(part);
    }
  }
}
