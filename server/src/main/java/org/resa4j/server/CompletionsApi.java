package org.resa4j.server;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.resa4j.GeneratedToken;
import org.resa4j.Generation;
import org.resa4j.GenerationOptions;
import org.resa4j.GenerationRequest;
import org.resa4j.Prompt;
import org.resa4j.Usage;
import org.resa4j.chat.Ids;
import org.resa4j.error.InputException;
import org.resa4j.generate.ChosenToken.TokenProbability;
import org.resa4j.server.request.ApiException;
import org.resa4j.server.request.CompletionRequest;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v1/completions}. */
final class CompletionsApi implements Guard.Api {
  private static final String PROMPT = "prompt";

  private final Model model;
  private final Writer writer;

  CompletionsApi(Model model, Writer writer) {
    this.model = model;
    this.writer = writer;
  }

  @Override
  public void answer(Http http) {
    CompletionRequest request = CompletionRequest.of(http.body());
    model.check(request.model());
    List<GenerationRequest> requests = new ArrayList<>();
    long seed = request.firstSeed();
    Optional<Trace> trace = Optional.empty();
    for (Prompt prompt : request.prompts()) {
      int[] tokens = tokens(prompt);
      model.checkPrompt(tokens.length, PROMPT);
      for (int i = 0; i < request.n(); i++) {
        GenerationOptions options =
            request.options(model.defaults(), i, seed).withMaxTime(model.maxTime());
        if (request.streaming().trace()) {
          trace = Optional.of(model.trace(request.prompts().size() * request.n(), tokens.length));
          options = options.withTrace(trace.get());
        }
        requests.add(new GenerationRequest(Prompt.tokens(tokens), options));
      }
    }
    Texts texts = writer.submit(requests, PROMPT);
    CompletionAnswer answer = new CompletionAnswer(request, requests.size(), trace);
    if (request.streaming().on()) {
      answer.stream(http, texts);
    } else {
      answer.whole(http, texts);
    }
  }

  private int[] tokens(Prompt prompt) {
    try {
      return switch (prompt) {
        case Prompt.Text text -> model.tokenizer().encode(text.text(), true);
        case Prompt.Tokens tokens -> tokens.ids();
        case Prompt.Chat chat -> throw new IllegalStateException("no completion has a chat");
      };
    } catch (InputException e) {
      throw ApiException.invalid(PROMPT, e.getMessage());
    }
  }

  /** The answer to one request. */
  private final class CompletionAnswer {
    private final String id = Ids.next("cmpl-");
    private final long created = Instant.now().getEpochSecond();
    private final LogProbs logProbs = new LogProbs(model.tokenizer());
    private final CompletionRequest request;
    private final Optional<Trace> trace;
    private final Generation[] texts;

    CompletionAnswer(CompletionRequest request, int count, Optional<Trace> trace) {
      this.request = request;
      this.trace = trace;
      texts = new Generation[count];
    }

    void whole(Http http, Texts written) {
      written.tell(
          http.client(),
          new Texts.Listener() {
            @Override
            public void onToken(int text, GeneratedToken token) {}

            @Override
            public void onEnd(int text, Generation generation) {
              texts[text] = generation;
            }
          });
      ObjectNode json = head();
      ArrayNode choices = json.putArray("choices");
      for (int i = 0; i < texts.length; i++) {
        choices.add(
            choice(
                i,
                texts[i].text(),
                texts[i].tokens(),
                0,
                ChatChoice.finishReason(texts[i].finish())));
      }
      json.set("usage", usage());
      http.send(json);
    }

    void stream(Http http, Texts written) {
      try (EventStream events = http.events()) {
        try {
          written.tell(http.client(), new Streamed(events));
        } catch (ApiException e) {
          events.send(Errors.json(e));
          throw e;
        }
        if (request.streaming().usage()) {
          ObjectNode last = head();
          last.putArray("choices");
          last.set("usage", usage());
          events.send(last);
        }
        events.done();
      }
    }

    private ObjectNode head() {
      ObjectNode json = Json.object();
      json.put("id", id);
      json.put("object", "text_completion");
      json.put("created", created);
      json.put("model", model.id());
      return json;
    }

    private ObjectNode usage() {
      List<Usage> usages = new ArrayList<>();
      for (Generation text : texts) {
        usages.add(text.usage());
      }
      return UsageJson.of(usages, request.n(), OptionalInt.empty());
    }

    /**
     * @param offset of the tokens in the text
     * @param finish null before the end
     */
    private ObjectNode choice(
        int index, String text, List<GeneratedToken> tokens, int offset, String finish) {
      ObjectNode json = Json.object();
      json.put("index", index);
      json.put("text", text);
      json.set("logprobs", logProbs(tokens, offset));
      json.put("finish_reason", finish);
      return json;
    }

    private ObjectNode logProbs(List<GeneratedToken> tokens, int offset) {
      if (request.logProbabilities().isEmpty()) {
        return null;
      }
      ObjectNode json = Json.object();
      ArrayNode names = json.putArray("tokens");
      ArrayNode chosen = json.putArray("token_logprobs");
      ArrayNode likeliest = json.putArray("top_logprobs");
      ArrayNode offsets = json.putArray("text_offset");
      int at = offset;
      for (GeneratedToken token : tokens) {
        names.add(logProbs.text(token.id()));
        chosen.add(token.logProbability().orElseThrow());
        ObjectNode others = likeliest.addObject();
        for (TokenProbability each : token.likeliest()) {
          others.put(logProbs.text(each.id()), each.logProbability());
        }
        offsets.add(at);
        at += token.text().length();
      }
      return json;
    }

    /** Sends what comes. */
    private final class Streamed implements Texts.Listener {
      private final EventStream events;
      private final List<List<GeneratedToken>> unsent = new ArrayList<>();
      private final int[] sent = new int[texts.length];

      Streamed(EventStream events) {
        this.events = events;
        for (int i = 0; i < texts.length; i++) {
          unsent.add(new ArrayList<>());
        }
      }

      @Override
      public void onToken(int text, GeneratedToken token) {
        unsent.get(text).add(token);
        if (!token.text().isEmpty()) {
          send(text, token.text(), null);
        }
      }

      private void send(int text, String part, String finish) {
        ObjectNode chunk = head();
        chunk.putArray("choices").add(choice(text, part, unsent.get(text), sent[text], finish));
        if (request.streaming().usage()) {
          chunk.putNull("usage");
        }
        trace.ifPresent(each -> each.attach(chunk, unsent.get(text).size()));
        unsent.get(text).clear();
        sent[text] += part.length();
        events.send(chunk);
      }

      @Override
      public void onEnd(int text, Generation generation) {
        texts[text] = generation;
        send(text, "", ChatChoice.finishReason(generation.finish()));
      }
    }
  }
}
