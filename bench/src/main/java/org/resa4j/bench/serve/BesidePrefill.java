package org.resa4j.bench.serve;

import java.util.ArrayList;
import java.util.List;
import org.resa4j.engine.Engine;
import org.resa4j.generate.Cancellation;

/** What readers of texts notice of a long prompt that is prefilled beside them. */
final class BesidePrefill {
  private final Engine engine;
  private final int vocabulary;
  private final ServePlan plan;
  private final List<Long> before = new ArrayList<>();
  private final List<Long> beside = new ArrayList<>();

  BesidePrefill(Engine engine, int vocabulary, ServePlan plan) {
    this.engine = engine;
    this.vocabulary = vocabulary;
    this.plan = plan;
  }

  /**
   * Lets all readers get some tokens, then a long prompt in, and ends when its first token is
   * there.
   *
   * @return the readers' texts, and that of the long prompt
   */
  List<WrittenText> run() {
    Server server = new Server(engine, vocabulary, plan.config());
    Cancellation end = new Cancellation();
    List<WrittenText> texts = new ArrayList<>();
    for (int[] prompt : plan.readers()) {
      int most = engine.info().options().contextLength() - prompt.length;
      texts.add(server.submit(new Arrival(0, prompt, most), System.nanoTime(), end));
    }
    tickUntil(server, texts, 1);
    long allBegun = System.nanoTime();
    tickUntil(server, texts, ServePlan.BEFORE);
    long asked = System.nanoTime();
    WrittenText prompted =
        server.submit(new Arrival(0, plan.longPrompt(), 1), asked, new Cancellation());
    tickUntil(server, List.of(prompted), 1);
    long answered = System.nanoTime();
    end.cancel();
    server.finish();
    for (WrittenText text : texts) {
      text.gaps(allBegun, asked).forEach(before::add);
      text.gaps(asked, answered).forEach(beside::add);
    }
    texts.add(prompted);
    return texts;
  }

  private static void tickUntil(Server server, List<WrittenText> texts, int tokens) {
    while (texts.stream().anyMatch(text -> text.length() < tokens)) {
      server.tick();
    }
  }

  /** Gaps of all runs while the readers were alone. */
  Quantiles before() {
    return Quantiles.of(before.stream().mapToLong(Long::longValue));
  }

  /** Gaps of all runs while the prompt was prefilled. */
  Quantiles beside() {
    return Quantiles.of(beside.stream().mapToLong(Long::longValue));
  }
}
