package org.resa4j.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoopbackHostTest {
  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, 127.0.0.1:8080, true",
    "127.0.0.1, localhost:8080, true",
    "localhost, LOCALHOST, true",
    "127.0.0.1, [::1]:8080, true",
    "::1, [::1], true",
    "127.0.0.1, , true",
    "127.0.0.1, evil.example:8080, false",
    "127.0.0.1, evil.example, false",
    "127.0.0.1, 127.0.0.1.evil.example:8080, false",
    "localhost, localhost.evil.example, false",
    "127.0.0.1, 10.0.0.1:8080, false",
    "0.0.0.0, evil.example, true",
    "10.0.0.1, my-server:8080, true"
  })
  void onlyThisMachinesNamesLeadToTheLoopbackInterface(
      String listening, String host, boolean allowed) {
    assertThat(LoopbackHost.allows(listening, Optional.ofNullable(host))).isEqualTo(allowed);
  }
}
