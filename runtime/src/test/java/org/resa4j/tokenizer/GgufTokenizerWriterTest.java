package org.resa4j.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.resa4j.engine.Golden;
import org.resa4j.error.InputException;
import org.resa4j.format.GgufMetadata;
import org.resa4j.format.GgufWriter;
import org.resa4j.format.MetadataOnly;
import org.resa4j.tokenizer.pipeline.GgufTokens;
import org.resa4j.tokenizer.pipeline.GgufTokens.Role;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A tokenizer.json, written as a GGUF file's metadata and read again. */
class GgufTokenizerWriterTest {
  private static final String BYTES_ONLY =
      "{'type':'ByteLevel','add_prefix_space':false,'use_regex':false}";
  private static final String GPT2 = "{'type':'ByteLevel','add_prefix_space':false}";
  private static final int SIZE = 900;

  @TempDir private Path folder;
  private final List<String> notes = new ArrayList<>();

  private Tokenizer directory(Object json) throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), json.toString());
    return Tokenizer.load(folder);
  }

  private GgufMetadata written(Tokenizer tokenizer, Map<Role, Integer> roles, Set<Integer> ends)
      throws IOException {
    GgufWriter gguf = new GgufWriter();
    Path json = folder.resolve("tokenizer.json");
    notes.addAll(tokenizer.writeTo(gguf, json, SIZE, roles, ends));
    Path file = folder.resolve("a.gguf");
    gguf.write(file);
    return MetadataOnly.of(file);
  }

  private GgufMetadata checkSame(Object json, String... inTexts) throws IOException {
    Tokenizer tokenizer = directory(json);
    GgufMetadata metadata = written(tokenizer, Map.of(), Set.of());
    Tokenizer other = Tokenizer.of(metadata);
    assertThat(tokenizer.differsOn(other, SIZE)).isEmpty();
    RandomTexts texts = new RandomTexts(5, List.of(inTexts));
    for (int i = 0; i < 3_000; i++) {
      String text = Normalizer.normalize(texts.next(), Normalizer.Form.NFC);
      assertThat(other.encode(text, true)).as(text).isEqualTo(tokenizer.encode(text, true));
    }
    return metadata;
  }

  private static MadeTokenizer byteLevel(String preTokenizer) {
    return new MadeTokenizer(MadeTokenizer.bpe(MadeTokenizer.bytes(), 300, 3))
        .with("pre_tokenizer", preTokenizer)
        .with("decoder", GPT2);
  }

  private static String cut(String pattern) {
    return "{'type':'Sequence','pretokenizers':[{'type':'Split','pattern':{'Regex':'%s'},"
            .formatted(pattern)
        + "'behavior':'Isolated','invert':false},"
        + BYTES_ONLY
        + "]}";
  }

  @Test
  void thePublishedQwenTokenizer() throws IOException {
    GgufMetadata metadata =
        checkSame(
            Files.readString(Golden.file("models/qwen2/tokenizer.json")), "<|im_start|>", "<|im");
    assertThat(metadata.text("tokenizer.ggml.pre")).contains("qwen2");
    assertThat(notes).anySatisfy(note -> assertThat(note).contains("NFC"));
    assertThat(GgufTokens.read(metadata).text(SIZE - 1)).isEqualTo("[PAD899]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "gpt-2;`{'type':'ByteLevel','add_prefix_space':false}`",
        "starcoder;`{'type':'Sequence','pretokenizers':[{'type':'Digits','individual_digits':true},{'type':'ByteLevel','add_prefix_space':false}]}`"
      })
  void preTokenizersAreNamed(String name, String preTokenizer) throws IOException {
    assertThat(checkSame(byteLevel(preTokenizer)).text("tokenizer.ggml.pre")).contains(name);
  }

  /** Whether merges are ignored counts where it makes a difference. */
  @Test
  void wholeTokensHaveAKindOfTheirOwn() throws IOException {
    String llama3 =
        cut(
            "(?i:\\\\u0027s|\\\\u0027t|\\\\u0027re|\\\\u0027ve|\\\\u0027m|\\\\u0027ll|\\\\u0027d)|[^\\\\r"
                + "\\\\n"
                + "\\\\p{L}\\\\p{N}]?\\\\p{L}+|\\\\p{N}{1,3}| ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r"
                + "\\\\n"
                + "]*|\\\\s*[\\\\r"
                + "\\\\n"
                + "]+|\\\\s+(?!\\\\S)|\\\\s+");
    ObjectNode model = MadeTokenizer.bpe(MadeTokenizer.bytes(), 300, 3);
    // A token that no merges lead to.
    ((ObjectNode) model.get("vocab")).put("qzj", model.get("vocab").size());
    for (boolean whole : new boolean[] {true, false}) {
      MadeTokenizer made =
          new MadeTokenizer(model.put("ignore_merges", whole))
              .with("pre_tokenizer", llama3.replace("\\\\u0027", "\\u0027"))
              .with("decoder", GPT2);
      assertThat(checkSame(made, "qzj").text("tokenizer.ggml.pre"))
          .contains(whole ? "llama-bpe" : "dbrx");
    }
  }

  @Test
  void storiesWithScoresOfTheirMerges() throws IOException {
    GgufMetadata metadata = checkSame(stories(), "Once upon a time", "</s>");
    assertThat(metadata.text("tokenizer.ggml.model")).contains("llama");
    assertThat(metadata.flag("tokenizer.ggml.add_bos_token")).contains(true);
    assertThat(metadata.whole("tokenizer.ggml.bos_token_id", 0, 9)).contains(1);
    assertThat(metadata.flag("tokenizer.ggml.add_space_prefix")).contains(true);
  }

  /** Scores themselves differ from those that were trained, the order of joining does not. */
  @Test
  void storiesHaveTheTokensOfLlamaCppsOwnFile() throws IOException {
    Tokenizer own = Tokenizer.of(written(directory(stories()), Map.of(), Set.of()));
    Tokenizer theirs =
        Tokenizer.of(MetadataOnly.of(Golden.file("gguf/models/stories260K-F32.gguf")));
    RandomTexts texts = new RandomTexts(6, List.of("Once upon a time", "Lily and Tom were"));
    for (int i = 0; i < 1_000; i++) {
      String text = texts.next();
      assertThat(own.encode(text, true)).as(text).isEqualTo(theirs.encode(text, true));
    }
  }

  private static String stories() throws IOException {
    return new String(
        GgufTokenizerWriterTest.class
            .getResourceAsStream("/tokenizers/stories260K/tokenizer.json")
            .readAllBytes(),
        java.nio.charset.StandardCharsets.UTF_8);
  }

  private static ObjectNode storiesWith(String section, String json) throws IOException {
    ObjectNode root = (ObjectNode) JsonMapper.shared().readTree(stories());
    root.set(section, MadeTokenizer.json(json));
    return root;
  }

  @Test
  void withoutABlankBeforeTheText() throws IOException {
    ObjectNode root =
        storiesWith("normalizer", "{'type':'Replace','pattern':{'String':' '},'content':'▁'}");
    ((ArrayNode) root.path("decoder").path("decoders")).remove(3);
    assertThat(checkSame(root).flag("tokenizer.ggml.add_space_prefix")).contains(false);
  }

  private void checkRefused(Object json, String... said) throws IOException {
    Tokenizer tokenizer = directory(json);
    assertThatThrownBy(() -> written(tokenizer, Map.of(), Set.of()))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll(said);
  }

  @Test
  void whatGgufCannotSayIsRefusedByName() throws IOException {
    checkRefused(byteLevel(cut("[a-c]+")), "tokenizer.json", "pre_tokenizer", "cuts texts alike");
    checkRefused(byteLevel("{'type':'ByteLevel','add_prefix_space':true}"), "pre_tokenizer");
    checkRefused(
        byteLevel(GPT2).with("normalizer", "{'type':'Lowercase'}"), "normalizer", "none but NFC");
    checkRefused(byteLevel(GPT2).added("<mask>", "ls"), "\"<mask>\"", "lstrip");
    checkRefused(
        new MadeTokenizer(MadeTokenizer.json("{'type':'Unigram','vocab':[['a',0.0]],'unk_id':0}")),
        "model Unigram");
    checkRefused(
        new MadeTokenizer(
            MadeTokenizer.json("{'type':'WordLevel','vocab':{'a':0},'unk_token':'a'}")),
        "model WordLevel",
        "only BPE");
    checkRefused(
        byteLevel(GPT2)
            .with(
                "post_processor",
                "{'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'a','type_id':0}},"
                    + "{'SpecialToken':{'id':'a','type_id':0}},{'Sequence':{'id':'A','type_id':0}}],"
                    + "'pair':[],'special_tokens':{'a':{'id':'a','ids':[64],'tokens':['a']}}}"),
        "post_processor",
        "more than one token");
  }

  @Test
  void sentencePieceOfOtherKindsIsRefused() throws IOException {
    ObjectNode some = storiesWith("normalizer", "null");
    some.set(
        "pre_tokenizer",
        MadeTokenizer.json(
            "{'type':'Metaspace','replacement':'▁','prepend_scheme':'first','split':false}"));
    checkRefused(some, "pre_tokenizer", "before some");

    // One pair of several that make a token: the score of the token would stand for both.
    ObjectNode root = (ObjectNode) JsonMapper.shared().readTree(stories());
    ArrayNode merges = (ArrayNode) root.path("model").path("merges");
    ArrayNode fewer = merges.arrayNode();
    Set<String> seen = new HashSet<>();
    for (JsonNode merge : merges) {
      if (seen.add(merge.asString().replace(" ", ""))) {
        fewer.add(merge);
      }
    }
    assertThat(fewer.size()).isLessThan(merges.size());
    ((ObjectNode) root.path("model")).set("merges", fewer);
    checkRefused(root, "not SentencePiece's", "are not among the merges");

    ObjectNode late = (ObjectNode) JsonMapper.shared().readTree(stories());
    ArrayNode all = (ArrayNode) late.path("model").path("merges");
    for (int i = 0; i + 1 < all.size(); i++) {
      if (all.get(i)
          .asString()
          .replace(" ", "")
          .equals(all.get(i + 1).asString().replace(" ", ""))) {
        all.add(all.remove(i));
        break;
      }
    }
    checkRefused(late, "stand apart");
  }

  @Test
  void tokensBeyondTheEmbeddingAreRefused() throws IOException {
    ObjectNode model = MadeTokenizer.bpe(MadeTokenizer.bytes(), 300, 3);
    ((ObjectNode) model.get("vocab")).put("zzz", 5_000);
    checkRefused(
        new MadeTokenizer(model).with("pre_tokenizer", GPT2), "token 5000", "has 900 rows");
  }

  @Test
  void eachEndOfTextHasAKeyOrIsKnown() throws IOException {
    MadeTokenizer made = byteLevel(GPT2);
    for (String text : List.of("<|eot_id|>", "<a>", "<b>", "<c>", "<d>", "</s>")) {
      made.added(text, "s");
    }
    Tokenizer tokenizer = directory(made);
    int known = tokenizer.tokenId("<|eot_id|>").orElseThrow();
    Set<Integer> ends = Set.of(known, known + 1, known + 2, known + 3);
    GgufMetadata metadata = written(tokenizer, Map.of(Role.LAST, known + 3), ends);
    Set<Integer> read = new HashSet<>();
    GgufTokens.read(metadata).ends().values().forEach(read::addAll);
    assertThat(read).containsAll(ends).contains(known + 5).doesNotContain(known + 4);
    assertThat(notes).anySatisfy(note -> assertThat(note).startsWith("</s> ends a text too"));
    assertThatThrownBy(
            () -> written(tokenizer, Map.of(), Set.of(known + 1, known + 2, known + 3, known + 4)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(String.format(Locale.ROOT, "no keys for tokens [%d]", known + 4));
  }
}
