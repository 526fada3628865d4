package org.resa4j.tokenizer;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.resa4j.error.InputException;
import org.resa4j.format.Gguf;
import org.resa4j.format.GgufFile;
import org.resa4j.format.GgufMetadata;
import org.resa4j.format.GgufWriter;
import org.resa4j.tokenizer.pipeline.GgufTokens;
import org.resa4j.tokenizer.pipeline.Pipeline;

/**
 * Text to tokens and back, by the model's own {@code tokenizer.json} or GGUF metadata. Of the
 * first, its normalizers, pre-tokenizers, models (BPE, Unigram, WordLevel), post-processors and
 * decoders, with the results of the tokenizers library, version 0.21. Its sections {@code
 * truncation} and {@code padding} are for batches, and ignored.
 *
 * <p>A file may come from anywhere. One that is damaged, larger than 256 MiB, or asks for something
 * unknown is refused when it is loaded; the work of its patterns is bounded when a text is encoded.
 *
 * <p>Immutable and thread-safe.
 */
public final class Tokenizer {
  private final Pipeline pipeline;

  private Tokenizer(Pipeline pipeline) {
    this.pipeline = pipeline;
  }

  /**
   * Loads a GGUF file's tokenizer, or a model directory's: {@code tokenizer.json}, with the first
   * and last token that {@code tokenizer_config.json} asks for by {@code add_bos_token} and {@code
   * add_eos_token}.
   *
   * @throws InputException if the file is missing or no tokenizer, or the other contradicts it; the
   *     message names file and component
   */
  public static Tokenizer load(Path directory) {
    if (Gguf.isFile(directory)) {
      return of(GgufFile.open(directory).metadata());
    }
    Tokenizer tokenizer = new Tokenizer(Pipeline.read(directory.resolve("tokenizer.json")));
    SpecialTokens special = SpecialTokens.read(directory);
    special.check(tokenizer, directory);
    if (special.addFirst().isPresent()) {
      tokenizer = tokenizer.withFirst(special.boundary(SpecialTokens.FIRST, tokenizer, directory));
    }
    if (special.addLast().isPresent()) {
      tokenizer = tokenizer.withLast(special.boundary(SpecialTokens.LAST, tokenizer, directory));
    }
    return tokenizer;
  }

  /**
   * The tokenizer of a GGUF file's metadata: byte-level BPE ({@code gpt2}) or SentencePiece's BPE
   * ({@code llama}), with the results of llama.cpp where it parses special tokens. Unlike {@code
   * tokenizer.json}, the metadata asks for no normalization of Unicode.
   *
   * @throws InputException if something is missing or damaged, or of a kind that is not there; the
   *     message names file and key
   */
  public static Tokenizer of(GgufMetadata metadata) {
    return new Tokenizer(Pipeline.of(metadata));
  }

  /**
   * The same tokenizer with exactly this token before a text, or none, instead of what its file
   * says.
   *
   * @throws IllegalArgumentException if the id is no token's
   */
  public Tokenizer withFirst(OptionalInt token) {
    token.ifPresent(this::checkToken);
    return new Tokenizer(pipeline.withFirst(token));
  }

  /**
   * The same after a text.
   *
   * @throws IllegalArgumentException as above
   */
  public Tokenizer withLast(OptionalInt token) {
    token.ifPresent(this::checkToken);
    return new Tokenizer(pipeline.withLast(token));
  }

  /**
   * Adds the tokenizer of a model directory to a GGUF file's metadata, of which {@link #of} makes
   * the same.
   *
   * @param file {@code tokenizer.json}, for errors
   * @param size rows of the model's embedding; ids without a token are filled up
   * @param roles tokens that have one
   * @param ends tokens that end a text
   * @return what is otherwise there, to be told: one sentence each
   * @throws InputException if GGUF has no way to say it; the message names the component
   */
  public List<String> writeTo(
      GgufWriter gguf,
      Path file,
      int size,
      Map<GgufTokens.Role, Integer> roles,
      Set<Integer> ends) {
    return pipeline.writeTo(gguf, file, size, roles, ends);
  }

  /**
   * A text that another tokenizer makes other tokens of, or other text of the same tokens; empty if
   * there is none among many: of scripts, signs and white space, and of all tokens. All are in
   * Unicode's NFC.
   *
   * @param size above every id
   */
  public Optional<String> differsOn(Tokenizer other, int size) {
    return pipeline.differsOn(other.pipeline, size);
  }

  private void checkToken(int id) {
    if (!pipeline.hasId(id)) {
      throw new IllegalArgumentException("there is no token " + id);
    }
  }

  /**
   * Tokens of a text; special tokens written out in it are recognised. Half a surrogate pair counts
   * as U+FFFD.
   *
   * @param addSpecial whether to add what the tokenizer puts around a text, such as a first token
   * @throws InputException if a pattern of the file takes too much work on this text, or its
   *     vocabulary has no token for a part of it, and none for what is unknown
   */
  public int[] encode(String text, boolean addSpecial) {
    return pipeline.encode(text, addSpecial);
  }

  /**
   * Text of tokens {@code from} to {@code to} - 1. Numbers that are no tokens have none.
   *
   * @param special whether special tokens are written out
   */
  public String decode(int[] tokens, int from, int to, boolean special) {
    return pipeline.decode(tokens, from, to, special);
  }

  /** The id of a token, written as the file has it: an added one, or one of the vocabulary. */
  public OptionalInt tokenId(String token) {
    return pipeline.tokenId(token);
  }

  /** Whether a token is one that {@link #decode} leaves out unless it is told otherwise. */
  public boolean isSpecial(int token) {
    return pipeline.isSpecial(token);
  }

  /** How many tokens there are, added ones included. Ids may have gaps, and so be larger. */
  public int size() {
    return pipeline.size();
  }
}
