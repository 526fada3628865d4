package org.resa4j.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import org.resa4j.Generation;
import org.resa4j.Prompt;
import org.resa4j.Resa;
import org.resa4j.cache.CacheFiles;
import org.resa4j.error.InputException;

/**
 * A text's KV cache in a file, between two runs of the command.
 *
 * @param file need not be there yet
 * @param tokens that it had at the beginning
 */
record CachedText(Path file, int[] tokens) {

  /**
   * Looks at the file.
   *
   * @throws InputException if it is there and is damaged, or cannot be written where it is not
   */
  static CachedText of(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    if (file.toString().isEmpty() || folder == null) {
      throw new UsageException("--cache-file '%s' is no file's name".formatted(file));
    }
    if (Files.exists(file)) {
      return new CachedText(file, CacheFiles.tokens(file));
    }
    if (!Files.isDirectory(folder)) {
      throw new InputException(file + ": there is no directory " + folder);
    }
    if (!Files.isWritable(folder)) {
      throw new InputException(file + ": no permission to write to " + folder);
    }
    return new CachedText(file, new int[0]);
  }

  /** Brings it into the cache, and says so; nothing where there is no file. */
  Optional<String> restore(Resa resa) {
    if (tokens.length == 0) {
      return Optional.empty();
    }
    int restored = resa.restoreCache(file).length;
    return Optional.of("(%d tokens of %s are in the cache)".formatted(restored, file));
  }

  /**
   * Saves prompt and text, and says what was taken over and saved. A file that has all of them, and
   * more, is left as it is.
   */
  String save(Resa resa, Prompt prompt, Generation generation) {
    int[] before = ((Prompt.Tokens) prompt).ids();
    int[] all =
        IntStream.concat(IntStream.of(before), IntStream.of(generation.tokenIds())).toArray();
    String taken =
        "(%d of the prompt's %d tokens came from the cache; "
            .formatted(generation.usage().cachedTokens(), before.length);
    // The last is not in the cache.
    int most = all.length - 1;
    if (tokens.length >= most && Arrays.equals(tokens, 0, most, all, 0, most)) {
      return taken + "%s has the text, and stays as it is)".formatted(file);
    }
    return taken + "%d tokens saved to %s)".formatted(resa.saveCache(file, all), file);
  }
}
