package org.resa4j.tokenizer.pipeline;

import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.resa4j.tokenizer.pipeline.JsonReader.Token;

/**
 * Reads {@code model}: vocabulary and merges straight into flat arrays, in whatever order they
 * come.
 */
final class ModelReader {
  /** Published files have up to 580,604. */
  static final int MOST_MERGES = 1 << 22;

  private static final String VERSION = "#version";

  private final Source source;
  private final JsonReader json;
  private final Map<String, Object> settings = new LinkedHashMap<>();
  private final Vocabulary vocabulary = new Vocabulary();
  private boolean isObject;

  /** Tokens of a vocabulary that is an array, and their scores. */
  private TextList scored;

  private double[] scores = new double[1 << 10];

  /** Two for each merge. */
  private TextList merges;

  ModelReader(Source source, JsonReader json) {
    this.source = source;
    this.json = json;
  }

  /** Reads the object that begins here. */
  Model read() {
    if (json.current() != Token.START_OBJECT) {
      throw source.refuse("model", "not an object");
    }
    Set<String> names = new HashSet<>();
    while (json.next() != Token.END_OBJECT) {
      String name = json.string();
      if (!names.add(name)) {
        throw source.refuse("model", "\"%s\" comes twice".formatted(name));
      }
      Token token = json.next();
      if (name.equals("vocab") && token == Token.START_OBJECT) {
        readVocabulary();
      } else if (name.equals("vocab") && token == Token.START_ARRAY) {
        readScored();
      } else if (name.equals("merges") && token == Token.START_ARRAY) {
        readMerges();
      } else {
        settings.put(name, json.value("model"));
      }
    }
    vocabulary.trim();
    Map<String, Object> typed = new LinkedHashMap<>(settings);
    typed.putIfAbsent("type", guessedType());
    Fields fields = Fields.ofComponent(source, "model", typed);
    Model model =
        switch (fields.type()) {
          case "BPE" -> bpe(fields);
          case "WordLevel" -> wordLevel(fields);
          case "Unigram" -> unigram(fields);
          default -> throw fields.refuse("unknown type");
        };
    fields.end();
    return model;
  }

  /** What older files, which have no type, can only be. */
  private String guessedType() {
    if (merges != null) {
      return "BPE";
    }
    if (scored != null) {
      return "Unigram";
    }
    return settings.containsKey("max_input_chars_per_word") ? "WordPiece" : "WordLevel";
  }

  private void readVocabulary() {
    isObject = true;
    while (json.next() != Token.END_OBJECT) {
      char[] text = json.characters();
      int length = json.length();
      json.next();
      int id = json.wholeBelow(Vocabulary.ID_LIMIT);
      if (id < 0) {
        throw source.refuse(
            "model.vocab",
            "the id of \"%s\" must be a whole number from 0 to %d"
                .formatted(Source.shortened(new String(text, 0, length)), Vocabulary.ID_LIMIT - 1));
      }
      add(text, length, id);
    }
  }

  private void add(char[] text, int length, int id) {
    if (vocabulary.size() == Vocabulary.MOST_TOKENS) {
      throw source.refuse("model.vocab", "more than %d tokens".formatted(Vocabulary.MOST_TOKENS));
    }
    switch (vocabulary.add(text, 0, length, id)) {
      case YES -> {}
      case TOKEN_IS_THERE ->
          throw source.refuse(
              "model.vocab",
              "\"%s\" comes twice".formatted(Source.shortened(new String(text, 0, length))));
      case ID_IS_THERE ->
          throw source.refuse("model.vocab", "two tokens have the id %d".formatted(id));
    }
  }

