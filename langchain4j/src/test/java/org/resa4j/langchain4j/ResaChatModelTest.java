package org.resa4j.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.AudioContent;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.CustomMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.PdfFileContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.message.VideoContent;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.listener.ChatModelErrorContext;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelRequestContext;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.resa4j.Resa;
import org.resa4j.tokenizer.Message;
import tools.jackson.databind.json.JsonMapper;

/** Requests are honoured in all that they ask for, or refused by name. */
class ResaChatModelTest {
  /** Texts of random weights may go on within a string for long. */
  private static final int SEEDS = 30;

  private static final ToolSpecification WEATHER =
      ToolSpecification.builder()
          .name("get_weather")
          .description("The weather of a city")
          .parameters(JsonObjectSchema.builder().addStringProperty("city").required("city").build())
          .build();

  /** A handler's own faults are logged, which a test of them need not show. */
  private static final Logger LOG = Logger.getLogger(Stream.class.getName());

  private static Resa resa;

  @BeforeAll
  static void load() {
    LOG.setLevel(Level.OFF);
    resa = Tiny.resa(2);
  }

  @AfterAll
  static void close() {
    resa.close();
  }

  private static ResaChatModel.Builder model() {
    return ResaChatModel.builder(resa).temperature(1).seed(5).maxOutputTokens(30);
  }

  private static ResaStreamingChatModel.Builder streaming() {
    return ResaStreamingChatModel.builder(resa).temperature(1).seed(5).maxOutputTokens(30);
  }

  private static ChatRequest.Builder request(ChatMessage... messages) {
    return ChatRequest.builder()
        .messages(messages.length == 0 ? List.of(UserMessage.from("Hello")) : List.of(messages));
  }

  private static ChatRequest with(ResaChatRequestParameters.Builder parameters) {
    return request().parameters(parameters.build()).build();
  }

  @Test
  void answersAlikeWholeAndStreamed() {
    ChatRequest request =
        request(SystemMessage.from("Be short."), UserMessage.from("Hello")).build();
    ChatResponse whole = model().build().chat(request);
    Tiny.Heard heard = Tiny.stream(streaming().build(), request);
    ChatResponse streamed = heard.get();
    assertThat(streamed.aiMessage()).isEqualTo(whole.aiMessage());
    assertThat(heard.text).hasToString(whole.aiMessage().text());
    assertThat(whole.finishReason()).isEqualTo(FinishReason.LENGTH);
    assertThat(streamed.finishReason()).isEqualTo(whole.finishReason());
    assertThat(whole.modelName()).isEqualTo(resa.info().modelName());
    assertThat(whole.id()).isNotBlank().isNotEqualTo(streamed.id());
    ResaTokenUsage usage = (ResaTokenUsage) streamed.tokenUsage();
    assertThat(usage.outputTokenCount()).isEqualTo(30);
    assertThat(usage.cachedInputTokenCount()).isPositive();
    ResaTokenUsage both = usage.add(whole.tokenUsage());
    assertThat(both.totalTokenCount()).isEqualTo(2 * usage.totalTokenCount());
    assertThat(TokenUsage.sum(new TokenUsage(1, 2), usage)).isInstanceOf(ResaTokenUsage.class);
  }

  @Test
  void promptsAreTheTemplates() {
    String prompt = resa.chatTemplate().orElseThrow().render(List.of(Message.user("Hello")), true);
    assertThat(model().build().chat(request().build()).tokenUsage().inputTokenCount())
        .isEqualTo(resa.tokenizer().encode(prompt, false).length);
  }

