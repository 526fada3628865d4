package org.resa4j.tokenizer.pipeline;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The added tokens of a file. As in the reference library, an id is the model's where its
 * vocabulary has the content, else the next one that is free: the file's own ids are not looked at.
 */
final class AddedTokens {
  private final Map<String, Integer> ids = new HashMap<>();
  private final Map<Integer, AddedToken> byId = new HashMap<>();
  private final Set<String> special = new HashSet<>();
  private final TokenSearch raw;
  private final TokenSearch normalized;

  /**
   * @param unused tokens of the vocabulary that are not looked for, and left out of decoded text as
   *     special ones are
   */
  AddedTokens(
      Source source,
      List<AddedToken> tokens,
      Set<String> unused,
      Vocabulary vocabulary,
      Normalizer normalizer) {
    List<AddedToken> searched = new ArrayList<>();
    for (AddedToken token : tokens) {
      if (token.special() && !token.content().isEmpty() && special.add(token.content())) {
        searched.add(token);
      }
    }
    special.addAll(unused);
    int highest = -1;
    for (AddedToken token : tokens) {
      if (token.content().isEmpty() || token.equals(byId.get(ids.get(token.content())))) {
        continue;
      }
      int id = id(token.content(), vocabulary);
      if (id == Vocabulary.NONE) {
        id = Math.max(vocabulary.size(), highest + 1);
      }
      highest = Math.max(highest, id);
      ids.put(token.content(), id);
      byId.put(id, token);
      if (!special.contains(token.content())) {
        searched.add(token);
      }
    }
    raw = new TokenSearch(source, byId);
    this.normalized = new TokenSearch(source, byId);
    for (AddedToken token : searched) {
      int id = ids.get(token.content());
      if (token.normalized()) {
        this.normalized.add(
            normalizer == null
                ? token.content()
                : normalizer.normalize(new Normalizer.Normalized(token.content(), true)).text(),
            id);
      } else {
        raw.add(token.content(), id);
      }
    }
  }

  /** The search in a text as it comes. */
  TokenSearch raw() {
    return raw;
  }

  /** The search in normalized text. */
  TokenSearch normalized() {
    return normalized;
  }

  /** The id of an added token or one of the vocabulary, or {@link Vocabulary#NONE}. */
  int id(String content, Vocabulary vocabulary) {
    Integer id = ids.get(content);
    return id == null ? vocabulary.id(content) : id;
  }

  /** Each one, by its id. */
  Map<Integer, AddedToken> all() {
    return Map.copyOf(byId);
  }

  /** The text of an id, or null. */
  String token(int id) {
    AddedToken token = byId.get(id);
    return token == null ? null : token.content();
  }

  boolean isSpecial(String content) {
    return special.contains(content);
  }

  /** How many there are that the vocabulary has not. */
  int beside(Vocabulary vocabulary) {
    return (int)
        ids.keySet().stream().filter(content -> vocabulary.id(content) == Vocabulary.NONE).count();
  }
}
