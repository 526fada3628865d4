package org.resa4j.tokenizer.pipeline;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Which pairs of tokens become one: rank by pair, and token by rank. */
final class Merges {
  static final int NONE = LongIntMap.NONE;

  /** Ids of two tokens and of what they become. */
  record Pair(int left, int right, int token) {}

  private final LongIntMap ranks;
  private final int[] merged;

  /**
   * @param component what to call them if they are refused
   * @param texts two for each merge, best first
   * @param prefix what a token begins with that goes on within a word; may be empty
   */
  Merges(Source source, String component, TextList texts, Vocabulary vocabulary, String prefix) {
    int count = texts.size() / 2;
    this.ranks = new LongIntMap(count);
    this.merged = new int[count];
    char[] text = texts.text();
    char[] joined = {};
    for (int rank = 0; rank < count; rank++) {
      int start = texts.start(2 * rank);
      int middle = texts.end(2 * rank);
      int end = texts.end(2 * rank + 1);
      int hash = Hashing.more(0, text, start, middle);
      int left = vocabulary.id(Hashing.finish(hash), text, start, middle);
      int right = vocabulary.id(text, middle, end);
      int both;
      if (prefix.isEmpty()) {
        both =
            vocabulary.id(Hashing.finish(Hashing.more(hash, text, middle, end)), text, start, end);
      } else {
        if (!texts.get(2 * rank + 1).startsWith(prefix)) {
          throw source.refuse(
              component,
              "merge %d joins a token that does not begin with continuing_subword_prefix"
                  .formatted(rank));
        }
        String whole = texts.get(2 * rank) + texts.get(2 * rank + 1).substring(prefix.length());
        joined = whole.toCharArray();
        both = vocabulary.id(joined, 0, joined.length);
      }
      if (left == Vocabulary.NONE || right == Vocabulary.NONE || both == Vocabulary.NONE) {
        throw source.refuse(
            component,
            "merge %d, \"%s %s\", names a token that is not in the vocabulary"
                .formatted(
                    rank,
                    Source.shortened(texts.get(2 * rank)),
                    Source.shortened(texts.get(2 * rank + 1))));
      }
      ranks.put((long) left << 32 | right, rank);
      merged[rank] = both;
    }
  }

  /** The rank of a pair, or {@link #NONE}. */
  int rank(int left, int right) {
    return ranks.get((long) left << 32 | right);
  }

  int size() {
    return merged.length;
  }

  /** Each pair and the token that it becomes, best first. */
  List<Pair> pairs() {
    Pair[] byRank = new Pair[merged.length];
    ranks.forEach(
        (pair, rank) -> byRank[rank] = new Pair((int) (pair >>> 32), (int) pair, merged[rank]));
    // Of a pair that came twice the later rank is left.
    return Stream.of(byRank).filter(Objects::nonNull).toList();
  }

  /** The token that a merge makes. */
  int token(int rank) {
    return merged[rank];
  }
}
