package org.resa4j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.ResponseFormatJsonObject;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionFunctionTool;
import com.openai.models.chat.completions.ChatCompletionMessageFunctionToolCall;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionToolChoiceOption;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.models.Model;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** OpenAI's own client finds all that it looks for. */
class OpenAiClientTest {
  private static final String KEY = "sk-test";

  private static Served served;
  private static OpenAIClient client;

  @BeforeAll
  static void start() {
    served = Served.start(b -> b, o -> o.withApiKey(new ApiKey(KEY)));
    client = client(KEY);
  }

  private static OpenAIClient client(String key) {
    return OpenAIOkHttpClient.builder()
        .baseUrl(served.uri("/v1").toString())
        .apiKey(key)
        .maxRetries(0)
        .build();
  }

  @AfterAll
  static void close() {
    client.close();
    served.close();
  }

  private static ChatCompletionCreateParams.Builder chat() {
    return ChatCompletionCreateParams.builder()
        .model(Served.MODEL)
        .addUserMessage("Hello")
        .seed(3)
        .temperature(1)
        .maxCompletionTokens(30);
  }

  @Test
  void chatsWholeAndStreamed() {
    ChatCompletion whole =
        client.chat().completions().create(chat().n(2).logprobs(true).topLogprobs(2).build());
    whole.validate();
    assertThat(whole.choices()).hasSize(2);
    assertThat(whole.usage().orElseThrow().completionTokens()).isPositive();
    assertThat(whole.choices().getFirst().logprobs().orElseThrow().content().orElseThrow())
        .isNotEmpty();
    String expected = whole.choices().getFirst().message().content().orElseThrow();
    StringBuilder text = new StringBuilder();
    long[] tokens = new long[1];
    try (StreamResponse<ChatCompletionChunk> stream =
        client
            .chat()
            .completions()
            .createStreaming(
                chat()
                    .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
                    .build())) {
      stream.stream()
          .forEach(
              chunk -> {
                chunk.validate();
                chunk.choices().forEach(c -> c.delta().content().ifPresent(text::append));
                chunk.usage().ifPresent(usage -> tokens[0] = usage.completionTokens());
              });
    }
    assertThat(text).hasToString(expected);
    assertThat(tokens[0]).isPositive();
  }

  @Test
  void textsAndModels() {
    Completion text =
        client
            .completions()
            .create(
                CompletionCreateParams.builder()
                    .model(CompletionCreateParams.Model.of(Served.MODEL))
                    .prompt("Once upon")
                    .maxTokens(10)
                    .build());
    text.validate();
    assertThat(text.choices().getFirst().text()).isNotEmpty();
    assertThat(client.models().list().data()).extracting(Model::id).containsExactly(Served.MODEL);
  }

  private static ChatCompletion untilItEnds(ChatCompletionCreateParams.Builder request) {
    request.maxCompletionTokens(400);
    for (int seed = 1; seed <= Served.SEEDS; seed++) {
      ChatCompletion answer = client.chat().completions().create(request.seed(seed).build());
      if (!answer
          .choices()
          .getFirst()
          .finishReason()
          .equals(ChatCompletion.Choice.FinishReason.LENGTH)) {
        return answer;
      }
    }
    throw new AssertionError("no text ended");
  }

  @Test
  void jsonAndTools() {
    ChatCompletion json =
        untilItEnds(chat().responseFormat(ResponseFormatJsonObject.builder().build()));
    String text = json.choices().getFirst().message().content().orElseThrow();
    assertThat(Served.json(text).isObject()).isTrue();

    ChatCompletionCreateParams.Builder withTool =
        chat()
            .addTool(
                ChatCompletionFunctionTool.builder()
                    .function(
                        FunctionDefinition.builder()
                            .name("get_time")
                            .description("The time")
                            .parameters(FunctionParameters.builder().build())
                            .build())
                    .build());
    ChatCompletion called =
        untilItEnds(
            withTool.toolChoice(
                ChatCompletionToolChoiceOption.ofAuto(
                    ChatCompletionToolChoiceOption.Auto.REQUIRED)));
    called.validate();
    ChatCompletion.Choice choice = called.choices().getFirst();
    assertThat(choice.finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.TOOL_CALLS);
    ChatCompletionMessageFunctionToolCall call =
        choice.message().toolCalls().orElseThrow().getFirst().asFunction();
    assertThat(call.function().name()).isEqualTo("get_time");
    // The call goes back with its result.
    ChatCompletion next =
        client
            .chat()
            .completions()
            .create(
                withTool
                    .addMessage(choice.message())
                    .addMessage(
                        ChatCompletionToolMessageParam.builder()
                            .toolCallId(call.id())
                            .content("noon")
                            .build())
                    .toolChoice(
                        ChatCompletionToolChoiceOption.ofAuto(
                            ChatCompletionToolChoiceOption.Auto.AUTO))
                    .maxCompletionTokens(5)
                    .build());
    assertThat(next.choices()).hasSize(1);
  }

  @Test
  void errorsAreThoseOfTheClient() {
    assertThatThrownBy(
            () -> client.chat().completions().create(chat().frequencyPenalty(1.0).build()))
        .isInstanceOfSatisfying(
            BadRequestException.class,
            e -> {
              assertThat(e.param()).contains("frequency_penalty");
              assertThat(e.code()).contains("unsupported_parameter");
              assertThat(e.type()).contains("invalid_request_error");
            });
    assertThatThrownBy(() -> client.chat().completions().create(chat().model("gpt-9").build()))
        .isInstanceOf(NotFoundException.class);
    OpenAIClient stranger = client("sk-wrong");
    try {
      assertThatThrownBy(() -> stranger.models().list()).isInstanceOf(UnauthorizedException.class);
    } finally {
      stranger.close();
    }
  }
}
