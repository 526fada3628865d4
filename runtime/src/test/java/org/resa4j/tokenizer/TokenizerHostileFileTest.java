package org.resa4j.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.resa4j.engine.Golden;
import org.resa4j.error.InputException;

/** Files that were made to harm, and damaged ones: each is refused, with file and component. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class TokenizerHostileFileTest {
  private static final String BPE = "'model':{'type':'BPE','vocab':{'a':0,'b':1,'ab':2},%s}";
  private static final String MODEL = BPE.formatted("'merges':['a b']");

  @TempDir private Path directory;

  private Tokenizer load(String json) throws IOException {
    Files.writeString(directory.resolve("tokenizer.json"), json.replace('\'', '"'));
    return Tokenizer.load(directory);
  }

  private void refuses(String json, String... words) {
    assertThatThrownBy(() -> load(json))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("tokenizer.json")
        .hasMessageContainingAll(words);
  }

  @TestFactory
  List<DynamicTest> components() {
    Map<String, String> cases = new LinkedHashMap<>();
    cases.put("'normalizer':{'type':'Precompiled','precompiled_charsmap':''}", "Precompiled");
    cases.put("'normalizer':{'type':'Precompiled','precompiled_charsmap':'AAAA'}", "Precompiled");
    cases.put(
        "'normalizer':{'type':'Precompiled','precompiled_charsmap':'BAAAAAAAAAA='}", "damaged");
    cases.put("'normalizer':{'type':'Precompiled','precompiled_charsmap':'////fw=='}", "cut off");
    cases.put("'normalizer':{'type':'Replace','pattern':{'String':''},'content':'x'}", "empty");
    cases.put("'normalizer':{'type':'Replace','pattern':{'Glob':'*'},'content':'x'}", "Glob");
    cases.put("'normalizer':{'type':'Bert'}", "normalizer Bert: unknown type");
    cases.put("'normalizer':{'type':'NFC','form':1}", "unknown field");
    cases.put("'normalizer':{}", "\"type\"");
    cases.put("'normalizer':{'type':'NFC','type':'NFD'}", "comes twice");
    cases.put("'normalizer':null,'normalizer':null", "comes twice");
    cases.put("'pre_tokenizer':[]", "pre_tokenizer: not an object");
    cases.put("'pre_tokenizer':{'type':'Digits','individual_digits':'yes'}", "true or false");
    cases.put("'pre_tokenizer':{'type':'Punctuation','behavior':'Eaten'}", "Eaten");
    cases.put("'pre_tokenizer':{'type':'Metaspace','replacement':'ab'}", "one character");
    cases.put(
        "'decoder':{'type':'Strip','content':' ','start':18446744073709551615,'stop':0}", "start");
    cases.put("'decoder':{'type':'Strip','content':' ','start':0,'stop':-1}", "decoder Strip");
    cases.put("'decoder':{'type':'CTC'}", "decoder CTC");
    cases.put("'post_processor':{'type':'BertProcessing','sep':['a',0],'cls':['b',9]}", "cls");
    cases.put(template("<s>", "{}"), "no \"<s>\"");
    cases.put(template("<s>", "{'<s>':{'id':'<s>','ids':[77],'tokens':['<s>']}}"), "77");
    cases.put(template("<s>", "{'<s>':{'id':'<s>','ids':[4294967297],'tokens':['']}}"), "no token");
    cases.put("'added_tokens':[{'id':3}]", "added_tokens[0]");
    cases.put("'added_tokens':{}", "not an array");
    cases.put("'version':'2.0'", "version");
    cases.put("'extension':1", "unknown section");
    List<DynamicTest> tests = new ArrayList<>();
    cases.forEach(
        (section, words) ->
            tests.add(
                dynamicTest(section, () -> refuses("{" + section + "," + MODEL + "}", words))));
    return tests;
  }

  private static String template(String name, String tokens) {
    return ("'post_processor':{'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'%s',"
            + "'type_id':0}}],'pair':[],'special_tokens':%s}")
        .formatted(name, tokens);
  }

  @TestFactory
  List<DynamicTest> models() {
    List<DynamicTest> tests = new ArrayList<>();
    for (String id :
        List.of(
            "-1",
            "2147483648",
            "4294967295",
            "1e3",
            "0.5",
            "'1'",
            "null",
            "[]",
            "16777216",
            "99999999999999999999999")) {
      tests.add(
          dynamicTest(
              "id " + id,
              () ->
                  refuses(
                      "{'model':{'type':'BPE','vocab':{'a':" + id + "},'merges':[]}}", "vocab")));
    }
    for (String fields :
        List.of(
            "'merges':['a c']",
            "'merges':['b a']",
            "'merges':['ab']",
            "'merges':['a  b']",
            "'merges':[['a']]",
            "'merges':[['a','b','a']]",
            "'merges':[7]",
            "'merges':{}",
            "'merges':['a b'],'continuing_subword_prefix':'#################'",
            "'merges':['a b'],'dropout':0.1",
            "'merges':['a b'],'fuse_unk':1",
            "'merges':['a b'],'merges':[]",
            "'merges':['a b'],'ranks':1",
            "'merges':['a b'],'type':'WordPiece'")) {
      tests.add(dynamicTest(fields, () -> refuses("{" + BPE.formatted(fields) + "}", "model")));
    }
    for (String model :
        List.of(
            "{'type':'BPE','vocab':{'a':0,'a':1},'merges':[]}",
            "{'type':'BPE','vocab':{'a':0,'b':0},'merges':[]}",
            "{'type':'BPE','vocab':{'\\ud800':0},'merges':[]}",
            "{'type':'WordPiece','vocab':{'a':0},'unk_token':'a'}",
            "{'type':'WordLevel','vocab':{'a':0}}",
            "{'type':'Unigram','vocab':[['a',-1]],'unk_id':1}",
            "{'type':'Unigram','vocab':[['a',1e999]]}",
            "{'type':'Unigram','vocab':[['a',-1],['a',-2]]}",
            "{'type':'Unigram','vocab':[]," + "'unk_id':0}",
            "{'type':'Unigram','vocab':['a']}",
            "[]",
            "null",
            "{}")) {
      tests.add(
          dynamicTest(
              model, () -> refuses("{'model':" + model + "}", "no tokenizer that can be used")));
    }
    return tests;
  }

  @TestFactory
  List<DynamicTest> patterns() {
    List<DynamicTest> tests = new ArrayList<>();
    for (String pattern :
        List.of(
            "(a)\\1",
            "\\k<n>",
            "\\Ga",
            "a\\Kb",
            "(?<n>a\\g<n>?)",
            "(?(1)a|b)",
            "(?~a)",
            "\\bx",
            "(?<=\\p{L})a",
            "(?<=a+)b",
            "a\\Q.\\E",
            "\\X",
            "\\R",
            "\\p{Emoji}",
            "[a",
            "(a",
            "a)",
            "*a",
            "a**",
            "a{2}{3}",
            "a{3}?",
            "a{1000000000}",
            "((a{1000}){1000}){1000}",
            "(a?|b?)(a?|b?)c",
            "(a*)*",
            "(?i:ss)",
            "(?i:é)",
            "a(?i)b",
            "(?x: a)",
            "(".repeat(50_000),
            "(".repeat(50_000) + ")".repeat(50_000),
            "[".repeat(5_000),
            "a".repeat(20_000))) {
      tests.add(
          dynamicTest(
              pattern.substring(0, Math.min(30, pattern.length())),
              () -> refuses(split(pattern), "pre_tokenizer Split")));
    }
    return tests;
  }

  private static String split(String pattern) {
    return ("{'pre_tokenizer':{'type':'Split','pattern':{'Regex':'%s'},"
            + "'behavior':'Isolated','invert':false},%s}")
        .formatted(pattern.replace("\\", "\\\\"), MODEL);
  }

  @TestFactory
  List<DynamicTest> patternsThatNeverEnd() {
    List<DynamicTest> tests = new ArrayList<>();
    for (String pattern :
        List.of("(a+)+$", "(a|aa)+$", "(a|a)*b", "(a|b)*c", "a*a*a*a*a*b", "(?=(a+)+$)b")) {
      tests.add(
          dynamicTest(
              pattern,
              () -> {
                Tokenizer tokenizer = load(split(pattern));
                for (int length : new int[] {40, 3_000, 1_000_000}) {
                  assertEndsSoon(tokenizer, "a".repeat(length) + "!");
                }
              }));
    }
    return tests;
  }

  /** The right tokens, or a refusal: no other exception, and no endless work. */
  private static void assertEndsSoon(Tokenizer tokenizer, String text) {
    try {
      assertThat(tokenizer.encode(text, false)).isNotEmpty();
    } catch (InputException e) {
      assertThat(e).hasMessageContainingAll("tokenizer.json", "pre_tokenizer Split");
    }
  }

  @Test
  void aFileCutAnywhereIsRefused() throws IOException {
    byte[] whole = Files.readAllBytes(Golden.file("models/qwen2/tokenizer.json"));
    Path file = directory.resolve("tokenizer.json");
    for (int length = 0; length < whole.length - 2; length += 1 + length / 50) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> Tokenizer.load(directory))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("tokenizer.json");
    }
  }

  @Test
  void changedBytesAreRefusedOrRead() throws IOException {
    byte[] whole =
        Files.readAllBytes(Path.of("src/test/resources/tokenizers/stories260K/tokenizer.json"));
    Random random = new Random(1);
    for (int i = 0; i < 3_000; i++) {
      byte[] changed = whole.clone();
      // Half of them in the components, which are the beginning of the file.
      int limit = i % 2 == 0 ? 3_000 : changed.length;
      changed[random.nextInt(limit)] =
          (byte) (i % 3 == 0 ? random.nextInt() : "0129-{}[]\",:eut".charAt(random.nextInt(15)));
      Files.write(directory.resolve("tokenizer.json"), changed);
      try {
        Tokenizer tokenizer = Tokenizer.load(directory);
        int[] ids = tokenizer.encode(" Once upon a time\u20ac <s> 12", true);
        tokenizer.decode(ids, 0, ids.length, false);
      } catch (InputException e) {
        assertThat(e).hasMessageContaining("tokenizer.json");
      }
    }
  }

  @Test
  void depthIsLimited() {
    refuses("[".repeat(100_000), "JSON");
    refuses("{'model':" + "{'a':".repeat(100_000), "JSON");
    String nested = "{'type':'Sequence','normalizers':[".repeat(10_000);
    refuses("{'normalizer':" + nested, "JSON");
  }

  @Test
  void textsDoNotGrowWithoutEnd() throws IOException {
    String replace =
        "{'type':'Replace','pattern':{'String':'a'},'content':'%s'}".formatted("a".repeat(10_000));
    String twice = String.join(",", replace, replace, replace, replace);
    String normalizer = "'normalizer':{'type':'Sequence','normalizers':[" + twice + "]},";
    String decoder = "'decoder':{'type':'Sequence','decoders':[" + twice + "]},";
    Tokenizer tokenizer = load("{" + normalizer + decoder + MODEL + "}");
    assertThatThrownBy(() -> tokenizer.encode("a".repeat(1_000), false))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("normalizer.normalizers[0] Replace");
    assertThatThrownBy(() -> tokenizer.decode(new int[100_000], 0, 100_000, false))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("decoder.decoders[0] Replace");
    String level = "{'type':'ByteLevel','add_prefix_space':false}";
    refuses(
        "{'pre_tokenizer':{'type':'Sequence','pretokenizers':["
            + String.join(",", level, level, level)
            + "]},"
            + MODEL
            + "}",
        "pre_tokenizer Sequence");
    refuses(
        "{'normalizer':{'type':'Sequence','normalizers':["
            + String.join(",", Collections.nCopies(33, "{'type':'NFC'}"))
            + "]},"
            + MODEL
            + "}",
        "more than 32 components");
  }

  @Test
  void manyAddedTokensAreReadInTime() throws IOException {
    StringBuilder tokens = new StringBuilder("{'added_tokens':[");
    for (int i = 0; i < 100_000; i++) {
      tokens.append(i == 0 ? "" : ",");
      tokens
          .append("{'id':0,'content':'t")
          .append(i)
          .append("','single_word':false,'lstrip':false,");
      tokens.append("'rstrip':false,'normalized':false,'special':true}");
    }
    Tokenizer tokenizer = load(tokens + "]," + MODEL + "}");
    assertThat(tokenizer.size()).isEqualTo(100_003);
    assertThat(tokenizer.encode("t99999", false)).containsExactly(100_002);
  }

  @Test
  void whatIsNotAFileIsNotOpened() throws Exception {
    Path file = directory.resolve("tokenizer.json");
    Files.createDirectory(file);
    assertThatThrownBy(() -> Tokenizer.load(directory)).isInstanceOf(InputException.class);
    Files.delete(file);
    Process fifo = null;
    try {
      fifo = new ProcessBuilder("mkfifo", file.toString()).start();
    } catch (IOException e) {
      Assumptions.abort("no mkfifo here");
    }
    assertThat(fifo.waitFor()).isZero();
    assertThatThrownBy(() -> Tokenizer.load(directory))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("not a plain file");
  }

  @Test
  void hugeFilesAreNotRead() throws IOException {
    try (RandomAccessFile file =
        new RandomAccessFile(directory.resolve("tokenizer.json").toFile(), "rw")) {
      file.setLength(1L << 32);
    }
    assertThatThrownBy(() -> Tokenizer.load(directory))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("256 MiB");
  }

  @Test
  void otherEncodingsAreRefused() throws IOException {
    byte[] latin =
        ("{\"model\":{\"type\":\"BPE\",\"vocab\":{\"é\":0},\"merges\":[]}}")
            .getBytes(StandardCharsets.ISO_8859_1);
    Files.write(directory.resolve("tokenizer.json"), latin);
    assertThatThrownBy(() -> Tokenizer.load(directory))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("not UTF-8");
  }

  @Test
  void anEmptyAddedTokenIsNone() throws IOException {
    Tokenizer tokenizer =
        load(
            "{'added_tokens':[{'id':5,'content':'','single_word':false,'lstrip':false,"
                + "'rstrip':false,'normalized':false,'special':true}],"
                + MODEL
                + "}");
    assertThat(tokenizer.encode("ab", false)).containsExactly(2);
  }

  /** The text that made the native library panic, and the JVM abort. */
  @Test
  void twelveMillionBlanksAreTokens() {
    Tokenizer tokenizer = Tokenizer.load(Golden.file("models/qwen2/tokenizer.json").getParent());
    assertThat(tokenizer.encode(" ".repeat(12_000_000), false)).isNotEmpty();
  }
}
