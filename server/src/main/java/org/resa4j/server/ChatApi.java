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
import org.resa4j.chat.ChatPrompt;
import org.resa4j.chat.Chats;
import org.resa4j.chat.Ids;
import org.resa4j.error.InputException;
import org.resa4j.generate.TokenFilter;
import org.resa4j.server.request.ApiException;
import org.resa4j.server.request.ChatRequest;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v1/chat/completions}. */
final class ChatApi implements Guard.Api {
  private static final String MESSAGES = "messages";

  private final Model model;
  private final Chats chats;
  private final Writer writer;

  ChatApi(Model model, Chats chats, Writer writer) {
    this.model = model;
    this.chats = chats;
    this.writer = writer;
  }

  @Override
  public void answer(Http http) {
    ChatRequest request = ChatRequest.of(http.body());
    model.check(request.model());
    ChatPrompt prompt;
    List<GenerationRequest> requests;
    Optional<Trace> trace = Optional.empty();
    try {
      prompt = chats.prompt(request.messages(), request.templateVariables(), request.tools());
      model.checkPrompt(prompt.length(), MESSAGES);
      if (request.streaming().trace()) {
        trace = Optional.of(model.trace(request.n(), prompt.length()));
      }
      requests = requests(request, prompt, trace);
    } catch (InputException e) {
      // A definition that the template cannot print is the request's fault as well.
      throw Errors.of(e, MESSAGES, 0);
    }
    Texts texts = writer.submit(requests, MESSAGES);
    Response answer = new Response(request, prompt, trace);
    if (request.streaming().on()) {
      answer.stream(http, texts);
    } else {
      answer.whole(http, texts);
    }
  }

  private List<GenerationRequest> requests(
      ChatRequest request, ChatPrompt prompt, Optional<Trace> trace) {
    int left = chats.room(prompt);
    int maxTokens = Math.min(left, request.maxTokens().orElse(left));
    Optional<TokenFilter> filter = chats.filter(prompt, request.format());
    long seed = request.firstSeed();
    List<GenerationRequest> requests = new ArrayList<>();
    for (int i = 0; i < request.n(); i++) {
      GenerationOptions options =
          request.options(model.defaults(), maxTokens, i, seed).withMaxTime(model.maxTime());
      options = filter.isPresent() ? options.withTokenFilter(filter.get()) : options;
      options = trace.isPresent() ? options.withTrace(trace.get()) : options;
      requests.add(new GenerationRequest(Prompt.tokens(prompt.tokens()), options));
    }
    return requests;
  }

  /** The answer to one request. */
  private final class Response {
    private final String id = Ids.next("chatcmpl-");
    private final long created = Instant.now().getEpochSecond();
    private final LogProbs logProbs = new LogProbs(model.tokenizer());
    private final ChatRequest request;
    private final Optional<Trace> trace;
    private final List<ChatChoice> choices = new ArrayList<>();

    Response(ChatRequest request, ChatPrompt prompt, Optional<Trace> trace) {
      this.request = request;
      this.trace = trace;
      for (int i = 0; i < request.n(); i++) {
        choices.add(new ChatChoice(i, prompt.answer()));
      }
    }

    void whole(Http http, Texts texts) {
      texts.tell(
          http.client(),
          new Texts.Listener() {
            @Override
            public void onToken(int text, GeneratedToken token) {
              choices.get(text).add(token);
            }

            @Override
            public void onEnd(int text, Generation generation) {
              choices.get(text).finish(generation);
            }
          });
      ObjectNode json = head("chat.completion");
      ArrayNode list = json.putArray("choices");
      for (ChatChoice choice : choices) {
        ObjectNode each = list.addObject();
        each.put("index", choice.index());
        each.set("message", choice.message());
        each.set("logprobs", logProbs(choice.generation().tokens()));
        each.put("finish_reason", choice.finishReason());
      }
      json.set("usage", usage());
      http.send(json);
    }

    void stream(Http http, Texts texts) {
      try (EventStream events = http.events()) {
        for (ChatChoice choice : choices) {
          ObjectNode role = Json.object();
          role.put("role", "assistant").put("content", "");
          events.send(chunk(choice, role, List.of(), null));
        }
        try {
          texts.tell(http.client(), new Streamed(events));
        } catch (ApiException e) {
          events.send(Errors.json(e));
          throw e;
        }
        if (request.streaming().usage()) {
          ObjectNode last = head("chat.completion.chunk");
          last.putArray("choices");
          last.set("usage", usage());
          events.send(last);
        }
        events.done();
      }
    }

    private ObjectNode head(String object) {
      ObjectNode json = Json.object();
      json.put("id", id);
      json.put("object", object);
      json.put("created", created);
      json.put("model", model.id());
      return json;
    }

    private ObjectNode chunk(
        ChatChoice choice, ObjectNode delta, List<GeneratedToken> tokens, String finish) {
      ObjectNode json = head("chat.completion.chunk");
      ObjectNode each = json.putArray("choices").addObject();
      each.put("index", choice.index());
      each.set("delta", delta);
      each.set("logprobs", tokens.isEmpty() ? null : logProbs(tokens));
      each.put("finish_reason", finish);
      if (request.streaming().usage()) {
        json.putNull("usage");
      }
      trace.ifPresent(to -> to.attach(json, tokens.size()));
      return json;
    }

    /** Null unless they were asked for. Tokens that end a text are none of the answer's. */
    private ObjectNode logProbs(List<GeneratedToken> tokens) {
      if (request.logProbabilities().isEmpty()) {
        return null;
      }
      ObjectNode json = Json.object();
      ArrayNode content = json.putArray("content");
      for (GeneratedToken token : tokens) {
        if (!model.resa().info().model().endOfText().contains(token.id())) {
          content.add(logProbs.of(token));
        }
      }
      json.putNull("refusal");
      return json;
    }

    private ObjectNode usage() {
      List<Usage> usages = choices.stream().map(each -> each.generation().usage()).toList();
      int reasoning = choices.stream().mapToInt(ChatChoice::reasoningTokens).sum();
      return UsageJson.of(usages, usages.size(), OptionalInt.of(reasoning));
    }

    /** Sends what comes. */
    private final class Streamed implements Texts.Listener {
      private final EventStream events;

      /** By text, tokens whose text has not been sent. */
      private final List<List<GeneratedToken>> unsent = new ArrayList<>();

      Streamed(EventStream events) {
        this.events = events;
        choices.forEach(each -> unsent.add(new ArrayList<>()));
      }

      @Override
      public void onToken(int text, GeneratedToken token) {
        unsent.get(text).add(token);
        send(text, choices.get(text).add(token));
      }

      private void send(int text, List<ObjectNode> deltas) {
        for (ObjectNode delta : deltas) {
          events.send(chunk(choices.get(text), delta, unsent.get(text), null));
          unsent.get(text).clear();
        }
      }

      @Override
      public void onEnd(int text, Generation generation) {
        ChatChoice choice = choices.get(text);
        send(text, choice.finish(generation));
        events.send(chunk(choice, Json.object(), unsent.get(text), choice.finishReason()));
      }
    }
  }
}
