package org.resa4j.tokenizer;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Every component, on random texts, against the library that the file format belongs to. */
class TokenizerComponentsTest {
  private static final int TEXTS = 300;

  @TempDir private Path directory;

  private DynamicTest sameAsReference(String name, MadeTokenizer made, String... tokens) {
    return dynamicTest(
        name,
        () -> {
          Files.writeString(directory.resolve("tokenizer.json"), made.toString());
          Differences.none(directory, name.hashCode(), TEXTS, List.of(tokens));
        });
  }

  private static MadeTokenizer characters() {
    ObjectNode model = MadeTokenizer.bpe(MadeTokenizer.characters(), 900, 1);
    return new MadeTokenizer(model.put("unk_token", "?"));
  }

  private static MadeTokenizer bytes() {
    return new MadeTokenizer(MadeTokenizer.bpe(MadeTokenizer.bytes(), 900, 2));
  }

  @TestFactory
  List<DynamicTest> normalizers() {
    List<DynamicTest> tests = new ArrayList<>();
    for (String normalizer :
        List.of(
            "{'type':'NFC'}",
            "{'type':'NFD'}",
            "{'type':'NFKC'}",
            "{'type':'NFKD'}",
            "{'type':'Lowercase'}",
            "{'type':'Strip','strip_left':true,'strip_right':false}",
            "{'type':'Strip','strip_left':false,'strip_right':true}",
            "{'type':'Strip','strip_left':true,'strip_right':true}",
            "{'type':'StripAccents'}",
            "{'type':'Prepend','prepend':'▁'}",
            "{'type':'Replace','pattern':{'String':' '},'content':'▁'}",
            "{'type':'Replace','pattern':{'String':'a'},'content':''}",
            "{'type':'Replace','pattern':{'Regex':'\\\\s+|[0-9]{2}'},'content':' '}",
            "{'type':'Precompiled','precompiled_charsmap':'%s'}".formatted(charsMap()),
            "{'type':'Sequence','normalizers':[]}",
            "{'type':'Sequence','normalizers':[{'type':'NFD'},{'type':'StripAccents'},"
                + "{'type':'Lowercase'},{'type':'Prepend','prepend':'x'}]}")) {
      tests.add(sameAsReference(normalizer, characters().with("normalizer", normalizer)));
    }
    return tests;
  }

  @TestFactory
  List<DynamicTest> preTokenizers() {
    List<DynamicTest> tests = new ArrayList<>();
    List<String> all =
        new ArrayList<>(
            List.of(
                "{'type':'Digits','individual_digits':true}",
                "{'type':'Digits','individual_digits':false}",
                "{'type':'Whitespace'}",
                "{'type':'WhitespaceSplit'}",
                "{'type':'Punctuation'}",
                "{'type':'Metaspace','replacement':'▁','prepend_scheme':'always'}",
                "{'type':'Metaspace','replacement':'▁','prepend_scheme':'first','split':false}",
                "{'type':'Metaspace','replacement':'▁','prepend_scheme':'first','split':true}",
                "{'type':'Metaspace','replacement':'▁','prepend_scheme':'never','split':true}",
                "{'type':'Metaspace','replacement':'▁','add_prefix_space':true,'str_rep':'▁'}",
                "{'type':'Sequence','pretokenizers':[{'type':'WhitespaceSplit'},"
                    + "{'type':'Metaspace','replacement':'▁','prepend_scheme':'first'}]}",
                "{'type':'Sequence','pretokenizers':[{'type':'Digits','individual_digits':true},"
                    + "{'type':'Punctuation','behavior':'MergedWithNext'}]}"));
    for (String behavior :
        List.of("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous")) {
      all.add("{'type':'Punctuation','behavior':'%s'}".formatted(behavior));
      for (String pattern : List.of("{'String':'a'}", "{'Regex':'\\\\s|[a-c]'}", "{'Regex':''}")) {
        for (boolean invert : new boolean[] {false, true}) {
          all.add(
              "{'type':'Split','pattern':%s,'behavior':'%s','invert':%s}"
                  .formatted(pattern, behavior, invert));
        }
      }
    }
    for (String preTokenizer : all) {
      tests.add(
          sameAsReference(
              preTokenizer,
              characters().with("pre_tokenizer", preTokenizer).added("[X]", "s"),
              "[X]"));
    }
    return tests;
  }

