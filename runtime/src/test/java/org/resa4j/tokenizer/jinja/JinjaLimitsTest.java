package org.resa4j.tokenizer.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.resa4j.error.InputException;

/** A template from anywhere neither hangs, nor fills the memory, nor overflows a small stack. */
class JinjaLimitsTest {
  private static final long SMALL_STACK = 512 << 10;
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String DEEP_TUPLE =
      "{% set ns = namespace(t=()) %}{% for i in range(10000) %}{% set ns.t = (ns.t,) %}{% endfor"
          + " %}";
  private static final String WIDE_TUPLE =
      "{% set ns = namespace(t=(1,)) %}{% for i in range(60) %}{% set ns.t = (ns.t, ns.t) %}"
          + "{% endfor %}";

  /** On a small stack, and not for long. */
  private static String render(String template, Map<String, ?> variables) {
    List<Object> result = new ArrayList<>();
    Thread thread =
        new Thread(
            null,
            () -> {
              try {
                result.add(new JinjaTemplate(template).render(variables));
              } catch (Throwable e) {
                result.add(e);
              }
            },
            "template",
            SMALL_STACK);
    thread.setDaemon(true);
    thread.start();
    try {
      assertThat(thread.join(SOON)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    if (result.getFirst() instanceof InputException e) {
      throw e;
    }
    if (result.getFirst() instanceof Throwable e) {
      throw new AssertionError(e);
    }
    return (String) result.getFirst();
  }

  private static void assertLimited(String template, Map<String, ?> variables) {
    assertThatThrownBy(() -> render(template, variables))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("limit of");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}"
            + "{% endfor %}{% endfor %}{% endfor %}",
        "{% for i in range(10**9) %}{% endfor %}",
        "{{ range(-9223372036854775807, 9223372036854775807) }}",
        "{{ 'a' * 10**9 }}",
        "{{ 10**18 * 'ab' }}",
        "{{ [1] * 10**9 }}",
        "{{ (1, 2) * 10**18 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '%.1000000000f' % 1 }}",
        "{{ '%.1000000000d' % 1 }}",
        "{{ '%99999999999999999999s' % 'a' }}",
        "{{ '%*d' % (10**9, 1) }}",
        "{{ '{:1000000000}'.format('a') }}",
        "{{ '{:.1000000000f}'.format(1.5) }}",
        "{{ '{:0999999999,}'.format(1) }}",
        "{{ 'a'.center(10**9) }}",
        "{{ 'a' | center(10**9) }}",
        "{{ 'a'.ljust(10**18) }}",
        "{{ 'a'.zfill(10**9) }}",
        "{{ '\\t'.expandtabs(10**9) }}",
        "{{ 'a\\nb' | indent(10**9) }}",
        "{{ [[1]] | tojson(indent=10**9) }}",
        "{{ [1] | batch(10**9, 'x') | list }}",
        "{{ [1] | slice(10**9) | list }}",
        "{{ ('a' * 10**6).replace('a', 'b' * 10**6) }}",
        "{{ ('a' * 10**6) | replace('', 'bbbbbbbbbbbbbbbbbbbbbbbb') }}",
        "{{ ('b' * 10**5).join('a' * 10**5) }}",
        "{{ ('a' * 10**6) | join('b' * 10**6) }}",
        "{{ ('a,' * 10**7).split(',') }}",
        "{{ ('a ' * 5 * 10**6).split() }}",
        "{{ ('\\n' * 10**7).splitlines() }}",
        "{{ ('a' * 10**7) | list }}",
        "{% set ns = namespace(x='a') %}{% for i in range(100) %}{% set ns.x = ns.x + ns.x %}"
            + "{% endfor %}",
        "{% set ns = namespace(x='a') %}{% for i in range(100) %}{% set ns.x = ns.x ~ ns.x %}"
            + "{% endfor %}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(100) %}{% set ns.x = ns.x + ns.x %}"
            + "{% endfor %}",
        "{% set ns = namespace(x='a') %}{% for i in range(100) %}{% set ns.x %}{{ ns.x }}{{ ns.x }}"
            + "{% endset %}{% endfor %}",
        "{% set x = 'a' * 10**6 %}{% for i in range(1000) %}{{ x }}{% endfor %}",
        "{% set x = 'a' * 10**6 %}{% for i in range(100000) %}{% set y = x + 'b' %}{% endfor %}",
        "{% set x = 'a' * 10**6 %}{% for i in range(100000) %}{% set y = x | upper %}{% endfor %}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}",
        "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60)"
            + " }}",
        "{% macro f() %}{% call f() %}{{ caller() }}{% endcall %}{{ caller() }}{% endmacro %}"
            + "{% call f() %}{% endcall %}",
        "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{% set ns = namespace() %}{% set ns.a = ns %}{{ ns }}",
        "{% set ns = namespace() %}{% set ns.a = [ns] %}{{ ns.a | string }}",
        DEEP_TUPLE + "{{ ns.t }}",
        DEEP_TUPLE + "{{ ns.t | tojson }}",
        DEEP_TUPLE + "{{ {ns.t: 1} }}",
        DEEP_TUPLE + "{% set a = ns.t %}" + DEEP_TUPLE + "{{ a == ns.t }}",
        DEEP_TUPLE + "{% set a = ns.t %}" + DEEP_TUPLE + "{{ a < ns.t }}",
        "{{ [{}] | map(attribute='.' * 10**7) | list }}",
        "{{ [{}] | sort(attribute=',' * 10**7) }}",
        WIDE_TUPLE + "{{ ns.t }}",
        WIDE_TUPLE + "{{ ns.t | tojson | length }}",
        WIDE_TUPLE + "{{ {ns.t: 1} }}",
        WIDE_TUPLE + "{% set a = ns.t %}" + WIDE_TUPLE + "{{ a == ns.t }}",
        "{% set ns = namespace(g=[1]) %}{% for i in range(5000) %}"
            + "{% set ns.g = ns.g | map('string') %}{% endfor %}{{ ns.g | list }}",
      })
  void soonAndWithTheLimit(String template) {
    assertLimited(template, Map.of());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(",
        "[",
        "{1:",
        "not ",
        "-",
        "a[",
        "f(",
        "[[",
        "(-",
        "1 if 1 else ",
        "a if ",
        "a(b|c(",
      })
  void nestingOfExpressions(String open) {
    assertThatThrownBy(() -> render("{{ " + open.repeat(50_000), Map.of()))
        .isInstanceOf(InputException.class);
    if (!open.equals("a if ")) {
      assertLimited("{{ " + open.repeat(50_000) + "1", Map.of());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% if 1 %}",
        "{% for x in [1] %}",
        "{% with %}",
        "{% filter upper %}",
        "{% set x %}",
        "{% generation %}",
        "{% macro f() %}",
        "{% call f() %}",
        "{% if 1 %}{% else %}",
        "{% set (",
      })
  void nestingOfStatements(String open) {
    assertThatThrownBy(() -> render(open.repeat(50_000), Map.of()))
        .isInstanceOf(InputException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {".x", "[0]", "()", "|string", "|upper|lower", " is string", ".upper()"})
  void longChainsOfWhatNests(String link) {
    assertThatThrownBy(() -> render("{{ 'a'" + link.repeat(50_000) + " }}", Map.of()))
        .isInstanceOf(InputException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {" + 1", " ~ 1", " * 1", " and 1", " or 1", " == 1", " in [1]", " ** 1"})
  void longChainsOfOperatorsNestNoDeeper(String link) {
    render("{{ 1" + link.repeat(5_000) + " if false }}", Map.of());
  }

  @Test
  void longTemplatesParseInNoTimeOfTheirSquare() {
    StringBuilder names = new StringBuilder();
    for (int i = 0; i < 60_000; i++) {
      names.append("n").append(i).append("=1,");
    }
    assertThatThrownBy(() -> render("{{ f(" + names + ") }}", Map.of()))
        .isInstanceOf(InputException.class);
    assertThatThrownBy(() -> render("{{ 1 | a" + ".a".repeat(400_000) + " }}", Map.of()))
        .isInstanceOf(InputException.class);
    assertThat(render("{% print %}".repeat(90_000), Map.of())).isEmpty();
    assertThat(render("x{# c #}".repeat(120_000), Map.of())).hasSize(120_000);
  }

  @Test
  void manyBranchesNestNoDeeper() {
    String branches = "{% elif false %}b".repeat(10_000);
    assertThat(render("{% if false %}a" + branches + "{% else %}c{% endif %}", Map.of()))
        .isEqualTo("c");
  }

  @Test
  void deepButUsableNestingFitsASmallStack() {
    String brackets = "(".repeat(75) + "1" + ")".repeat(75);
    assertThat(render("{{ " + brackets + " }}", Map.of())).isEqualTo("1");
    String ifs = "{% if true %}".repeat(75) + "x" + "{% endif %}".repeat(75);
    assertThat(render(ifs, Map.of())).isEqualTo("x");
    String macro =
        "{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}";
    assertThat(render(macro, Map.of())).startsWith("605958").endsWith("10");
  }

  @Test
  void deepVariables() {
    List<Object> list = List.of();
    Map<String, Object> map = Map.of();
    for (int i = 0; i < 100_000; i++) {
      list = List.of(list);
      map = Map.of("a", map);
    }
    assertLimited("{{ x | tojson }}", Map.of("x", list));
    assertLimited("{{ x }}", Map.of("x", map));
  }

  @Test
  void searchesTakeNoTimeOfTheirProduct() {
    String text = "a".repeat(4_000_000);
    String part = "a".repeat(2_000_000) + "b";
    Map<String, String> variables = Map.of("s", text, "p", part, "q", "b" + part.substring(1));
    String template =
        "{{ p in s }}{{ s.find(p) }}{{ s.rfind(q) }}{{ s.count(p) }}{{ s.replace(p, 'x') == s }}"
            + "{{ s.split(p) | length }}{{ s.rsplit(q, 1) | length }}{{ s.strip(p) }}";
    assertThat(render(template, variables)).isEqualTo("False-1-10True11");
  }

  /** Each would hold a name of a million chars, more than the memory together. */
  @ParameterizedTest
  @ValueSource(strings = {"s[s]", "{}[s]", "s|attr(s)"})
  void whatIsUndefinedHoldsNoLongName(String undefined) {
    String template =
        "{% set ns = namespace(l=()) %}{% set s = 'a' * 1000000 %}{% for i in range(390) %}"
            + "{% for j in range(10) %}{% set ns.l = (ns.l, UNDEFINED) %}{% endfor %}"
            + "{% set ns.l = (ns.l, UNDEFINED) %}{% endfor %}ok";
    try {
      assertThat(render(template.replace("UNDEFINED", undefined), Map.of())).isEqualTo("ok");
    } catch (InputException e) {
      assertThat(e).hasMessageContaining("limit of");
    }
  }

  @Test
  void longTextsPass() {
    String text = "word ".repeat(2_400_000);
    String template = "{% for m in messages %}{{ '<' + m | trim + '>' }}{% endfor %}";
    assertThat(render(template, Map.of("messages", List.of(text)))).hasSize(text.length() + 1);
  }

  @Test
  void aTemplateOfAnyLengthIsRefused() {
    assertThatThrownBy(() -> new JinjaTemplate("a".repeat(Limits.SOURCE_CHARS + 1)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("limit of " + Limits.SOURCE_CHARS);
  }

  @Test
  void timeIsLimitedToo() {
    Limits limits =
        new Limits(1000, 100, 500, Long.MAX_VALUE, Duration.ofMillis(50), 1000, 1000, 1 << 20);
    String template =
        "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}";
    assertThatThrownBy(
            () -> new JinjaTemplate(template, Clock.systemUTC(), limits).render(Map.of()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("limit of 50 ms");
  }
}
