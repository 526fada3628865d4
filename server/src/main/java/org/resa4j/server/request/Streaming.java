package org.resa4j.server.request;

/**
 * Whether an answer comes in pieces.
 *
 * @param on whether it does
 * @param usage whether a last piece says what it cost
 * @param trace whether pieces say what was read of the cache for them
 */
public record Streaming(boolean on, boolean usage, boolean trace) {

  static Streaming of(Fields fields) {
    boolean on = fields.flag("stream").orElse(false);
    boolean usage = false;
    if (fields.has("stream_options")) {
      if (!on) {
        throw ApiException.invalid(
            "stream_options", "stream_options is for answers that stream; add stream");
      }
      Fields options = fields.object("stream_options").orElseThrow();
      usage = options.flag("include_usage").orElse(false);
      options.ignore("include_obfuscation").nothingElse();
    }
    boolean trace = fields.flag("resa_trace").orElse(false);
    if (trace && !on) {
      throw ApiException.invalid("resa_trace", "resa_trace is for answers that stream; add stream");
    }
    return new Streaming(on, usage, trace);
  }
}
