package org.resa4j.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.resa4j.Generation;
import org.resa4j.Prompt;
import org.resa4j.Resa;

/**
 * A text's KV cache in a file, between two runs of the command.
 *
 * @param file need not be there yet
 */
record CachedText(Path file) {

  /** Brings it into the cache, and says so; nothing where there is no file. */
  Optional<String> restore(Resa resa) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    int tokens = resa.restoreCache(file).length;
    return Optional.of("(%d tokens of %s are in the cache)".formatted(tokens, file));
  }

  /** Saves prompt and text, and says what was taken over and saved. */
  String save(Resa resa, Prompt prompt, Generation generation) {
    int[] before = ((Prompt.Tokens) prompt).ids();
    int[] written = generation.tokenIds();
    int[] all = new int[before.length + written.length];
    System.arraycopy(before, 0, all, 0, before.length);
    System.arraycopy(written, 0, all, before.length, written.length);
    int saved = resa.saveCache(file, all);
    return "(%d of the prompt's %d tokens came from the cache; %d tokens saved to %s)"
        .formatted(generation.usage().cachedTokens(), before.length, saved, file);
  }
}
