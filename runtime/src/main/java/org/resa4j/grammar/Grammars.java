package org.resa4j.grammar;

import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.resa4j.generate.TokenFilter;

/**
 * Makes filters of grammars for one vocabulary, and keeps which tokens may follow for the places
 * that texts come to again and again, such as within a string.
 *
 * <p>Thread-safe.
 */
public final class Grammars {
  private static final int MOST_KEPT = 512;

  /** A schema may be large, and places keep it. */
  private static final int MOST_GRAMMARS = 8;

  private final TokenTexts texts;
  private final Set<Integer> endOfText;

  // Guarded by this.
  private final Map<Object, Map<TextState, BitSet>> kept = lately(MOST_GRAMMARS);

  /** Drops what was longest unused where there is more than so much. */
  private static <K, V> Map<K, V> lately(int most) {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > most;
      }
    };
  }

  private Map<TextState, BitSet> kept(TextState state) {
    return kept.computeIfAbsent(state.grammar(), each -> lately(MOST_KEPT));
  }

  /**
   * @param endOfText tokens that end a text, allowed where one may end
   */
  public Grammars(TokenTexts texts, Set<Integer> endOfText) {
    this.texts = texts;
    this.endOfText = Set.copyOf(endOfText);
  }

  /** Holds a text to a grammar, and has it end where it is complete and nothing may follow. */
  public TokenFilter filter(TextState begin) {
    return new Filter(begin);
  }

  /** Those of some characters that no token is by itself: a text might not go on with them. */
  public String missing(String characters) {
    return characters
        .codePoints()
        .mapToObj(Character::toString)
        .filter(each -> !texts.has(each))
        .collect(Collectors.joining());
  }

  private BitSet allowed(TextState at) {
    TextState state = at.within(texts.longest());
    synchronized (this) {
      BitSet known = kept(state).get(state);
      if (known != null) {
        return known;
      }
    }
    BitSet allowed = texts.allowed(state);
    if (state.isComplete()) {
      endOfText.forEach(allowed::set);
    }
    synchronized (this) {
      kept(state).put(state, allowed);
    }
    return allowed;
  }

  private final class Filter implements TokenFilter {
    private final TextState state;

    Filter(TextState state) {
      this.state = state;
    }

    @Override
    public BitSet allowed() {
      return Grammars.this.allowed(state);
    }

    @Override
    public TokenFilter after(int token) {
      if (endOfText.contains(token)) {
        return this;
      }
      TextState next = state;
      String text = texts.text(token);
      for (int i = 0; i < text.length(); i++) {
        next = next.next(text.charAt(i));
      }
      return new Filter(next);
    }
  }
}
