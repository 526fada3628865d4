package org.resa4j.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.resa4j.Resa;
import org.resa4j.attention.ResaConfig;

/** A conversation that goes on sees its own words, whatever else is written, cached or waits. */
class IsolationTest {
  private static final int TURNS = 4;

  /**
   * They begin alike and then differ, so that some of the cache is shared and the rest must not.
   */
  private static final String SYSTEM =
      "You keep the book of a harbour: each ship that comes and each that goes, with its freight. ";

  /** One conversation, which goes on a turn at a time. */
  private static final class Talk {
    private final ChatModel model;
    private final String name;
    private final List<ChatMessage> messages = new ArrayList<>();
    private final List<String> answers = new ArrayList<>();
    private int cached;

    Talk(Resa resa, String name) {
      this.name = name;
      model =
          ResaChatModel.builder(resa)
              .temperature(1)
              .seed(7)
              .maxOutputTokens(60)
              .attention(attention(resa))
              .build();
      messages.add(SystemMessage.from(SYSTEM.repeat(3) + "It is called " + name + "."));
    }

    /** Sparse from the first tokens on, and rectified: what is not dense must not be shared. */
    private static ResaConfig attention(Resa resa) {
      ResaConfig own = resa.defaults().attention();
      return new ResaConfig(
          own.blockSize(), 0.1, 2, 1, 8, 1, own.driftTarget(), own.exact(), own.sparseFrom());
    }

    void turn() {
      messages.add(UserMessage.from("What came on day " + answers.size() + " to " + name + "?"));
      ChatResponse response = model.chat(ChatRequest.builder().messages(messages).build());
      messages.add(response.aiMessage());
      answers.add(String.valueOf(response.aiMessage()));
      cached += ((ResaTokenUsage) response.tokenUsage()).cachedInputTokenCount();
    }
  }

  private static List<String> alone(String name) {
    try (Resa resa = Tiny.resa(1)) {
      Talk talk = new Talk(resa, name);
      for (int i = 0; i < TURNS; i++) {
        talk.turn();
      }
      return talk.answers;
    }
  }

  @Test
  void conversationsInTurnsAnswerAsAlone() {
    List<String> first = alone("Bremen");
    List<String> second = alone("Bergen");
    assertThat(first).doesNotContainAnyElementsOf(second);
    // With one sequence each turn takes the other's place.
    for (int sequences : new int[] {1, 2}) {
      try (Resa resa = Tiny.resa(sequences)) {
        Talk one = new Talk(resa, "Bremen");
        Talk other = new Talk(resa, "Bergen");
        for (int i = 0; i < TURNS; i++) {
          one.turn();
          other.turn();
        }
        assertThat(one.answers).isEqualTo(first);
        assertThat(other.answers).isEqualTo(second);
        assertThat(one.cached + other.cached).as("tokens taken over").isPositive();
      }
    }
  }

  @Test
  void conversationsAtOnceAnswerAsAlone() throws Exception {
    List<String> names = List.of("Bremen", "Bergen", "Brest");
    try (Resa resa = Tiny.resa(2);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<List<String>>> answers = new ArrayList<>();
      for (String name : names) {
        answers.add(
            threads.submit(
                () -> {
                  Talk talk = new Talk(resa, name);
                  for (int i = 0; i < TURNS; i++) {
                    talk.turn();
                  }
                  return talk.answers;
                }));
      }
      for (int i = 0; i < names.size(); i++) {
        assertThat(answers.get(i).get()).isEqualTo(alone(names.get(i)));
      }
    }
  }
}
