package org.resa4j.langchain4j;

import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.resa4j.attention.ResaConfig;

/**
 * Parameters of a request that LangChain4j has no name for, beside those that it has. Null is a
 * parameter that is not set: the model's default holds.
 */
public final class ResaChatRequestParameters extends DefaultChatRequestParameters {
  private final Long seed;
  private final Double minP;
  private final Double repetitionPenalty;
  private final ResaConfig attention;
  private final Map<String, Object> templateVariables;
  private final Integer priority;
  private final Duration maxTime;

  private ResaChatRequestParameters(Builder builder) {
    super(builder);
    seed = builder.seed;
    minP = builder.minP;
    repetitionPenalty = builder.repetitionPenalty;
    attention = builder.attention;
    templateVariables = Map.copyOf(builder.templateVariables);
    priority = builder.priority;
    maxTime = builder.maxTime;
  }

  /** Of the random choice of tokens; one that is not set is drawn for each request. */
  public Long seed() {
    return seed;
  }

  /** Only tokens at least this probable, relative to the likeliest; 0 for all. */
  public Double minP() {
    return minP;
  }

  /** Above 1 against words that came before; 1 is none. */
  public Double repetitionPenalty() {
    return repetitionPenalty;
  }

  /** How much of the KV cache is read, and how often it is rectified. */
  public ResaConfig attention() {
    return attention;
  }

  /** What the chat template is given beside the conversation, such as {@code enable_thinking}. */
  public Map<String, Object> templateVariables() {
    return templateVariables;
  }

  /** More urgent texts, of higher numbers, begin first. */
  public Integer priority() {
    return priority;
  }

  /** Time after which an answer ends as it is, its wait included. */
  public Duration maxTime() {
    return maxTime;
  }

  /**
   * These, and others where they are set.
   *
   * @throws UnsupportedFeatureException for parameters of another integration, which may have some
   *     that are unknown here
   */
  @Override
  public ResaChatRequestParameters overrideWith(ChatRequestParameters that) {
    return builder().overrideWith(this).overrideWith(that).build();
  }

  /**
   * Others, and these where they are set.
   *
   * @throws UnsupportedFeatureException for parameters of another integration
   */
  @Override
  public ResaChatRequestParameters defaultedBy(ChatRequestParameters that) {
    return builder().overrideWith(that).overrideWith(this).build();
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof ResaChatRequestParameters that
        && Objects.equals(seed, that.seed)
        && Objects.equals(minP, that.minP)
        && Objects.equals(repetitionPenalty, that.repetitionPenalty)
        && Objects.equals(attention, that.attention)
        && templateVariables.equals(that.templateVariables)
        && Objects.equals(priority, that.priority)
        && Objects.equals(maxTime, that.maxTime);
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        super.hashCode(),
        seed,
        minP,
        repetitionPenalty,
        attention,
        templateVariables,
        priority,
        maxTime);
  }

  @Override
  public String toString() {
    return "ResaChatRequestParameters{%s, seed=%s, minP=%s, repetitionPenalty=%s, attention=%s, templateVariables=%s, priority=%s, maxTime=%s}"
        .formatted(
            super.toString(),
            seed,
            minP,
            repetitionPenalty,
            attention,
            templateVariables,
            priority,
            maxTime);
  }

  /** Begins with nothing set. */
  public static Builder builder() {
    return new Builder();
  }

  /** Sets parameters; see those of the class. */
  public static final class Builder extends DefaultChatRequestParameters.Builder<Builder> {
    private Long seed;
    private Double minP;
    private Double repetitionPenalty;
    private ResaConfig attention;
    private Map<String, Object> templateVariables = Map.of();
    private Integer priority;
    private Duration maxTime;

    private Builder() {}

    @Override
    public Builder overrideWith(ChatRequestParameters that) {
      if (that instanceof ResaChatRequestParameters own) {
        seed = orElse(own.seed, seed);
        minP = orElse(own.minP, minP);
        repetitionPenalty = orElse(own.repetitionPenalty, repetitionPenalty);
        attention = orElse(own.attention, attention);
        templateVariables =
            own.templateVariables.isEmpty() ? templateVariables : own.templateVariables;
        priority = orElse(own.priority, priority);
        maxTime = orElse(own.maxTime, maxTime);
      } else if (that.getClass() != DefaultChatRequestParameters.class) {
        throw new UnsupportedFeatureException(
            "%s are not supported: they may have parameters that are unknown here"
                .formatted(that.getClass().getSimpleName()));
      }
      return super.overrideWith(that);
    }

    private static <T> T orElse(T value, T other) {
      return value == null ? other : value;
    }

    public Builder seed(Long value) {
      seed = value;
      return this;
    }

    public Builder minP(Double value) {
      minP = value;
      return this;
    }

    public Builder repetitionPenalty(Double value) {
      repetitionPenalty = value;
      return this;
    }

    public Builder attention(ResaConfig config) {
      attention = config;
      return this;
    }

    public Builder templateVariables(Map<String, Object> variables) {
      variables.forEach(
          (name, value) -> {
            if (value == null) {
              throw new InvalidRequestException("templateVariables: %s is null".formatted(name));
            }
          });
      templateVariables = Map.copyOf(variables);
      return this;
    }

    public Builder priority(Integer urgency) {
      priority = urgency;
      return this;
    }

    public Builder maxTime(Duration time) {
      maxTime = time;
      return this;
    }

    @Override
    public ResaChatRequestParameters build() {
      return new ResaChatRequestParameters(this);
    }
  }
}
