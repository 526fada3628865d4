package org.resa4j.tokenizer.pipeline;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.resa4j.error.InputException;
import org.resa4j.format.GgufMetadata;
import org.resa4j.tokenizer.pipeline.GgufTokens.Role;
import org.resa4j.tokenizer.pipeline.GgufTokens.Type;

/**
 * Puts a tokenizer together from a GGUF file's metadata, which has its tokens and merges or scores.
 * The patterns of its pre-tokenizer are not in the file: it only has a name for them.
 *
 * <p>Nothing normalizes Unicode, as in llama.cpp, and unlike some models' {@code tokenizer.json}.
 */
final class GgufTokenizer {
  static final String MERGES = "tokenizer.ggml.merges";
  static final String SCORES = "tokenizer.ggml.scores";
  static final String PRE = "tokenizer.ggml.pre";
  static final String ADD_FIRST = "tokenizer.ggml.add_bos_token";
  static final String ADD_LAST = "tokenizer.ggml.add_eos_token";
  static final String ADD_BLANK = "tokenizer.ggml.add_space_prefix";

  private final GgufMetadata metadata;
  private final Source source;
  private final GgufTokens tokens;
  private final Vocabulary vocabulary;
  private final List<AddedToken> added = new ArrayList<>();
  private final Set<String> unused = new HashSet<>();

  private GgufTokenizer(GgufMetadata metadata) {
    this.metadata = metadata;
    this.source = new Source(metadata.file());
    this.tokens = GgufTokens.read(metadata);
    this.vocabulary = readVocabulary();
    for (int id = 0; id < tokens.size(); id++) {
      switch (tokens.type(id)) {
        case NORMAL, BYTE -> {}
        case UNUSED -> unused.add(tokens.text(id));
        case UNKNOWN, CONTROL, USER_DEFINED ->
            added.add(
                new AddedToken(
                    tokens.text(id),
                    false,
                    false,
                    false,
                    false,
                    tokens.type(id) != Type.USER_DEFINED));
      }
    }
  }

  static Pipeline read(GgufMetadata metadata) {
    try {
      GgufTokenizer read = new GgufTokenizer(metadata);
      return read.tokens.isSentencePiece() ? read.sentencePiece() : read.byteLevel();
    } catch (OutOfMemoryError e) {
      // What it took is free again.
      throw new InputException(metadata.file() + ": takes more memory than there is", e);
    }
  }

  private Vocabulary readVocabulary() {
    Vocabulary read = new Vocabulary();
    for (int id = 0; id < tokens.size(); id++) {
      char[] text = tokens.text(id).toCharArray();
      if (read.add(text, 0, text.length, id) != Vocabulary.Added.YES) {
        throw source.refuse(
            "%s[%d]".formatted(GgufTokens.TEXTS, id),
            "the same text as token %d, \"%s\""
                .formatted(read.id(tokens.text(id)), Source.shortened(tokens.text(id))));
      }
    }
    read.trim();
    return read;
  }

  private Pipeline byteLevel() {
    GgufPreTokenizer pre = GgufPreTokenizer.named(metadata.text(PRE).orElse("default"));
    if (pre == null) {
      throw metadata.wrong(PRE, "one of " + String.join(", ", GgufPreTokenizer.names()));
    }
    Bpe.Settings settings = new Bpe.Settings(null, "", "", false, false, pre.ignoreMerges());
    return pipeline(
        null,
        pre.preTokenizer(source, PRE),
        new Bpe(source, vocabulary, new Merges(source, MERGES, merges(), vocabulary, ""), settings),
        pre.addFirst(),
        new Decoder.ByteLevel(verbatim()));
  }

  private Pipeline sentencePiece() {
    boolean addBlank = metadata.flag(ADD_BLANK).orElse(true);
    String blank = String.valueOf(ScoredBpe.BLANK);
    Normalizer blanks =
        new Normalizer.Replace(
            new Replacement(source, GgufTokens.MODEL, new TextPattern.Literal(" "), blank));
    return pipeline(
        addBlank ? new Normalizer.Sequence(List.of(new Normalizer.Prepend(blank), blanks)) : blanks,
        null,
        new ScoredBpe(vocabulary, scores(), tokens.id(Role.UNKNOWN).orElseThrow()),
        true,
        new Decoder.SentencePiece(addBlank, verbatim()));
  }

  private Pipeline pipeline(
      Normalizer normalizer,
      PreTokenizer preTokenizer,
      Model model,
      boolean addFirst,
      Decoder decoder) {
    PostProcessor around =
        PostProcessor.NONE
            .withFirst(boundary(ADD_FIRST, Role.FIRST, addFirst))
            .withLast(boundary(ADD_LAST, Role.LAST, false));
    return new Pipeline(
        new Pipeline.Parts(
            new AddedTokens(source, added, unused, vocabulary, null),
            normalizer,
            preTokenizer,
            model,
            around,
            decoder));
  }

  /** The token that goes before or after every text. */
  private OptionalInt boundary(String flag, Role role, boolean usual) {
    Optional<Boolean> said = metadata.flag(flag);
    OptionalInt id = tokens.id(role);
    if (id.isEmpty() && said.orElse(false)) {
      throw metadata.wrong(role.key(), "the id of a token, since %s is true".formatted(flag));
    }
    return said.orElse(usual) ? id : OptionalInt.empty();
  }

  /** Texts that are decoded as they are. */
  private Set<String> verbatim() {
    return added.stream().map(AddedToken::content).collect(Collectors.toUnmodifiableSet());
  }

  /** Two texts for each merge, best first; of one that comes twice, the first counts. */
  private TextList merges() {
    String kind = "a list of up to %d merges".formatted(ModelReader.MOST_MERGES);
    List<String> merges =
        metadata
            .texts(MERGES)
            .filter(list -> list.size() <= ModelReader.MOST_MERGES)
            .orElseThrow(() -> metadata.wrong(MERGES, kind));
    TextList parts = new TextList();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < merges.size(); i++) {
      String merge = merges.get(i);
      int blank = merge.indexOf(' ');
      if (blank < 1 || blank == merge.length() - 1 || merge.lastIndexOf(' ') != blank) {
        throw source.refuse(
            "%s[%d]".formatted(MERGES, i),
            "must be two tokens with a blank between them, and is \"%s\""
                .formatted(Source.shortened(merge)));
      }
      if (seen.add(merge)) {
        char[] text = merge.toCharArray();
        parts.add(text, 0, blank);
        parts.add(text, blank + 1, text.length - blank - 1);
      }
    }
    return parts;
  }

  private float[] scores() {
    float[] scores =
        metadata
            .floats(SCORES)
            .filter(all -> all.length == tokens.size())
            .orElseThrow(
                () ->
                    metadata.wrong(
                        SCORES, "a list of %d, one for each token".formatted(tokens.size())));
    for (int id = 0; id < scores.length; id++) {
      if (Float.isNaN(scores[id])) {
        throw source.refuse("%s[%d]".formatted(SCORES, id), "is no number");
      }
    }
    return scores;
  }
}
