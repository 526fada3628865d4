package org.resa4j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.openai.OpenAiTokenUsage;
import dev.langchain4j.model.output.FinishReason;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** LangChain4j's client of OpenAI's interface, which is not OpenAI's own, does too. */
class LangChainClientTest {
  private static Served served;

  @BeforeAll
  static void start() {
    served = Served.start();
  }

  @AfterAll
  static void close() {
    served.close();
  }

  private static OpenAiChatModel.OpenAiChatModelBuilder model() {
    return OpenAiChatModel.builder()
        .baseUrl(served.uri("/v1").toString())
        .apiKey("none")
        .modelName(Served.MODEL)
        .temperature(1.0)
        .seed(5)
        .maxTokens(30)
        .maxRetries(0);
  }

  private static OpenAiStreamingChatModel.OpenAiStreamingChatModelBuilder streaming() {
    return OpenAiStreamingChatModel.builder()
        .baseUrl(served.uri("/v1").toString())
        .apiKey("none")
        .modelName(Served.MODEL)
        .temperature(1.0)
        .seed(5)
        .maxTokens(30);
  }

  private static ChatResponse stream(
      OpenAiStreamingChatModel model, ChatRequest request, StringBuilder text) throws Exception {
    CompletableFuture<ChatResponse> response = new CompletableFuture<>();
    model.chat(
        request,
        new StreamingChatResponseHandler() {
          @Override
          public void onPartialResponse(String part) {
            text.append(part);
          }

          @Override
          public void onCompleteResponse(ChatResponse whole) {
            response.complete(whole);
          }

          @Override
          public void onError(Throwable error) {
            response.completeExceptionally(error);
          }
        });
    return response.get(60, TimeUnit.SECONDS);
  }

  @Test
  void chatsWholeAndStreamed() throws Exception {
    ChatRequest request =
        ChatRequest.builder()
            .messages(SystemMessage.from("Be short."), UserMessage.from("Hello"))
            .build();
    ChatResponse whole = model().build().chat(request);
    StringBuilder text = new StringBuilder();
    ChatResponse streamed = stream(streaming().build(), request, text);
    assertThat(text).hasToString(whole.aiMessage().text());
    assertThat(streamed.aiMessage().text()).isEqualTo(whole.aiMessage().text());
    assertThat(streamed.finishReason()).isEqualTo(whole.finishReason());
    assertThat(streamed.tokenUsage().totalTokenCount())
        .isEqualTo(whole.tokenUsage().totalTokenCount());
    OpenAiTokenUsage usage = (OpenAiTokenUsage) streamed.tokenUsage();
    assertThat(usage.inputTokensDetails().cachedTokens()).isPositive();
  }

  @Test
  void toolsAreCalledAndAnswered() throws Exception {
    ToolSpecification tool =
        ToolSpecification.builder()
            .name("get_weather")
            .description("The weather of a city")
            .parameters(JsonObjectSchema.builder().addStringProperty("city").build())
            .build();
    List<ChatMessage> messages = new ArrayList<>(List.of(UserMessage.from("Weather?")));
    ChatRequest.Builder request =
        ChatRequest.builder().toolSpecifications(tool).toolChoice(ToolChoice.REQUIRED);
    int seed = 0;
    ChatResponse whole;
    do {
      assertThat(++seed).as("no text ended").isLessThanOrEqualTo(Served.SEEDS);
      whole = model().maxTokens(400).seed(seed).build().chat(request.messages(messages).build());
    } while (whole.finishReason() == FinishReason.LENGTH);
    assertThat(whole.finishReason()).isEqualTo(FinishReason.TOOL_EXECUTION);
    AiMessage message = whole.aiMessage();
    ToolExecutionRequest call = message.toolExecutionRequests().getFirst();
    assertThat(call.name()).isEqualTo("get_weather");
    assertThat(Served.json(call.arguments()).isObject()).isTrue();
    ChatResponse streamed =
        stream(
            streaming().maxTokens(400).seed(seed).build(),
            request.messages(messages).build(),
            new StringBuilder());
    assertThat(streamed.aiMessage().toolExecutionRequests().getFirst().arguments())
        .isEqualTo(call.arguments());
    messages.add(message);
    messages.add(ToolExecutionResultMessage.from(call, "rain"));
    ChatResponse answer =
        model()
            .build()
            .chat(ChatRequest.builder().messages(messages).toolSpecifications(tool).build());
    assertThat(answer.tokenUsage().inputTokenCount()).isGreaterThan(100);
  }

  @Test
  void answersFollowASchema() {
    ResponseFormat format =
        ResponseFormat.builder()
            .type(ResponseFormatType.JSON)
            .jsonSchema(
                JsonSchema.builder()
                    .name("city")
                    .rootElement(
                        JsonObjectSchema.builder()
                            .addEnumProperty("size", List.of("small", "large"))
                            .addBooleanProperty("capital")
                            .required("size", "capital")
                            .additionalProperties(false)
                            .build())
                    .build())
            .build();
    ChatRequest request =
        ChatRequest.builder().messages(UserMessage.from("Berlin")).responseFormat(format).build();
    ChatResponse answer;
    int seed = 0;
    do {
      assertThat(++seed).as("no text ended").isLessThanOrEqualTo(Served.SEEDS);
      answer = model().strictJsonSchema(true).maxTokens(1200).seed(seed).build().chat(request);
    } while (answer.finishReason() == FinishReason.LENGTH);
    JsonNode city = Served.json(answer.aiMessage().text());
    assertThat(city.propertyNames()).containsExactly("size", "capital");
    assertThat(city.path("size").asString()).isIn("small", "large");
    assertThat(city.path("capital").isBoolean()).isTrue();
  }

  @Test
  void errorsAreThoseOfTheClient() {
    assertThatThrownBy(() -> model().presencePenalty(1.0).build().chat("Hello"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("presence_penalty");
    assertThatThrownBy(() -> model().modelName("other").build().chat("Hello"))
        .isInstanceOf(ModelNotFoundException.class);
  }
}
