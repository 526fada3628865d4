package org.resa4j.tokenizer.pipeline;

/**
 * Byte-pair encoding: the characters of a piece, of which pairs become one by rank.
 *
 * <p>Source: the reference library's {@code merge_word}, whose order of tokens this keeps where
 * unknown characters and bytes of others mix.
 */
final class Bpe implements Model {
  private final Source source;
  private final Vocabulary vocabulary;
  private final Merges merges;
  private final Settings settings;
  private final int[] characters;
  private final ByteTokens bytes;
  private final int unknown;
  private final WordCache cache = new WordCache();

  /**
   * What a file says beside vocabulary and merges.
   *
   * @param unknownToken null where there is none
   * @param prefix of tokens within a word, often empty
   * @param suffix of the last token of a word, often empty
   */
  record Settings(
      String unknownToken,
      String prefix,
      String suffix,
      boolean fuseUnknown,
      boolean byteFallback,
      boolean ignoreMerges) {}

  Bpe(Source source, Vocabulary vocabulary, Merges merges, Settings settings) {
    this.source = source;
    this.vocabulary = vocabulary;
    this.merges = merges;
    this.settings = settings;
    this.characters = vocabulary.idsOfCharacters();
    this.bytes = settings.byteFallback ? new ByteTokens(vocabulary) : null;
    this.unknown =
        settings.unknownToken == null ? Vocabulary.NONE : vocabulary.id(settings.unknownToken);
  }

  Merges merges() {
    return merges;
  }

  Settings settings() {
    return settings;
  }

  /**
   * Whether the text of every token is merged to that token, so that none needs to be looked up.
   */
  boolean mergesToEveryToken(int size) {
    Settings merging =
        new Settings(
            settings.unknownToken,
            settings.prefix,
            settings.suffix,
            settings.fuseUnknown,
            settings.byteFallback,
            false);
    IntList found = new IntList();
    Pieces pieces = new Bpe(source, vocabulary, merges, merging).into(found);
    for (int id = 0; id < size; id++) {
      String token = vocabulary.token(id);
      if (token != null && !token.isEmpty()) {
        found.clear();
        pieces.piece(token.toCharArray(), 0, token.length(), true);
        if (found.size() != 1 || found.get(0) != id) {
          return false;
        }
      }
    }
    return true;
  }

  @Override
  public Vocabulary vocabulary() {
    return vocabulary;
  }

  @Override
  public Pieces into(IntList tokens) {
    return new Words(tokens);
  }

  private final class Words implements Pieces {
    private final IntList out;
    private final IntList fallback = new IntList();
    private final BpeWord word = new BpeWord(merges, !settings.prefix.isEmpty());

    private Words(IntList out) {
      this.out = out;
    }

    @Override
    public void piece(char[] text, int from, int to, boolean atStart) {
      if (!WordCache.keeps(to - from)) {
        if (!isToken(text, from, to)) {
          merge(text, from, to);
        }
        return;
      }
      int hash = Hashing.of(text, from, to);
      int[] known = cache.get(hash, text, from, to);
      if (known == null) {
        int start = out.size();
        if (!isToken(text, from, to)) {
          merge(text, from, to);
        }
        cache.put(hash, text, from, to, out.toArray(start));
      } else {
        out.addAll(known);
      }
    }

    /** Adds a piece that is a token, where that goes before merging. */
    private boolean isToken(char[] text, int from, int to) {
      int id = settings.ignoreMerges ? vocabulary.id(text, from, to) : Vocabulary.NONE;
      if (id != Vocabulary.NONE) {
        out.add(id);
      }
      return id != Vocabulary.NONE;
    }

    private void merge(char[] text, int from, int to) {
      word.clear();
      boolean pending = false;
      int end;
      for (int i = from; i < to; i = end) {
        boolean pair = Character.isHighSurrogate(text[i]) && i + 1 < to;
        end = pair ? i + 2 : i + 1;
        char[] symbol = symbol(text, i, end, from, to);
        int id =
            symbol == text
                ? pair ? vocabulary.id(text, i, end) : characters[text[i]]
                : vocabulary.id(symbol, 0, symbol.length);
        if (id != Vocabulary.NONE) {
          if (pending) {
            word.add(unknown);
            pending = false;
          }
          word.add(id);
        } else if (!fallBack(text, i, end, symbol) && settings.unknownToken != null) {
          if (unknown == Vocabulary.NONE) {
            throw source.fail("model BPE", "the unknown token is not in the vocabulary");
          }
          if (pending && !settings.fuseUnknown) {
            word.add(unknown);
          }
          pending = true;
        }
      }
      if (pending) {
        word.add(unknown);
      }
      word.merge(out);
    }

    private boolean fallBack(char[] text, int from, int to, char[] symbol) {
      if (bytes == null) {
        return false;
      }
      fallback.clear();
      boolean all =
          symbol == text
              ? bytes.add(text, from, to, fallback)
              : bytes.add(symbol, 0, symbol.length, fallback);
      for (int i = 0; i < fallback.size(); i++) {
        word.add(fallback.get(i));
      }
      return all;
    }

    /** A character as the vocabulary has it: {@code text} itself where nothing is added to it. */
    private char[] symbol(char[] text, int at, int end, int from, int to) {
      String before = at == from ? "" : settings.prefix;
      String after = end == to ? settings.suffix : "";
      return before.isEmpty() && after.isEmpty()
          ? text
          : (before + new String(text, at, end - at) + after).toCharArray();
    }
  }
}
