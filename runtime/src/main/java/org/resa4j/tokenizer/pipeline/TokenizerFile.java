package org.resa4j.tokenizer.pipeline;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.resa4j.error.InputException;
import org.resa4j.format.Json;
import org.resa4j.tokenizer.pipeline.JsonReader.Token;

/** Reads a whole {@code tokenizer.json}. */
final class TokenizerFile {
  /** Published files have up to 35 MB. */
  private static final long LARGEST = 256L << 20;

  /** What a file may have beside the model; the sections for batches do not matter here. */
  private static final Set<String> SECTIONS =
      Set.of(
          "version",
          "truncation",
          "padding",
          "added_tokens",
          "normalizer",
          "pre_tokenizer",
          "post_processor",
          "decoder");

  private final Source source;
  private final Map<String, Object> sections = new HashMap<>();
  private Model model;

  private TokenizerFile(Source source) {
    this.source = source;
  }

  static Pipeline read(Path file) {
    Json.checkPlain(file);
    try {
      TokenizerFile read = new TokenizerFile(new Source(file));
      read.readSections(new JsonReader(read.source, bytes(file)));
      return read.pipeline();
    } catch (OutOfMemoryError e) {
      // What it took is free again.
      throw new InputException(file + ": takes more memory than there is", e);
    }
  }

  private static byte[] bytes(Path file) {
    try {
      if (Files.size(file) > LARGEST) {
        throw new InputException(
            "%s: no tokenizer that can be used: larger than %d MiB".formatted(file, LARGEST >> 20));
      }
      byte[] bytes = Files.readAllBytes(file);
      if (Json.isLfsPointer(new String(bytes, 0, Math.min(64, bytes.length), ISO_8859_1))) {
        throw new InputException(file + ": " + Json.LFS_REMEDY);
      }
      return bytes;
    } catch (IOException e) {
      throw Json.unreadable(file, e);
    }
  }

  private void readSections(JsonReader json) {
    if (json.next() != Token.START_OBJECT) {
      throw source.refuse("JSON", "not an object");
    }
    while (json.next() != Token.END_OBJECT) {
      String name = json.string();
      json.next();
      boolean twice = name.equals("model") ? model != null : sections.containsKey(name);
      if (twice) {
        throw source.refuse(name, "comes twice");
      }
      if (name.equals("model")) {
        model = new ModelReader(source, json).read();
      } else if (SECTIONS.contains(name)) {
        sections.put(name, json.value(name));
      } else {
        throw source.refuse(name, "unknown section");
      }
    }
    json.next();
  }

  private Pipeline pipeline() {
    Object version = sections.get("version");
    if (version != null && !version.equals("1.0")) {
      throw source.refuse("version", "must be \"1.0\"");
    }
    if (model == null) {
      throw source.refuse("model", "missing");
    }
    Normalizer normalizer =
        sections.get("normalizer") == null ? null : Normalizers.read(component("normalizer"));
    PreTokenizer preTokenizer =
        sections.get("pre_tokenizer") == null
            ? null
            : PreTokenizers.read(component("pre_tokenizer"));
    Decoder decoder = sections.get("decoder") == null ? null : Decoders.read(component("decoder"));
    AddedTokens added =
        new AddedTokens(source, addedTokens(), Set.of(), model.vocabulary(), normalizer);
    PostProcessor.Ids ids = id -> added.token(id) != null || model.vocabulary().hasId(id);
    PostProcessor postProcessor =
        sections.get("post_processor") == null
            ? PostProcessor.NONE
            : PostProcessor.read(component("post_processor"), ids);
    return new Pipeline(
        new Pipeline.Parts(added, normalizer, preTokenizer, model, postProcessor, decoder));
  }

  private Fields component(String section) {
    return Fields.ofComponent(source, section, sections.get(section));
  }

  private List<AddedToken> addedTokens() {
    Object section = sections.get("added_tokens");
    List<AddedToken> tokens = new ArrayList<>();
    if (section == null) {
      return tokens;
    }
    if (!(section instanceof List<?> items)) {
      throw source.refuse("added_tokens", "not an array");
    }
    for (Object item : items) {
      tokens.add(
          AddedToken.read(Fields.of(source, "added_tokens[%d]".formatted(tokens.size()), item)));
    }
    return tokens;
  }
}
