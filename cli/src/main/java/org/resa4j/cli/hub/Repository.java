package org.resa4j.cli.hub;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.resa4j.error.InputException;

/**
 * A repository at one commit.
 *
 * @param name {@code owner/name}
 * @param commit of which its files are
 * @param files those in no folder
 */
record Repository(String name, String commit, List<RemoteFile> files) {
  private static final Set<String> SETTINGS =
      Set.of(
          "config.json",
          "generation_config.json",
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "chat_template.jinja",
          "resa.json");

  Repository {
    files = List.copyOf(files);
  }

  /**
   * What a model needs: its settings and {@code model*.safetensors}, or else its only GGUF file.
   *
   * @throws InputException if neither is there, or there are several GGUF files to choose from
   */
  List<RemoteFile> model() {
    List<RemoteFile> weights =
        matching(file -> file.matches("model.*\\.safetensors(\\.index\\.json)?"));
    if (weights.stream().anyMatch(file -> file.name().endsWith(".safetensors"))) {
      List<RemoteFile> all = new ArrayList<>(matching(SETTINGS::contains));
      all.addAll(weights);
      return all;
    }
    List<RemoteFile> gguf = matching(file -> file.endsWith(".gguf"));
    if (gguf.size() == 1) {
      return gguf;
    }
    throw new InputException(
        gguf.isEmpty()
            ? "%s: no model*.safetensors and no .gguf file in it; there are %s"
                .formatted(name, names(files))
            : "%s: several models in it; --file takes one of %s".formatted(name, names(gguf)));
  }

  /**
   * Files by their names, in which {@code *} stands for anything.
   *
   * @throws InputException if a pattern is of none
   */
  List<RemoteFile> named(List<String> patterns) {
    List<RemoteFile> all = new ArrayList<>();
    for (String pattern : patterns) {
      String regex =
          List.of(pattern.split("\\*", -1)).stream()
              .map(java.util.regex.Pattern::quote)
              .collect(Collectors.joining(".*"));
      List<RemoteFile> found = matching(file -> file.matches(regex));
      if (found.isEmpty()) {
        throw new InputException(
            "%s: no file %s in it; there are %s".formatted(name, pattern, names(files)));
      }
      found.stream().filter(file -> !all.contains(file)).forEach(all::add);
    }
    return all;
  }

  private List<RemoteFile> matching(Predicate<String> name) {
    return files.stream().filter(file -> name.test(file.name())).toList();
  }

  private static String names(List<RemoteFile> files) {
    return files.isEmpty()
        ? "none"
        : files.stream().map(RemoteFile::name).collect(Collectors.joining(", "));
  }
}