  /** Published ones, and what else differs between the engines. */
  @TestFactory
  List<DynamicTest> patterns() {
    List<DynamicTest> tests = new ArrayList<>();
    for (String pattern :
        List.of(
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}|"
                + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
            "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}{1,3}|"
                + " ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+",
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*"
                + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t)?|\\p{N}{1,3}|\\s+",
            "[\\p{Han}]+|[\\p{L}\\p{M}&&[^\\p{Han}]]+|[[:punct:]]+",
            " ?[^(\\s|[.,!?…。，、।۔،])]+",
            "\\w+|\\d|[^\\w\\s]+",
            "\\h{2,}|[[:^alpha:][:digit:]]",
            "^.|.$|\\A.|.\\z",
            "(?<=a)b|(?<!a )c|x(?=y)",
            "(?m:a.)|(a|bc)+?d|(?<name>e){,2}f|a{x",
            "[\\x{4e00}-\\x{9fff}\\u3040-\\u309f]+|\\x41",
            "(?>a+)b|a*+c|(?i:K|s)")) {
      tests.add(
          dynamicTest(
              pattern,
              () -> {
                ObjectNode split = JsonMapper.shared().createObjectNode().put("type", "Split");
                split.putObject("pattern").put("Regex", pattern);
                split.put("behavior", "Isolated").put("invert", false);
                MadeTokenizer made = characters().with("decoder", "{'type':'Fuse'}");
                Files.writeString(
                    directory.resolve("tokenizer.json"),
                    made.with("pre_tokenizer", split).toString());
                Differences.none(directory, pattern.hashCode(), TEXTS, List.of());
              }));
    }
    return tests;
  }

  @TestFactory
  List<DynamicTest> byteLevels() {
    List<DynamicTest> tests = new ArrayList<>();
    for (boolean prefix : new boolean[] {false, true}) {
      for (boolean regex : new boolean[] {false, true}) {
        String level =
            "{'type':'ByteLevel','add_prefix_space':%s,'use_regex':%s,'trim_offsets':true}"
                .formatted(prefix, regex);
        tests.add(
            sameAsReference(
                level,
                bytes()
                    .with("pre_tokenizer", level)
                    .with("decoder", level)
                    .with("post_processor", level)
                    .added("<|end|>", "s")
                    .added("é", ""),
                "<|end|>"));
      }
    }
    return tests;
  }

  @TestFactory
  List<DynamicTest> models() {
    List<DynamicTest> tests = new ArrayList<>();
    List<String> few = new ArrayList<>(MadeTokenizer.characters().subList(0, 60));
    List<String> withBytes = new ArrayList<>(few);
    withBytes.add("<unk>");
    for (int b = 0; b < 256; b++) {
      withBytes.add(String.format(Locale.ROOT, "<0x%02X>", b));
    }
    List<String> someBytes = withBytes.subList(0, 300);
    for (boolean fuse : new boolean[] {false, true}) {
      for (boolean ignore : new boolean[] {false, true}) {
        for (List<String> symbols : List.of(withBytes, someBytes)) {
          ObjectNode model = MadeTokenizer.bpe(symbols, 600, 3);
          model.put("unk_token", "<unk>").put("fuse_unk", fuse).put("ignore_merges", ignore);
          model.put("byte_fallback", true).putNull("dropout");
          tests.add(
              sameAsReference(
                  "BPE fuse %s ignore %s symbols %d".formatted(fuse, ignore, symbols.size()),
                  new MadeTokenizer(model).with("pre_tokenizer", "{'type':'WhitespaceSplit'}")));
        }
      }
    }
    ObjectNode untyped = MadeTokenizer.bpe(few, 600, 4);
    untyped.remove("type");
    tests.add(sameAsReference("BPE without type and unknown token", new MadeTokenizer(untyped)));
    tests.add(sameAsReference("BPE suffix", affixed("", "</w>")));
    tests.add(sameAsReference("BPE prefix", affixed("##", "")));
    tests.add(sameAsReference("BPE both", affixed("##", "</w>")));
    tests.add(
        sameAsReference(
            "WordLevel",
            new MadeTokenizer(
                    MadeTokenizer.json(
                        "{'type':'WordLevel','unk_token':'?','vocab':{'the':0,'cat':1,'?':2,"
                            + "'mat':7,'sat':30}}"))
                .with("pre_tokenizer", "{'type':'Whitespace'}")));
    for (boolean fallback : new boolean[] {false, true}) {
      tests.add(
          sameAsReference(
              "Unigram byte_fallback " + fallback,
              new MadeTokenizer(unigram(withBytes, fallback))));
    }
    return tests;
  }

  private static MadeTokenizer affixed(String prefix, String suffix) {
    List<String> symbols = new ArrayList<>(List.of("?"));
    for (char c = 'a'; c <= 'z'; c++) {
      for (String before : prefix.isEmpty() ? List.of("") : List.of("", prefix)) {
        for (String after : suffix.isEmpty() ? List.of("") : List.of("", suffix)) {
          symbols.add(before + c + after);
        }
      }
    }
    ObjectNode model = MadeTokenizer.bpe(symbols, 2_000, 5, prefix, suffix);
    model.put("unk_token", "?").put("continuing_subword_prefix", prefix);
    model.put("end_of_word_suffix", suffix);
    MadeTokenizer made = new MadeTokenizer(model).with("pre_tokenizer", "{'type':'Whitespace'}");
    return suffix.isEmpty()
        ? made.with("decoder", "{'type':'WordPiece','prefix':'##','cleanup':true}")
        : made.with("decoder", "{'type':'BPEDecoder','suffix':'</w>'}");
  }

  private static ObjectNode unigram(List<String> symbols, boolean fallback) {
    ObjectNode model = JsonMapper.shared().createObjectNode().put("type", "Unigram");
    ArrayNode pieces = model.putArray("vocab");
    ObjectNode merged = MadeTokenizer.bpe(symbols, 600, 6);
    int index = 0;
    for (String token : merged.get("vocab").propertyNames()) {
      pieces.addArray().add(token).add(-1.5 - (index * 7919 % 1000) / 100.0);
      index++;
    }
    return model.put("unk_id", symbols.indexOf("<unk>")).put("byte_fallback", fallback);
  }

  @TestFactory
  List<DynamicTest> decoders() {
    List<DynamicTest> tests = new ArrayList<>();
    for (String decoder :
        List.of(
            "{'type':'Fuse'}",
            "{'type':'ByteFallback'}",
            "{'type':'ByteLevel','add_prefix_space':false,'trim_offsets':false}",
            "{'type':'Metaspace','replacement':'▁','prepend_scheme':'always','split':true}",
            "{'type':'Metaspace','replacement':'▁','add_prefix_space':false,"
                + "'prepend_scheme':'never'}",
            "{'type':'Replace','pattern':{'String':'a'},'content':'--'}",
            "{'type':'Replace','pattern':{'Regex':'[a-c]+'},'content':''}",
            "{'type':'WordPiece','prefix':'a','cleanup':false}",
            "{'type':'Sequence','decoders':[{'type':'Replace','pattern':{'String':'▁'},"
                + "'content':' '},{'type':'ByteFallback'},{'type':'Fuse'},"
                + "{'type':'Strip','content':' ','start':1,'stop':0}]}")) {
      tests.add(
          sameAsReference(decoder, characters().with("decoder", decoder).added("<s>", "s"), "<s>"));
    }
    return tests;
  }

  @TestFactory
  List<DynamicTest> addedTokens() {
    MadeTokenizer all =
        characters()
            .with("normalizer", "{'type':'Lowercase'}")
            .added("<s>", "s")
            .added("<left>", "ls")
            .added("<right>", "rs")
            .added("<both>", "lr")
            .added("word", "w")
            .added("Word", "wn")
            .added("NORM", "n")
            .added("norm x", "nlr")
            .added("a", "s")
            .added("ab", "")
            .added("", "s")
            .added("<s>", "s")
            .added("<twice>", "s")
            .added("<twice>", "n")
            .added("  ", "");
    String[] tokens = {
      "<s>", "<left>", "<right>", "<both>", "word", "Word", "NORM", "norm x", "a", "ab", "<twice>"
    };
    List<DynamicTest> tests = new ArrayList<>();
    tests.add(sameAsReference("all flags", all, tokens));
    tests.add(
        sameAsReference(
            "before a prefix",
            characters()
                .with("normalizer", "{'type':'Prepend','prepend':'▁'}")
                .added("<n>", "n")
                .added("<s>", "s"),
            "<n>",
            "<s>"));
    return tests;
  }

  @TestFactory
  List<DynamicTest> postProcessors() {
    String template =
        "{'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'<s>','type_id':0}},"
            + "{'Sequence':{'id':'A','type_id':0}},{'SpecialToken':{'id':'</s>','type_id':0}}],"
            + "'pair':[{'Sequence':{'id':'A','type_id':0}},{'Sequence':{'id':'B','type_id':1}}],"
            + "'special_tokens':{'<s>':{'id':'<s>','ids':[1],'tokens':['<s>']},"
            + "'</s>':{'id':'</s>','ids':[2,3],'tokens':['a','b']}}}";
    List<DynamicTest> tests = new ArrayList<>();
    for (String postProcessor :
        List.of(
            template,
            "{'type':'Sequence','processors':[{'type':'ByteLevel','add_prefix_space':true,"
                + "'trim_offsets':false},%s]}".formatted(template),
            "{'type':'BertProcessing','sep':['a',1],'cls':['b',2]}",
            "{'type':'RobertaProcessing','sep':['a',1],'cls':['b',2],'trim_offsets':true,"
                + "'add_prefix_space':false}")) {
      tests.add(sameAsReference(postProcessor, characters().with("post_processor", postProcessor)));
    }
    return tests;
  }

  /** SentencePiece's map with "ab" to "X", "ﬁ" to "fi", "\u0301" to nothing, "é" to "e". */
  private static String charsMap() {
    byte[] replacements = "X\0fi\0\0e\0".getBytes(StandardCharsets.UTF_8);
    DoubleArray array = new DoubleArray();
    array.add("ab", 0);
    array.add("ﬁ", 2);
    array.add("\u0301", 5);
    array.add("é", 6);
    int[] units = array.units();
    ByteBuffer map =
        ByteBuffer.allocate(4 + 4 * units.length + replacements.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(4 * units.length);
    Arrays.stream(units).forEach(map::putInt);
    return Base64.getEncoder().encodeToString(map.put(replacements).array());
  }

  /** The format of Darts-clone: each node's children are in a block of 256 units of its own. */
  private static final class DoubleArray {
    private static final int BLOCK = 256;
    private final List<int[]> children = new ArrayList<>(List.of(new int[BLOCK]));
    private final List<Integer> values = new ArrayList<>(List.of(-1));

    void add(String key, int value) {
      int node = 0;
      for (byte b : key.getBytes(StandardCharsets.UTF_8)) {
        int[] next = children.get(node);
        if (next[b & 0xFF] == 0) {
          next[b & 0xFF] = children.size();
          children.add(new int[BLOCK]);
          values.add(-1);
        }
        node = next[b & 0xFF];
      }
      values.set(node, value);
    }

    int[] units() {
      int[] units = new int[BLOCK * (children.size() + 1)];
      units[0] = BLOCK << 10;
      for (int node = 0; node < children.size(); node++) {
        int base = BLOCK * (node + 1);
        if (values.get(node) >= 0) {
          units[base] = values.get(node) | 1 << 31;
        }
        for (int label = 1; label < BLOCK; label++) {
          int child = children.get(node)[label];
          if (child > 0) {
            int at = base ^ label;
            int leaf = values.get(child) >= 0 ? 1 << 8 : 0;
            units[at] = (at ^ BLOCK * (child + 1)) << 10 | leaf | label;
          }
        }
      }
      return units;
    }
  }

  /** With -Dresa.test.tokenizers=DIR: every tokenizer.json below that folder. */
  @TestFactory
  List<DynamicTest> publishedFiles() throws IOException {
    List<Path> folders =
        new ArrayList<>(
            List.of(
                Path.of("src/test/resources/tokenizers"),
                Path.of("src/test/resources/cases"),
                Path.of("src/test/resources/golden")));
    String more = System.getProperty("resa.test.tokenizers");
    if (more != null) {
      folders.add(Path.of(more));
    }
    List<DynamicTest> tests = new ArrayList<>();
    for (Path folder : folders) {
      try (var files = Files.find(folder, 9, (file, is) -> file.endsWith("tokenizer.json"))) {
        files
            .sorted()
            .forEach(
                file ->
                    tests.add(
                        dynamicTest(
                            file.toString(),
                            () -> {
                              // Alone: the library does not read the files beside it.
                              Path alone = Files.createTempDirectory(directory, "published");
                              Files.copy(file, alone.resolve("tokenizer.json"));
                              Differences.none(alone, 7, 10 * TEXTS, contents(file));
                            })));
      }
    }
    return tests;
  }

  private static List<String> contents(Path file) throws IOException {
    List<String> contents = new ArrayList<>();
    JsonMapper.shared()
        .readTree(Files.readString(file))
        .path("added_tokens")
        .forEach(token -> contents.add(token.path("content").asString()));
    return contents;
  }
}
