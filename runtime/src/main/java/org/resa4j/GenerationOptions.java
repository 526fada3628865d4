package org.resa4j;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import org.resa4j.attention.ResaConfig;
import org.resa4j.generate.Sampling;
import org.resa4j.generate.TokenFilter;
import org.resa4j.generate.TraceListener;

/**
 * How a text is to be written. Begin with {@link Resa#defaults()}, which has what the model's files
 * say, and change what should be different.
 *
 * @param maxTokens the most tokens
 * @param attention attention settings; the block size must be the one that {@link Resa} was built
 *     with
 * @param sampling how tokens are chosen
 * @param stopStrings texts that end it; they are not part of the result
 * @param stopTokens tokens that end it, beside the model's own; they are not part of the result
 * @param stopAtEndOfText whether the model's end-of-text tokens end it
 * @param logProbabilities whether tokens come with their log-probability, and with how many of the
 *     likeliest others; empty for neither
 * @param templateVariables what a chat template is given beside the conversation, such as {@code
 *     enable_thinking}: strings, numbers, booleans, and lists and maps of them
 * @param priority more urgent texts, of higher numbers, begin first and give up their place last; 0
 *     by default
 * @param maxTime time from the request on after which the text ends as it is; empty for any
 * @param measureDrift whether {@link Usage#rectification()} is to have the drift that rectification
 *     removes; it has with a target of drift in any case
 * @param tokenFilter which tokens may be chosen, by a grammar for example; empty for all
 * @param trace hears which blocks of the cache each step reads, and what is rectified or verified;
 *     empty for nobody, which costs nothing
 */
public record GenerationOptions(
    int maxTokens,
    ResaConfig attention,
    Sampling sampling,
    List<String> stopStrings,
    Set<Integer> stopTokens,
    boolean stopAtEndOfText,
    OptionalInt logProbabilities,
    Map<String, Object> templateVariables,
    int priority,
    Optional<Duration> maxTime,
    boolean measureDrift,
    Optional<TokenFilter> tokenFilter,
    Optional<TraceListener> trace) {

  /**
   * @throws IllegalArgumentException for a value outside its range, naming it
   */
  public GenerationOptions {
    if (maxTokens < 1) {
      throw new IllegalArgumentException("maxTokens must be at least 1, was " + maxTokens);
    }
    Objects.requireNonNull(attention, "options need attention settings");
    Objects.requireNonNull(sampling, "options need a way to choose tokens");
    if (measureDrift && attention.rectifyKeep() < 1) {
      throw new IllegalArgumentException(
          "drift is measured by dense rectifications, rectifyKeep was " + attention.rectifyKeep());
    }
    stopStrings = List.copyOf(stopStrings);
    if (stopStrings.stream().anyMatch(String::isEmpty)) {
      throw new IllegalArgumentException("a stop string must not be empty");
    }
    stopTokens = Set.copyOf(stopTokens);
    if (logProbabilities.orElse(0) < 0) {
      throw new IllegalArgumentException(
          "logProbabilities must not be negative, was " + logProbabilities.getAsInt());
    }
    if (maxTime.isPresent() && !maxTime.get().isPositive()) {
      throw new IllegalArgumentException("maxTime must be positive, was " + maxTime.get());
    }
    templateVariables = Map.copyOf(templateVariables);
    Objects.requireNonNull(tokenFilter, "a token filter, or none");
    Objects.requireNonNull(trace, "a listener to what is read, or none");
  }

  /**
   * No stop strings or tokens, no log-probabilities, no template variables, no priority, no end of
   * time, no drift, no filter, no trace.
   */
  public GenerationOptions(int maxTokens, ResaConfig attention, Sampling sampling) {
    this(
        maxTokens,
        attention,
        sampling,
        List.of(),
        Set.of(),
        true,
        OptionalInt.empty(),
        Map.of(),
        0,
        Optional.empty(),
        false,
        Optional.empty(),
        Optional.empty());
  }

  public GenerationOptions withMaxTokens(int tokens) {
    return with(changed -> changed.maxTokens = tokens);
  }

  public GenerationOptions withAttention(ResaConfig config) {
    return with(changed -> changed.attention = config);
  }

  public GenerationOptions withSampling(Sampling how) {
    return with(changed -> changed.sampling = how);
  }

  public GenerationOptions withStopStrings(List<String> stops) {
    return with(changed -> changed.stopStrings = stops);
  }

  public GenerationOptions withStopTokens(Set<Integer> tokens) {
    return with(changed -> changed.stopTokens = tokens);
  }

  public GenerationOptions withStopAtEndOfText(boolean stop) {
    return with(changed -> changed.stopAtEndOfText = stop);
  }

  /**
   * With the log-probability of each token.
   *
   * @param likeliest how many of the likeliest tokens come with it; may be 0
   */
  public GenerationOptions withLogProbabilities(int likeliest) {
    return with(changed -> changed.logProbabilities = OptionalInt.of(likeliest));
  }

  /** With one more template variable, or another value of it. */
  public GenerationOptions withTemplateVariable(String name, Object value) {
    Map<String, Object> variables = new LinkedHashMap<>(templateVariables);
    variables.put(name, value);
    return with(changed -> changed.templateVariables = variables);
  }

  public GenerationOptions withPriority(int urgency) {
    return with(changed -> changed.priority = urgency);
  }

  public GenerationOptions withMaxTime(Duration time) {
    return with(changed -> changed.maxTime = Optional.of(time));
  }

  public GenerationOptions withMeasureDrift(boolean on) {
    return with(changed -> changed.measureDrift = on);
  }

  public GenerationOptions withTokenFilter(TokenFilter filter) {
    return with(changed -> changed.tokenFilter = Optional.of(filter));
  }

  /**
   * With a listener to what is read of the cache; {@link ResaInfo#engine()} says whether the engine
   * tells.
   */
  public GenerationOptions withTrace(TraceListener listener) {
    return with(changed -> changed.trace = Optional.of(listener));
  }

  private GenerationOptions with(Consumer<Changed> change) {
    Changed changed = new Changed(this);
    change.accept(changed);
    return changed.options();
  }

  /** The components, to be changed. */
  private static final class Changed {
    private int maxTokens;
    private ResaConfig attention;
    private Sampling sampling;
    private List<String> stopStrings;
    private Set<Integer> stopTokens;
    private boolean stopAtEndOfText;
    private OptionalInt logProbabilities;
    private Map<String, Object> templateVariables;
    private int priority;
    private Optional<Duration> maxTime;
    private boolean measureDrift;
    private Optional<TokenFilter> tokenFilter;
    private Optional<TraceListener> trace;

    Changed(GenerationOptions from) {
      maxTokens = from.maxTokens;
      attention = from.attention;
      sampling = from.sampling;
      stopStrings = from.stopStrings;
      stopTokens = from.stopTokens;
      stopAtEndOfText = from.stopAtEndOfText;
      logProbabilities = from.logProbabilities;
      templateVariables = from.templateVariables;
      priority = from.priority;
      maxTime = from.maxTime;
      measureDrift = from.measureDrift;
      tokenFilter = from.tokenFilter;
      trace = from.trace;
    }

    GenerationOptions options() {
      return new GenerationOptions(
          maxTokens,
          attention,
          sampling,
          stopStrings,
          stopTokens,
          stopAtEndOfText,
          logProbabilities,
          templateVariables,
          priority,
          maxTime,
          measureDrift,
          tokenFilter,
          trace);
    }
  }
}
