package org.resa4j.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.resa4j.generate.TokenFilter;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** The automaton takes JSON objects and nothing else; masks are what it takes. */
class JsonTextTest {
  private static TextState after(TextState begin, String text) {
    TextState state = begin;
    for (int i = 0; i < text.length() && state != null; i++) {
      state = state.next(text.charAt(i));
    }
    return state;
  }

  private static boolean isObject(String text) {
    TextState state = after(new JsonText(), text);
    return state != null && state.isComplete();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        " {\n}",
        "{\"a\": 1}",
        "{\"a\":[],\"b\":{},\"c\":[[1,2],{\"d\":null}]}",
        "{\"n\": [0, -0, 10, -1.5, 0.25, 1e9, 1E-3, 2.5e+10]}",
        "{\"s\": \"é \\u00e9 \\\" \\\\ \\/ \\b\\f\\n\\r\\t 漢 🙂\"}",
        "{\"\": true , \"b\" : false}",
        "{\"a\": [ ] }"
      })
  void objectsAreTaken(String text) {
    assertThat(isObject(text)).isTrue();
    assertThat(after(new JsonText(), text + " ")).as("nothing follows").isNull();
    for (int end = 0; end < text.length(); end++) {
      TextState state = after(new JsonText(), text.substring(0, end));
      assertThat(state).isNotNull();
      assertThat(state.isComplete()).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "1",
        "\"a\"",
        "}",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":+1}",
        "{\"a\":1e}",
        "{\"a\":-}",
        "{\"a\":[1,]}",
        "{\"a\":[1}",
        "{\"a\":{]",
        "{\"a\":tru}",
        "{\"a\":nulll}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\n\"}",
        "{\"a\" \"b\"}",
        "{}{}",
        "{\"a\":1 2}",
        "{\"a\":NaN}"
      })
  void nothingElseIs(String text) {
    assertThat(isObject(text)).isFalse();
  }

  /** Held against a parser, on what is nearly right. */
  @Test
  void theAutomatonAgreesWithAParser() {
    Random random = new Random(5);
    String letters = "{}[]\",:01.eE-+ tfnu\\a";
    String right = "{\"a\": [1, -2.5e3, {\"b\\u0041\": null}], \"c\": \"x\", \"d\": true}";
    int taken = 0;
    for (int trial = 0; trial < 200_000; trial++) {
      StringBuilder text = new StringBuilder(right);
      for (int times = random.nextInt(4); times > 0; times--) {
        int at = random.nextInt(text.length());
        char letter = letters.charAt(random.nextInt(letters.length()));
        switch (random.nextInt(3)) {
          case 0 -> text.setCharAt(at, letter);
          case 1 -> text.insert(at, letter);
          default -> text.deleteCharAt(at);
        }
      }
      boolean parsed;
      try {
        parsed = JsonMapper.shared().readTree(text.toString()).isObject();
      } catch (JacksonException e) {
        parsed = false;
      }
      // Behind an object there is no white space here.
      String stripped = text.toString();
      boolean trailing = !stripped.equals(stripped.stripTrailing());
      assertThat(isObject(stripped)).as(stripped).isEqualTo(parsed && !trailing);
      taken += parsed ? 1 : 0;
    }
    assertThat(taken).isGreaterThan(10_000);
  }

  @Test
  void depthAndWhiteSpaceAreBounded() {
    assertThat(after(new JsonText(), "{\"a\":" + "[".repeat(63))).isNotNull();
    assertThat(after(new JsonText(), "{\"a\":" + "[".repeat(64))).isNull();
    assertThat(after(new JsonText(), "{" + " ".repeat(64))).isNotNull();
    assertThat(after(new JsonText(), "{" + " ".repeat(65))).isNull();
  }

  @Test
  void masksAreTheTokensThatMayFollowWhole() {
    Random random = new Random(3);
    String letters = "{}[]\",: a1t";
    String[] texts = new String[3000];
    for (int i = 0; i < texts.length; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(6); length > 0; length--) {
        text.append(letters.charAt(random.nextInt(letters.length())));
      }
      texts[i] = text.toString();
    }
    TokenTexts tokens = TokenTexts.of(texts);
    for (String begin :
        List.of("", "{", "{\"", "{\"a\"", "{\"a\":", "{\"a\":[", "{\"a\":[1", "{\"a\":[\"", "{}")) {
      TextState state = after(new JsonText(), begin);
      BitSet expected = new BitSet();
      for (int i = 0; i < texts.length; i++) {
        expected.set(i, !texts[i].isEmpty() && after(state, texts[i]) != null);
      }
      assertThat(tokens.allowed(state)).as(begin).isEqualTo(expected);
    }
  }

  @Test
  void aTextEndsWhereItIsCompleteAndNotBefore() {
    Grammars grammars = new Grammars(TokenTexts.of("{", "}", "{}", "x", ""), Set.of(4));
    TokenFilter begin = grammars.filter(new JsonText());
    assertThat(begin.allowed()).isEqualTo(bits(0, 2));
    assertThat(begin.after(0).allowed()).isEqualTo(bits(1));
    assertThat(begin.after(2).allowed()).isEqualTo(bits(4));
    assertThat(begin.after(2).after(4).allowed()).isEqualTo(bits(4));
  }

  @Test
  void charactersThatNoTokenIsByItselfAreMissing() {
    Grammars grammars = new Grammars(TokenTexts.of("{", "ab", "é", "b", ""), Set.of(4));
    assertThat(grammars.missing("{ab}")).isEqualTo("a}");
    assertThat(grammars.missing("é{")).isEmpty();
  }

  private static BitSet bits(int... set) {
    BitSet bits = new BitSet();
    for (int each : set) {
      bits.set(each);
    }
    return bits;
  }

  @Test
  void formsAreWrittenOneAfterTheOther() {
    TextState call =
        InTurn.of(
            List.of(
                new OneOf(List.of(new Literal("<a>"), new Literal("<ab>"))),
                new JsonText(),
                new Literal("</>")));
    assertThat(after(call, "<a>{\"x\": 1}</>").isComplete()).isTrue();
    assertThat(after(call, "<ab>{}</>").isComplete()).isTrue();
    assertThat(after(call, "<ab>{}").isComplete()).isFalse();
    assertThat(after(call, "<a{")).isNull();
    assertThat(after(call, "<ab>{}</>!")).isNull();
    // Where the same may follow it is the same place.
    assertThat(after(call, "<a>{\"x\": \"one")).isEqualTo(after(call, "<ab>{\"y\": \"t"));
  }
}
