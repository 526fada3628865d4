package org.resa4j.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class StopStringsTest {
  @Test
  void holdsBackWhatMayBeAStop() {
    StopStrings stops = new StopStrings(List.of("END", "\n\n"));
    assertThat(stops.add("to the E")).isEqualTo("to the ");
    assertThat(stops.add("N")).isEmpty();
    assertThat(stops.add("T\n")).isEqualTo("ENT");
    assertThat(stops.add("x")).isEqualTo("\nx");
    assertThat(stops.stopped()).isFalse();
  }

  @Test
  void endsBeforeTheFirstStop() {
    StopStrings stops = new StopStrings(List.of("END", "now"));
    assertThat(stops.add("EN")).isEmpty();
    assertThat(stops.add("now END")).isEqualTo("EN");
    assertThat(stops.stopped()).isTrue();
    assertThat(stops.add("more")).isEmpty();
    assertThat(stops.finish()).isEmpty();
  }

  @Test
  void givesWhatWasHeldAtTheEnd() {
    StopStrings stops = new StopStrings(List.of("END"));
    assertThat(stops.add("EN")).isEmpty();
    assertThat(stops.finish()).isEqualTo("EN");
  }

  @Test
  void findsAStopThatOverlapsItself() {
    StopStrings stops = new StopStrings(List.of("aab"));
    assertThat(stops.add("aa") + stops.add("a") + stops.add("b")).isEqualTo("a");
    assertThat(stops.stopped()).isTrue();
  }

  @Test
  void refusesAnEmptyStop() {
    assertThatThrownBy(() -> new StopStrings(List.of("")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theStopThatIsCompleteFirstEndsTheTextHoweverItComes() {
    List<String> stops = List.of("b", "bb", "acbc");
    StopStrings whole = new StopStrings(stops);
    assertThat(whole.add("aacbcab") + whole.finish()).isEqualTo("aac");
    StopStrings pieces = new StopStrings(stops);
    StringBuilder text = new StringBuilder();
    for (char each : "aacbcab".toCharArray()) {
      text.append(pieces.add(String.valueOf(each)));
    }
    assertThat(text.append(pieces.finish())).hasToString("aac");
  }
}
