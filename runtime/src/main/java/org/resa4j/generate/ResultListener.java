package org.resa4j.generate;

/** Hears each text as it ends, on the thread that decodes. */
@FunctionalInterface
public interface ResultListener {
  /**
   * @param request index of the request
   */
  void onResult(int request, DecodeResult result);
}