  private void readScored() {
    scored = new TextList();
    while (json.next() != Token.END_ARRAY) {
      boolean pair = json.current() == Token.START_ARRAY && json.next() == Token.STRING;
      if (!pair) {
        throw badScored();
      }
      char[] text = json.characters();
      add(text, json.length(), scored.size());
      scored.add(text, 0, json.length());
      json.next();
      double score = json.number();
      if (Double.isNaN(score) || json.next() != Token.END_ARRAY) {
        throw badScored();
      }
      if (scored.size() > scores.length) {
        scores = Arrays.copyOf(scores, 2 * scores.length);
      }
      scores[scored.size() - 1] = score;
    }
  }

  private RuntimeException badScored() {
    return source.refuse(
        "model.vocab", "entry %d must be a token and its score".formatted(scored.size()));
  }

  private void readMerges() {
    merges = new TextList();
    while (json.next() != Token.END_ARRAY) {
      if (merges.size() == 2 * MOST_MERGES) {
        throw source.refuse("model.merges", "more than %d merges".formatted(MOST_MERGES));
      }
      if (json.current() == Token.STRING) {
        addJoined(json.characters(), json.length());
      } else {
        addPair();
      }
    }
  }

  private void addJoined(char[] text, int length) {
    // The first line of a file merges.txt.
    if (length >= VERSION.length() && text[0] == '#' && json.string().startsWith(VERSION)) {
      return;
    }
    int blank = -1;
    for (int i = 0; i < length; i++) {
      if (text[i] == ' ') {
        if (blank >= 0) {
          throw badMerge();
        }
        blank = i;
      }
    }
    if (blank < 0) {
      throw badMerge();
    }
    merges.add(text, 0, blank);
    merges.add(text, blank + 1, length - blank - 1);
  }

  private void addPair() {
    if (json.current() != Token.START_ARRAY) {
      throw badMerge();
    }
    for (int i = 0; i < 2; i++) {
      if (json.next() != Token.STRING) {
        throw badMerge();
      }
      merges.add(json.characters(), 0, json.length());
    }
    if (json.next() != Token.END_ARRAY) {
      throw badMerge();
    }
  }

  private RuntimeException badMerge() {
    return source.refuse(
        "model.merges",
        "merge %d must be two tokens, or a string of them with one blank"
            .formatted(merges.size() / 2));
  }

  private Model bpe(Fields fields) {
    if (!isObject || merges == null) {
      throw fields.refuse("\"vocab\" must be an object, and \"merges\" an array");
    }
    Object dropout = fields.peek("dropout");
    if (dropout != null && !(dropout instanceof Number number && number.doubleValue() == 0)) {
      throw fields.refuse("dropout gives other tokens every time");
    }
    fields.ignore("dropout");
    Bpe.Settings read =
        new Bpe.Settings(
            fields.optionalString("unk_token"),
            orEmpty(fields.optionalString("continuing_subword_prefix")),
            orEmpty(fields.optionalString("end_of_word_suffix")),
            fields.bool("fuse_unk", false),
            fields.bool("byte_fallback", false),
            fields.bool("ignore_merges", false));
    Merges ranks = new Merges(source, "model BPE", merges, vocabulary, read.prefix());
    return new Bpe(source, vocabulary, ranks, read);
  }

  private static String orEmpty(String text) {
    return text == null ? "" : text;
  }

  private Model wordLevel(Fields fields) {
    if (!isObject || merges != null) {
      throw fields.refuse("\"vocab\" must be an object, and there are no \"merges\"");
    }
    return new WordLevel(source, vocabulary, fields.string("unk_token"));
  }

  private Model unigram(Fields fields) {
    if (scored == null || merges != null) {
      throw fields.refuse("\"vocab\" must be an array, and there are no \"merges\"");
    }
    int unknown = Vocabulary.NONE;
    if (fields.has("unk_id")) {
      if (scored.size() == 0) {
        throw fields.refuse("\"unk_id\" in an empty vocabulary");
      }
      unknown = fields.whole("unk_id", 0, scored.size() - 1);
    }
    fields.ignore("unk_id");
    boolean byteFallback = fields.bool("byte_fallback", false);
    return new Unigram(source, scored, vocabulary, scores, unknown, byteFallback);
  }
}
