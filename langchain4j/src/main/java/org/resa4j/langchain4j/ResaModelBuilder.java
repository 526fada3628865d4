package org.resa4j.langchain4j;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ToolChoice;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.resa4j.Resa;
import org.resa4j.attention.ResaConfig;
import org.resa4j.generate.Sampling;

/**
 * Settings of a model, which hold for requests that say nothing else; each method names the
 * default. What is set by name goes before {@link #defaultRequestParameters}.
 *
 * @param <B> the builder itself
 */
public abstract sealed class ResaModelBuilder<B extends ResaModelBuilder<B>>
    permits ResaChatModel.Builder, ResaStreamingChatModel.Builder {
  private final Resa resa;
  private final ResaChatRequestParameters.Builder own = ResaChatRequestParameters.builder();
  private ChatRequestParameters given = DefaultChatRequestParameters.EMPTY;
  private String modelName;
  private List<ChatModelListener> listeners = List.of();
  private Set<Capability> capabilities = Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA);

  ResaModelBuilder(Resa resa) {
    this.resa = Objects.requireNonNull(resa, "a Resa");
    modelName = resa.info().modelName();
  }

  /** The builder itself. */
  abstract B self();

  /** The name that responses and listeners have; by default the model's own. */
  public B modelName(String name) {
    modelName = Objects.requireNonNull(name, "a name");
    return self();
  }

  /** Several settings at once; by default none. */
  public B defaultRequestParameters(ChatRequestParameters parameters) {
    given = Objects.requireNonNull(parameters, "parameters");
    return self();
  }

  /** 0 takes the likeliest token; by default what the model's files say. */
  public B temperature(double value) {
    own.temperature(value);
    return self();
  }

  /** Only the likeliest tokens; 0 for all; by default what the model's files say. */
  public B topK(int count) {
    own.topK(count);
    return self();
  }

  /** Only the likeliest tokens that reach this probability; by default as the files say. */
  public B topP(double value) {
    own.topP(value);
    return self();
  }

  /** Only tokens this probable, relative to the likeliest; by default as the files say. */
  public B minP(double value) {
    own.minP(value);
    return self();
  }

  /** Above 1 against words that came before; by default what the model's files say. */
  public B repetitionPenalty(double value) {
    own.repetitionPenalty(value);
    return self();
  }

  /** Of the random choice; by default one is drawn for each request. */
  public B seed(long value) {
    own.seed(value);
    return self();
  }

  /** The most tokens of an answer, thoughts included; by default what the context holds. */
  public B maxOutputTokens(int tokens) {
    own.maxOutputTokens(tokens);
    return self();
  }

  /** Texts that end an answer and are no part of it; by default none. */
  public B stopSequences(List<String> stops) {
    own.stopSequences(stops);
    return self();
  }

  /** Tools of requests that bring none; by default none. */
  public B toolSpecifications(List<ToolSpecification> tools) {
    own.toolSpecifications(tools);
    return self();
  }

  /** Whether tools are called; by default the model may. */
  public B toolChoice(ToolChoice choice) {
    own.toolChoice(choice);
    return self();
  }

  /**
   * {@link ResponseFormat#TEXT}, the default, {@link ResponseFormat#JSON}, or JSON that a schema
   * describes.
   */
  public B responseFormat(ResponseFormat format) {
    own.responseFormat(format);
    return self();
  }

  /** Sparsity, rectification, exact mode; by default {@link Resa#defaults()}'s. */
  public B attention(ResaConfig config) {
    own.attention(config);
    return self();
  }

  /** What the chat template is given, such as {@code enable_thinking}; by default nothing. */
  public B templateVariables(Map<String, Object> variables) {
    own.templateVariables(variables);
    return self();
  }

  /** How urgent answers are beside others of the same {@link Resa}; by default 0. */
  public B priority(int urgency) {
    own.priority(urgency);
    return self();
  }

  /** Time after which an answer ends as it is, its wait included; by default any. */
  public B maxTime(Duration time) {
    own.maxTime(time);
    return self();
  }

  /**
   * What AI services make use of; by default answers by a JSON schema, instead of a prompt that
   * asks for JSON. None for services that have both tools and answers of a type of their own.
   */
  public B supportedCapabilities(Set<Capability> all) {
    capabilities = Set.copyOf(all);
    return self();
  }

  /** Who hears of requests, responses and errors; by default nobody. */
  public B listeners(List<ChatModelListener> all) {
    listeners = List.copyOf(all);
    return self();
  }

  Requests requests() {
    Requests requests = new Requests(resa, modelName);
    requests.checkDefaults(parameters());
    return requests;
  }

  /** With the defaults written out, so that listeners see what holds. */
  ResaChatRequestParameters parameters() {
    Sampling sampling = resa.defaults().sampling();
    return ResaChatRequestParameters.builder()
        .modelName(modelName)
        .temperature(sampling.temperature())
        .topK(sampling.topK())
        .topP(sampling.topP())
        .minP(sampling.minP())
        .repetitionPenalty(sampling.repetitionPenalty())
        .attention(resa.defaults().attention())
        .build()
        .overrideWith(given)
        .overrideWith(own.build());
  }

  List<ChatModelListener> listeners() {
    return listeners;
  }

  Set<Capability> capabilities() {
    return capabilities;
  }
}
