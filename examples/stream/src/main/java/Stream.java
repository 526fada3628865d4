import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.resa4j.Generation;
import org.resa4j.GenerationOptions;
import org.resa4j.Resa;

/** Loads a model and streams what it writes after a prompt, as its own files say it should. */
public final class Stream {
  private Stream() {}

  public static void main(String[] args) throws IOException {
    if (args.length != 2) {
      System.err.println("usage: Stream MODEL-DIRECTORY PROMPT-FILE");
      System.exit(2);
    }
    String prompt = Files.readString(Path.of(args[1]), StandardCharsets.UTF_8).strip();
    try (Resa resa = Resa.builder(Path.of(args[0])).build()) {
      System.err.println("on " + resa.info().engine().device().name());
      GenerationOptions options = resa.defaults().withMaxTokens(4096);
      Generation text = resa.generate(prompt, options, System.out::print);
      System.out.println();
      System.err.printf(
          "%d tokens, %.0f a second, %.0f%% of the blocks read, ended by %s%n",
          text.usage().generatedTokens(),
          text.usage().times().decodeTokensPerSecond(),
          100 * text.usage().blocksKeptShare(),
          text.finish());
    }
  }
}
