package org.resa4j.server;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Tells requests for a server on the loopback interface from those of a page whose own name was
 * made to lead there (DNS rebinding): to the browser the page and the server are one site then.
 */
final class LoopbackHost {
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[?::1\\]?", Pattern.CASE_INSENSITIVE);

  private LoopbackHost() {}

  /**
   * Whether a request may be answered.
   *
   * @param listening what the server listens on; other interfaces are answered under any name
   * @param host the request's Host, with or without a port; empty where it has none, as of no
   *     browser
   */
  static boolean allows(String listening, Optional<String> host) {
    if (!LOOPBACK.matcher(listening).matches() || host.isEmpty()) {
      return true;
    }
    String name = host.get().toLowerCase(Locale.ROOT).replaceFirst(":\\d+$", "");
    return LOOPBACK.matcher(name).matches();
  }
}