  @Test
  void parametersOfARequestGoBeforeTheModels() {
    ResaChatModel model = model().build();
    String own = model.chat(request().build()).aiMessage().text();
    ResaChatRequestParameters.Builder same = ResaChatRequestParameters.builder().seed(5L);
    assertThat(model.chat(with(same)).aiMessage().text()).isEqualTo(own);
    assertThat(model.chat(with(ResaChatRequestParameters.builder().seed(6L))).aiMessage().text())
        .isNotEqualTo(own);
    assertThat(
            model
                .chat(with(ResaChatRequestParameters.builder().maxOutputTokens(3)))
                .tokenUsage()
                .outputTokenCount())
        .isEqualTo(3);
    ChatResponse stopped =
        model.chat(request().stopSequences(List.of(own.substring(own.length() / 2))).build());
    assertThat(stopped.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(own).startsWith(stopped.aiMessage().text());
    // The likeliest token alone, by either name.
    String greedy = model.chat(request().temperature(0.0).build()).aiMessage().text();
    assertThat(model.chat(request().topK(1).build()).aiMessage().text()).isEqualTo(greedy);
    assertThat(model.chat(request().topP(1e-9).build()).aiMessage().text()).isEqualTo(greedy);
    assertThat(model.chat(with(ResaChatRequestParameters.builder().minP(1.0))).aiMessage().text())
        .isEqualTo(greedy);
    assertThat(
            model
                .chat(
                    with(
                        ResaChatRequestParameters.builder()
                            .temperature(0.0)
                            .repetitionPenalty(50.0)))
                .aiMessage()
                .text())
        .isNotEqualTo(greedy);
    int prompt = model.chat(request().build()).tokenUsage().inputTokenCount();
    assertThat(
            model
                .chat(
                    with(
                        ResaChatRequestParameters.builder()
                            .templateVariables(Map.of("enable_thinking", false))))
                .tokenUsage()
                .inputTokenCount())
        .as("an empty thought is part of the prompt")
        .isGreaterThan(prompt);
    ChatResponse brief =
        model.chat(
            with(
                ResaChatRequestParameters.builder()
                    .maxOutputTokens(100_000)
                    .maxTime(Duration.ofMillis(1))));
    assertThat(brief.finishReason()).isEqualTo(FinishReason.OTHER);
  }

  @Test
  void withoutASeedEachRequestDrawsOne() {
    ResaChatModel model = ResaChatModel.builder(resa).temperature(1).maxOutputTokens(30).build();
    assertThat(model.chat("Hello")).isNotEqualTo(model.chat("Hello"));
  }

  @Test
  void aTextEndsWhereTheContextDoes() {
    int context = 256;
    try (Resa small =
        Resa.builder(Tiny.directory()).engine("jvm").threads(1).contextLength(context).build()) {
      ResaChatModel model = ResaChatModel.builder(small).temperature(1).build();
      ChatResponse response;
      long seed = 0;
      do {
        assertThat(++seed).as("all texts ended").isLessThanOrEqualTo(SEEDS);
        response = model.chat(with(ResaChatRequestParameters.builder().seed(seed)));
      } while (response.finishReason() == FinishReason.STOP);
      assertThat(response.finishReason()).isEqualTo(FinishReason.LENGTH);
      // The last token is never read.
      assertThat(response.tokenUsage().totalTokenCount()).isEqualTo(context + 1);
      assertThatThrownBy(() -> model.chat("word ".repeat(context)))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("tokens");
    }
  }

  @Test
  void toolsAreCalledAndAnswered() {
    List<ChatMessage> messages = new ArrayList<>(List.of(UserMessage.from("Weather?")));
    int seed = 0;
    ChatResponse whole;
    ChatRequest request;
    do {
      assertThat(++seed).as("no text ended").isLessThanOrEqualTo(SEEDS);
      request =
          ChatRequest.builder()
              .messages(messages)
              .parameters(
                  ResaChatRequestParameters.builder()
                      .toolSpecifications(WEATHER)
                      .toolChoice(ToolChoice.REQUIRED)
                      .maxOutputTokens(400)
                      .seed((long) seed)
                      .build())
              .build();
      whole = model().build().chat(request);
    } while (whole.finishReason() == FinishReason.LENGTH);
    assertThat(whole.finishReason()).isEqualTo(FinishReason.TOOL_EXECUTION);
    AiMessage message = whole.aiMessage();
    assertThat(message.text()).isNull();
    ToolExecutionRequest call = message.toolExecutionRequests().getFirst();
    assertThat(call.name()).isEqualTo("get_weather");
    assertThat(call.id()).startsWith("call_");
    assertThat(JsonMapper.shared().readTree(call.arguments()).isObject()).isTrue();

    Tiny.Heard heard = Tiny.stream(streaming().build(), request);
    AiMessage streamed = heard.get().aiMessage();
    assertThat(heard.calls).hasSize(1);
    assertThat(heard.calls.getFirst().toolExecutionRequest())
        .isEqualTo(streamed.toolExecutionRequests().getFirst());
    assertThat(streamed.toolExecutionRequests().getFirst().arguments()).isEqualTo(call.arguments());
    assertThat(heard.text).isEmpty();

    messages.add(message);
    messages.add(ToolExecutionResultMessage.from(call, "rain"));
    ChatResponse answer =
        model()
            .build()
            .chat(ChatRequest.builder().messages(messages).toolSpecifications(WEATHER).build());
    assertThat(answer.tokenUsage().inputTokenCount())
        .isGreaterThan(whole.tokenUsage().inputTokenCount() + 10);
    // None may be called: they are no part of the prompt either.
    ChatResponse none =
        model()
            .build()
            .chat(request().toolSpecifications(WEATHER).toolChoice(ToolChoice.NONE).build());
    assertThat(none.tokenUsage().inputTokenCount())
        .isEqualTo(model().build().chat(request().build()).tokenUsage().inputTokenCount());
  }

  @Test
  void jsonIsJson() {
    int complete = 0;
    for (long seed = 1; seed <= SEEDS && complete < 3; seed++) {
      ChatResponse response =
          model()
              .maxOutputTokens(400)
              .build()
              .chat(
                  with(
                      ResaChatRequestParameters.builder()
                          .seed(seed)
                          .responseFormat(ResponseFormat.JSON)));
      if (response.finishReason() == FinishReason.STOP) {
        assertThat(JsonMapper.shared().readTree(response.aiMessage().text()).isObject()).isTrue();
        complete++;
      }
    }
    assertThat(complete).isPositive();
  }

  @Test
  void whatIsNotThereIsRefusedByName() {
    refused(request().modelName("other"), "modelName");
    refused(request().frequencyPenalty(0.5), "frequencyPenalty");
    refused(request().presencePenalty(-0.5), "presencePenalty");
    refused(
        request().responseFormat(ResponseFormat.JSON).toolSpecifications(WEATHER),
        "JSON response format with tools");
    refused(request().toolSpecifications(WEATHER.toBuilder().strict(true).build()), "strict");
    refused(request().parameters(new Foreign()), "Foreign");
    refused(request(new CustomMessage(Map.of("a", 1))), "CustomMessage");
    refused(request(UserMessage.from(ImageContent.from("https://x/y.png"))), "image");
    refused(
        request(UserMessage.from(TextContent.from("x"), AudioContent.from("https://x/y"))),
        "audio");
    refused(request(UserMessage.from(VideoContent.from("https://x/y"))), "video");
    refused(request(UserMessage.from(PdfFileContent.from("https://x/y"))), "pdf");
    // Penalties of nothing are none.
    assertThat(model().build().chat(request().frequencyPenalty(0.0).build())).isNotNull();
  }

  private static void refused(ChatRequest.Builder request, String name) {
    for (Runnable chat :
        List.<Runnable>of(
            () -> model().build().chat(request.build()),
            () -> Tiny.stream(streaming().build(), request.build()).get())) {
      assertThatThrownBy(chat::run)
          .isInstanceOf(UnsupportedFeatureException.class)
          .hasMessageContaining(name)
          .hasMessageContaining("not supported");
    }
  }

  /** Another integration's parameters. */
  private static final class Foreign extends DefaultChatRequestParameters {
    Foreign() {
      super(DefaultChatRequestParameters.builder());
    }
  }

  @Test
  void wrongValuesAreInvalid() {
    for (ChatRequest.Builder request :
        List.of(
            request().temperature(-1.0),
            request().topP(0.0),
            request().topK(-1),
            request().maxOutputTokens(0),
            request().stopSequences(List.of("")),
            request().toolChoice(ToolChoice.REQUIRED),
            request().toolSpecifications(WEATHER, WEATHER),
            request().toolSpecifications(ToolSpecification.builder().name("a b").build()),
            request()
                .parameters(
                    ResaChatRequestParameters.builder()
                        .templateVariables(Map.of("tools", List.of()))
                        .build()),
            request(
                AiMessage.from(
                    ToolExecutionRequest.builder().name("f").arguments("no object").build())))) {
      assertThatThrownBy(() -> model().build().chat(request.build()))
          .isInstanceOf(InvalidRequestException.class);
      assertThatThrownBy(() -> Tiny.stream(streaming().build(), request.build()).get())
          .isInstanceOf(InvalidRequestException.class);
    }
    assertThatThrownBy(() -> model().topP(2).build()).isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void whatTheModelAtHandCannotIsRefused(@TempDir Path directory) throws IOException {
    Path from = Tiny.directory();
    for (String file :
        List.of("config.json", "generation_config.json", "model.safetensors", "tokenizer.json")) {
      Files.copy(from.resolve(file), directory.resolve(file));
    }
    try (Resa bare = Resa.builder(directory).engine("jvm").threads(1).build()) {
      assertThatThrownBy(() -> ResaChatModel.builder(bare).build().chat("Hello"))
          .isInstanceOf(UnsupportedFeatureException.class)
          .hasMessageContaining("no chat template");
    }
    Files.writeString(
        directory.resolve("chat_template.jinja"),
        "{% for m in messages %}{{ m.content }} {% endfor %}");
    try (Resa plain = Resa.builder(directory).engine("jvm").threads(1).build()) {
      ResaChatModel model = ResaChatModel.builder(plain).maxOutputTokens(2).build();
      assertThat(model.chat(request().build()).tokenUsage().outputTokenCount()).isPositive();
      assertThatThrownBy(() -> model.chat(request().toolSpecifications(WEATHER).build()))
          .isInstanceOf(UnsupportedFeatureException.class)
          .hasMessageContaining("tools");
    }
  }

  @Test
  void listenersHearOfRequestsAndAnswersAndErrors() {
    List<String> heard = new ArrayList<>();
    ChatModelListener listener =
        new ChatModelListener() {
          @Override
          public void onRequest(ChatModelRequestContext context) {
            ChatRequestParameters parameters = context.chatRequest().parameters();
            heard.add("request " + parameters.maxOutputTokens() + " " + parameters.temperature());
          }

          @Override
          public void onResponse(ChatModelResponseContext context) {
            heard.add("response " + context.chatResponse().finishReason());
          }

          @Override
          public void onError(ChatModelErrorContext context) {
            heard.add("error " + context.error().getClass().getSimpleName());
          }
        };
    ResaChatModel model = model().listeners(List.of(listener)).build();
    model.chat(request().maxOutputTokens(2).build());
    assertThatThrownBy(() -> model.chat(request().topK(-1).build()))
        .isInstanceOf(InvalidRequestException.class);
    assertThat(heard)
        .containsExactly(
            "request 2 1.0", "response LENGTH", "request 30 1.0", "error InvalidRequestException");
  }

  @Test
  void cancellingEndsTheWritingWithinAStep() throws Exception {
    try (Resa one = Tiny.resa(1)) {
      ResaStreamingChatModel model =
          ResaStreamingChatModel.builder(one).temperature(1).seed(2).build();
      ChatRequest request = request().build();
      Tiny.Heard heard = Tiny.stream(model, request);
      heard.handle.get(30, TimeUnit.SECONDS).cancel();
      assertThat(heard.handle.get().isCancelled()).isTrue();
      Tiny.await(() -> one.load().running() == 0);
      String text = heard.text.toString();
      // The next one has the only sequence, so it would not come before the end of the first.
      Tiny.Heard next = Tiny.stream(model, request.toBuilder().maxOutputTokens(5).build());
      assertThat(next.get().tokenUsage().outputTokenCount()).isEqualTo(5);
      assertThat(heard.response).isNotDone();
      assertThat(heard.text).hasToString(text);
      assertThat(text.length()).isLessThan(one.info().engine().options().contextLength());
    }
  }

  @Test
  void jsonAndToolsTogetherAreRefusedWhenTheModelIsBuilt() {
    var builder =
        model()
            .responseFormat(ResponseFormat.JSON)
            .toolSpecifications(
                List.of(ToolSpecification.builder().name("now").description("-").build()));
    assertThatThrownBy(builder::build)
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("tools");
  }

  @Test
  void aVariableThatIsNullIsRefusedByName() {
    Map<String, Object> variables = new HashMap<>();
    variables.put("thinking", null);
    assertThatThrownBy(() -> ResaChatRequestParameters.builder().templateVariables(variables))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("thinking");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatAHandlerThrowsGoesToItAndTheAnswerGoesOn(boolean isError) throws Exception {
    Throwable own =
        isError ? new AssertionError("the handler's own") : new IllegalStateException("its own");
    List<Throwable> errors = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    CompletableFuture<ChatResponse> response = new CompletableFuture<>();
    streaming()
        .build()
        .chat(
            request().build(),
            new StreamingChatResponseHandler() {
              @Override
              public void onPartialResponse(String part) {
                threads.add(Thread.currentThread());
                if (own instanceof Error error) {
                  throw error;
                }
                throw (RuntimeException) own;
              }

              @Override
              public void onCompleteResponse(ChatResponse whole) {
                response.complete(whole);
              }

              @Override
              public void onError(Throwable error) {
                errors.add(error);
                throw new IllegalStateException("passed over");
              }
            });
    ChatResponse whole = response.get(30, TimeUnit.SECONDS);
    assertThat(whole.aiMessage()).isEqualTo(model().build().chat(request().build()).aiMessage());
    assertThat(errors).hasSize(threads.size()).isNotEmpty().containsOnly(own);
    assertThat(threads).containsOnly(threads.getFirst()).doesNotContain(Thread.currentThread());
  }

  @Test
  void anInterruptEndsTheWriting() throws Exception {
    try (Resa one = Tiny.resa(1)) {
      ResaChatModel model = ResaChatModel.builder(one).temperature(1).seed(2).build();
      CompletableFuture<Throwable> end = new CompletableFuture<>();
      Thread waits =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      model.chat("Hello");
                      end.complete(null);
                    } catch (RuntimeException e) {
                      end.complete(e);
                    }
                  });
      Tiny.await(() -> one.load().running() == 1);
      waits.interrupt();
      assertThat(end.get(30, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
      Tiny.await(() -> one.load().running() == 0);
    }
  }

  @Test
  void aFullQueueAndAClosedModelAreSaid() throws Exception {
    Resa one = Resa.builder(Tiny.directory()).engine("jvm").threads(1).queueCapacity(0).build();
    ResaStreamingChatModel model =
        ResaStreamingChatModel.builder(one).temperature(1).seed(2).build();
    Tiny.Heard first = Tiny.stream(model, request().build());
    first.handle.get(30, TimeUnit.SECONDS);
    assertThatThrownBy(() -> ResaChatModel.builder(one).build().chat("Hello"))
        .isInstanceOf(RateLimitException.class);
    one.close();
    assertThatThrownBy(first::get).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> ResaChatModel.builder(one).build().chat("Hello"))
        .isInstanceOf(IllegalStateException.class);
  }
}
