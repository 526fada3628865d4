package org.resa4j.server;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.resa4j.server.request.ApiException;

/**
 * The page at {@code /} and its files. It is for everybody: what it shows it asks of the API, with
 * the key that its user enters.
 */
final class PageApi {
  private static final String SCRIPT = "text/javascript; charset=utf-8";

  /** By name; nothing else is there. */
  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("index.html", "text/html; charset=utf-8"),
          Map.entry("style.css", "text/css; charset=utf-8"),
          Map.entry("icon.svg", "image/svg+xml"),
          Map.entry("page.js", SCRIPT),
          Map.entry("api.js", SCRIPT),
          Map.entry("answer.js", SCRIPT),
          Map.entry("clock.js", SCRIPT),
          Map.entry("map.js", SCRIPT),
          Map.entry("reading.js", SCRIPT),
          Map.entry("trace.js", SCRIPT),
          Map.entry("words.js", SCRIPT));

  /** The page loads its own files, asks its own server, and runs nothing else. */
  private static final List<Header> HEADERS =
      List.of(
          HeaderValues.create(
              HeaderNames.create("Content-Security-Policy"),
              "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
                  + " connect-src 'self'; base-uri 'none'; form-action 'none';"
                  + " frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types"
                  + " 'none'"),
          HeaderValues.create(HeaderNames.create("X-Content-Type-Options"), "nosniff"),
          HeaderValues.create(HeaderNames.create("Referrer-Policy"), "no-referrer"),
          HeaderValues.create(HeaderNames.create("Cross-Origin-Opener-Policy"), "same-origin"),
          HeaderValues.create(HeaderNames.create("Cross-Origin-Resource-Policy"), "same-origin"),
          HeaderValues.create(HeaderNames.CACHE_CONTROL, "no-cache"));

  private final Map<String, byte[]> files =
      TYPES.keySet().stream().collect(Collectors.toUnmodifiableMap(name -> name, PageApi::read));

  private static byte[] read(String name) {
    try (InputStream in = PageApi.class.getResourceAsStream("page/" + name)) {
      if (in == null) {
        throw new IllegalStateException("the page's file " + name + " is missing");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void page(Http http) {
    file(http, "index.html");
  }

  void file(Http http, String name) {
    byte[] bytes = files.get(name);
    if (bytes == null) {
      throw ApiException.of(404, "unknown_url", "the page has no file of that name");
    }
    http.send(TYPES.get(name), bytes, HEADERS);
  }
}
