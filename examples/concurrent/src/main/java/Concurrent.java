import java.nio.file.Path;
import java.util.List;
import org.resa4j.Generation;
import org.resa4j.GenerationHandle;
import org.resa4j.GenerationRequest;
import org.resa4j.Prompt;
import org.resa4j.Resa;

/**
 * Two requests at once on one model. The first to have written forty tokens stays; the other is
 * cancelled, and both results say what they cost.
 */
public final class Concurrent {
  private Concurrent() {}

  public static void main(String[] args) throws InterruptedException {
    if (args.length != 3) {
      System.err.println("usage: Concurrent MODEL-DIRECTORY PROMPT PROMPT");
      System.exit(2);
    }
    try (Resa resa = Resa.builder(Path.of(args[0])).sequences(2).build()) {
      List<GenerationHandle> both =
          List.of(resa.submit(request(resa, args[1])), resa.submit(request(resa, args[2])));
      List<Thread> readers =
          List.of(
              Thread.startVirtualThread(() -> race(both.get(0), both.get(1))),
              Thread.startVirtualThread(() -> race(both.get(1), both.get(0))));
      for (Thread reader : readers) {
        reader.join();
      }
      for (GenerationHandle handle : both) {
        Generation text = handle.join();
        System.out.printf(
            "%s after %d tokens, first after %.0f ms: %s%n",
            text.finish(),
            text.usage().generatedTokens(),
            text.usage().timeToFirstTokenNanos() / 1e6,
            text.text());
      }
    }
  }

  private static GenerationRequest request(Resa resa, String prompt) {
    return new GenerationRequest(Prompt.text(prompt), resa.defaults().withMaxTokens(400));
  }

  /** Reads a text as it comes, and cancels the other once it is far enough. */
  private static void race(GenerationHandle own, GenerationHandle other) {
    int read = 0;
    for (var token : own) {
      if (++read == 40) {
        other.cancel();
      }
    }
  }
}
