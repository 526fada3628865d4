package org.resa4j.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The page's files; {@code tools/test-page.sh} has it in a browser. */
class PageApiTest {
  private static Served served;

  @BeforeAll
  static void start() {
    served = Served.start(builder -> builder, options -> options.withApiKey(new ApiKey("secret")));
  }

  @AfterAll
  static void close() {
    served.close();
  }

  @ParameterizedTest
  @CsvSource({
    "/,text/html",
    "/page/style.css,text/css",
    "/page/page.js,text/javascript",
    "/page/api.js,text/javascript",
    "/page/answer.js,text/javascript",
    "/page/trace.js,text/javascript",
    "/page/clock.js,text/javascript",
    "/page/map.js,text/javascript",
    "/page/reading.js,text/javascript",
    "/page/words.js,text/javascript",
    "/page/icon.svg,image/svg+xml"
  })
  void filesNeedNoKeyAndMayDoLittle(String path, String type) {
    HttpResponse<String> response = served.get(path);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type").orElseThrow()).startsWith(type);
    assertThat(response.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
        .doesNotContain("unsafe", "*", "http");
    assertThat(response.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    assertThat(response.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
    assertThat(response.body().replace("http://www.w3.org/2000/svg", ""))
        .as("nothing of other hosts")
        .doesNotContain("http:", "https:", "//cdn", "@import");
  }

  @Test
  void textGoesInAsText() {
    for (String file :
        new String[] {"page", "answer", "api", "clock", "map", "reading", "trace", "words"}) {
      assertThat(served.get("/page/" + file + ".js").body())
          .doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML", "localStorage", "eval(");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/page/",
        "/page/other.js",
        "/page/..%2fPageApi.class",
        "/page/%2e%2e/Model.class"
      })
  void thereIsNothingElse(String path) {
    assertThat(served.get(path).statusCode()).isIn(400, 401, 404);
  }

  @Test
  void whatItAsksNeedsTheKey() {
    assertThat(served.get("/props").statusCode()).isEqualTo(401);
  }
}
