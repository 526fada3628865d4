package org.resa4j.langchain4j;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.output.TokenUsage;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.resa4j.Resa;

/**
 * LangChain4j's own tests of what every streaming chat model must do, with a model of random
 * weights.
 *
 * <p>Run as they are: the most tokens, in a request and among the defaults, also in parameters of
 * our own class; another model's name and images refused.
 *
 * <p>Cannot run, since they ask a model that knows things, and are skipped with that reason: what
 * the capital of Germany is, what a system message or earlier turns said, to say Hello World, which
 * tool a question calls for, what its result means, a given answer in JSON. What these hold beyond
 * the answer itself is in {@link ResaChatModelTest} and {@link AnswerFormatsTest}. Its test of
 * cancelling waits half a minute; ours is there too, and so is what handlers throw.
 */
class StreamingComplianceTest extends AbstractStreamingChatModelIT {
  private static final String KNOWS_NOTHING =
      "needs a model that knows the answer; this one's weights are random";

  private static Resa resa;

  @BeforeAll
  static void load() {
    resa = Tiny.resa(1);
  }

  @AfterAll
  static void close() {
    resa.close();
  }

  private static ResaStreamingChatModel.Builder builder() {
    return ResaStreamingChatModel.builder(resa).temperature(1).seed(5);
  }

  @Override
  protected List<StreamingChatModel> models() {
    return List.of(builder().maxOutputTokens(50).build());
  }

  @Override
  protected StreamingChatModel createModelWith(ChatRequestParameters parameters) {
    return builder().defaultRequestParameters(parameters).build();
  }

  /** None: what handlers throw is tested with an answer that must name Berlin. */
  @Override
  public StreamingChatModel createModelWith(ChatModelListener listener) {
    return null;
  }

  /** The test waits half a minute for nothing to come. */
  @Override
  protected boolean supportsStreamingCancellation() {
    return false;
  }

  @Override
  protected boolean supportsPartialToolStreaming(StreamingChatModel model) {
    return false;
  }

  @Override
  protected ChatRequestParameters createIntegrationSpecificParameters(int maxOutputTokens) {
    return ResaChatRequestParameters.builder().maxOutputTokens(maxOutputTokens).build();
  }

  @Override
  protected Class<? extends TokenUsage> tokenUsageType(StreamingChatModel model) {
    return ResaTokenUsage.class;
  }

  /** There is one model. */
  @Override
  protected boolean supportsModelNameParameter() {
    return false;
  }

  /** A call is no answer in JSON. */
  @Override
  protected boolean supportsToolsAndJsonResponseFormatWithSchema() {
    return false;
  }

  @Override
  protected boolean supportsSingleImageInputAsBase64EncodedString() {
    return false;
  }

  @Override
  protected boolean supportsSingleImageInputAsPublicURL() {
    return false;
  }

  @Override
  @Disabled(KNOWS_NOTHING)
  @ParameterizedTest
  @MethodSource("models")
  protected void should_respect_user_message(StreamingChatModel model) {}

  @Override
  @Disabled(KNOWS_NOTHING)
  @ParameterizedTest
  @MethodSource("models")
  protected void should_respect_system_message(StreamingChatModel model) {}

  @Override
  @Disabled(KNOWS_NOTHING)
  @ParameterizedTest
  @MethodSource("models")
  protected void should_respect_multiple_messages(StreamingChatModel model) {}

  @Override
  @Disabled(KNOWS_NOTHING)
  @ParameterizedTest
  @MethodSource("models")
  protected void should_respect_stopSequences_in_chat_request(StreamingChatModel model) {}

  @Override
  @Disabled(KNOWS_NOTHING)
  @ParameterizedTest
  @MethodSource("models")
  protected void should_execute_a_tool_then_answer(StreamingChatModel model) {}

  @Override
  @Disabled(KNOWS_NOTHING)
  @ParameterizedTest
  @MethodSource("models")
  protected void should_execute_a_tool_without_arguments_then_answer(StreamingChatModel model) {}

  @Override
  @Disabled(KNOWS_NOTHING)
  @ParameterizedTest
  @MethodSource("models")
  protected void should_execute_multiple_tools_in_parallel_then_answer(StreamingChatModel model) {}

  @Override
  @Disabled(KNOWS_NOTHING)
  @ParameterizedTest
  @MethodSource("models")
  protected void should_force_LLM_to_execute_any_tool(StreamingChatModel model) {}

  @Override
  @Disabled(KNOWS_NOTHING)
  @ParameterizedTest
  @MethodSource("models")
  protected void should_force_LLM_to_execute_specific_tool(StreamingChatModel model) {}

  @Override
  @Disabled(KNOWS_NOTHING)
  @ParameterizedTest
  @MethodSource("models")
  protected void should_respect_JSON_response_format(StreamingChatModel model) {}

  @Override
  @Disabled(KNOWS_NOTHING)
  @ParameterizedTest
  @MethodSource("models")
  protected void should_respect_JSON_response_format_with_schema(StreamingChatModel model) {}

  @Override
  @Disabled(KNOWS_NOTHING)
  @ParameterizedTest
  @MethodSource("models")
  protected void should_respect_JsonRawSchema_responseFormat(StreamingChatModel model) {}

  @Override
  @Disabled(KNOWS_NOTHING)
  @Test
  protected void should_respect_stopSequences_in_default_model_parameters() {}
}
