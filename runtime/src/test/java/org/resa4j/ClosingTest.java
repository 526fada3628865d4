package org.resa4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.Sheet;
import org.resa4j.engine.WorksheetContractTest;
import org.resa4j.generate.Sampling;

/** Closing while others are at work frees nothing under them. */
class ClosingTest {
  private static final GenerationOptions DENSE =
      new GenerationOptions(500, ResaConfig.dense(16), Sampling.GREEDY);

  private static Resa open() {
    return Resa.builder(WorksheetContractTest.worksheetModel())
        .engine("jvm")
        .contextLength(16384)
        .build();
  }

  @RepeatedTest(3)
  void whileAPromptOfMegabytesIsTokenised() throws Exception {
    Resa resa = open();
    String prompt = Sheet.of(200, 1).prompt().repeat(560);
    assertThat(prompt.length()).isGreaterThan(2_800_000);
    CompletableFuture<Generation> generation =
        CompletableFuture.supplyAsync(() -> resa.generate(prompt, DENSE));
    Thread.sleep(30);
    resa.close();
    // Too long a prompt, or closed: whichever came first, but an exception.
    assertThatThrownBy(() -> generation.get(60, TimeUnit.SECONDS))
        .cause()
        .isInstanceOfAny(IllegalStateException.class, org.resa4j.error.LimitException.class);
  }

  @Test
  void whileALongPromptIsEncoded() throws Exception {
    Resa resa = open();
    int[] tokens = resa.tokenizer().encode(Sheet.of(200, 1).prompt().repeat(8), true);
    GenerationHandle handle =
        resa.submit(new GenerationRequest(Prompt.tokens(tokens), DENSE.withMaxTokens(1)));
    Thread.sleep(50);
    long start = System.nanoTime();
    resa.close();
    // A chunk, not the whole prompt, which takes several seconds.
    assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(3));
    assertThatThrownBy(handle::join)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void whileATextIsWrittenAndReadByPullAndPush() throws Exception {
    Resa resa = open();
    CompletableFuture<Throwable> heard = new CompletableFuture<>();
    GenerationHandle handle =
        resa.submit(
            new GenerationRequest(Prompt.text(Sheet.of(200, 1).prompt()), DENSE),
            new GenerationListener() {
              @Override
              public void onToken(GeneratedToken token) {}

              @Override
              public void onFailure(Throwable failure) {
                heard.complete(failure);
              }
            });
    handle.iterator().next();
    resa.close();
    assertThat(heard.get(10, TimeUnit.SECONDS))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(() -> handle.forEach(token -> {})).hasMessageContaining("closed");
  }
}
