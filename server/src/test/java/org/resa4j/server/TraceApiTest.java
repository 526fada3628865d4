package org.resa4j.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.resa4j.GenerationOptions;
import org.resa4j.GenerationRequest;
import org.resa4j.Prompt;
import org.resa4j.attention.DraftLength;
import org.resa4j.attention.ResaConfig;
import org.resa4j.generate.StepTrace;
import org.resa4j.generate.TraceListener;
import org.resa4j.generate.VerificationTrace;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The field {@code resa} of events is what the engine tells of the same text. */
class TraceApiTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final String TEXT = "/v1/completions";
  private static final int BLOCK = 4;
  private static final int TOKENS = 40;
  private static final String LONG = "A question of many words, asked again and again. ".repeat(12);

  private static Served served;

  @BeforeAll
  static void start() {
    served = Served.start(builder -> builder.blockSize(BLOCK), options -> options);
  }

  @AfterAll
  static void close() {
    served.close();
  }

  /** What the library hears. */
  private static final class Heard implements TraceListener {
    private final List<StepTrace> steps = new ArrayList<>();
    private final List<List<Integer>> rectified = new ArrayList<>();
    private final List<VerificationTrace> verified = new ArrayList<>();

    @Override
    public void onStep(StepTrace step) {
      steps.add(step);
    }

    @Override
    public void onRectified(int from, int to) {
      rectified.add(List.of(from, to));
    }

    @Override
    public void onVerified(VerificationTrace verification) {
      verified.add(verification);
    }
  }

  private static ObjectNode request(String attention) {
    ObjectNode request = Served.json("{}").asObject();
    request.put("model", Served.MODEL).put("prompt", LONG).put("max_tokens", TOKENS);
    request.put("temperature", 1).put("seed", 5).put("stream", true).put("resa_trace", true);
    request.setAll((ObjectNode) Served.json(attention));
    return request;
  }

  /** All that events say, in order. */
  private static List<JsonNode> all(List<JsonNode> events, String list) {
    List<JsonNode> all = new ArrayList<>();
    events.forEach(event -> event.path("resa").path(list).forEach(all::add));
    return all;
  }

  private static Heard hear(ResaConfig attention) {
    Heard heard = new Heard();
    GenerationOptions options =
        served.resa.defaults().withMaxTokens(TOKENS).withAttention(attention).withTrace(heard);
    options = options.withSampling(options.sampling().withTemperature(1).withSeed(5));
    served.resa.submit(new GenerationRequest(Prompt.text(LONG), options)).join();
    return heard;
  }

  @ParameterizedTest
  @CsvSource({"0.2,false,0", "0.2,false,16", "0.35,true,0"})
  void eventsSayWhatTheEngineTells(double keep, boolean exact, int every) {
    ResaConfig attention = served.resa.defaults().attention().withKeepRatio(keep);
    Heard heard =
        hear(exact ? attention.withExact(DraftLength.AUTO) : attention.withRectifyEvery(every));
    String fields = "{\"keep_ratio\": %s, \"exact\": %s".formatted(keep, exact);
    List<JsonNode> events =
        served.stream(
            TEXT,
            request(fields + (exact ? "}" : ", \"rectify_every\": " + every + "}")).toString());
    int kvHeads = served.resa.info().model().attention().kvHeads();
    int prompt = events.getFirst().path("resa").path("about").path("prompt_tokens").asInt();
    assertThat(prompt).isEqualTo(served.resa.tokenizer().encode(LONG, true).length);

    List<JsonNode> steps = all(events, "steps");
    if (!exact) {
      // Drafts are as long as pays by the clock: those of two runs differ.
      assertThat(steps).hasSameSizeAs(heard.steps);
      for (int i = 0; i < steps.size(); i++) {
        assertSame(steps.get(i), heard.steps.get(i), kvHeads);
      }
    }
    for (JsonNode step : steps) {
      int blocks = Math.ceilDiv(step.path("position").asInt() + 1, BLOCK);
      assertThat(step.path("blocks").asInt()).isEqualTo(blocks);
      int kept = Math.max((int) Math.ceil(blocks * keep - 1e-9), Math.min(blocks, 16));
      assertThat(step.path("kept").asInt()).isEqualTo(step.has("layers") ? kept : blocks);
      assertThat(step.path("draft").asBoolean(false)).isEqualTo(exact && step.has("layers"));
    }
    assertThat(steps).anyMatch(step -> step.has("layers"));

    List<List<Integer>> rectified =
        all(events, "rectified").stream()
            .map(each -> List.of(each.path(0).asInt(), each.path(1).asInt()))
            .toList();
    assertThat(rectified).isEqualTo(heard.rectified).hasSize(every == 0 ? 0 : (TOKENS - 1) / every);

    int drafted = 0;
    int decided = 0;
    for (JsonNode each : all(events, "verified")) {
      drafted += each.path("drafted").asInt();
      int accepted = each.path("accepted").asInt();
      decided += accepted;
      assertThat(each.path("refused").isNull())
          .isEqualTo(accepted == each.path("drafted").asInt() || decided == TOKENS);
    }
    assertThat(drafted).isEqualTo(steps.stream().filter(step -> step.has("draft")).count());
    assertThat(drafted > 0).isEqualTo(exact);
    assertThat(tokens(events)).isEqualTo(prompt + TOKENS);
  }

  private static void assertSame(JsonNode json, StepTrace step, int kvHeads) {
    assertThat(json.path("position").asInt()).isEqualTo(step.position());
    assertThat(json.path("cell").asInt()).isEqualTo(1);
    assertThat(json.path("layers").size()).isEqualTo(step.layers());
    for (int layer = 0; layer < step.layers(); layer++) {
      String cells = json.path("layers").path(layer).asString();
      assertThat(cells).hasSize(step.blocks());
      for (int block = 0; block < step.blocks(); block++) {
        int value = value(cells.charAt(block));
        assertThat(Math.round(value / 63.0 * kvHeads)).isEqualTo(step.readers(layer, block));
      }
    }
  }

  /** A digit of base64. */
  private static int value(char digit) {
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".indexOf(digit);
  }

  /** Events tell of each token once, in order; returns where they end. */
  private static int tokens(List<JsonNode> events) {
    int next = events.getFirst().path("resa").path("tokens").path(0).asInt();
    for (JsonNode event : events) {
      if (event.has("resa")) {
        JsonNode tokens = event.path("resa").path("tokens");
        assertThat(tokens.path(0).asInt()).isEqualTo(next);
        next = tokens.path(1).asInt();
      }
    }
    return next;
  }

  @Test
  void allIsKeptOfADenseText() {
    List<JsonNode> events =
        served.stream(TEXT, request("{\"keep_ratio\": 1, \"rectify_every\": 0}").toString());
    List<JsonNode> steps = all(events, "steps");
    assertThat(steps).hasSize(TOKENS - 1);
    assertThat(steps)
        .allMatch(step -> !step.has("layers") && step.path("kept").equals(step.path("blocks")));
  }

  @Test
  void chatsHaveItToo() {
    ObjectNode request = Served.chat(LONG);
    request.put("stream", true).put("resa_trace", true).put("keep_ratio", 0.2);
    List<JsonNode> events = served.stream(CHAT, request.toString());
    assertThat(events).allMatch(event -> event.has("resa"));
    assertThat(all(events, "steps")).hasSize(19).allMatch(step -> step.has("layers"));
    int prompt = events.getFirst().path("resa").path("about").path("prompt_tokens").asInt();
    assertThat(tokens(events)).isEqualTo(prompt + 20);
  }

  @Test
  void noneIsThereUnlessItIsAskedFor() {
    ObjectNode request = request("{}");
    request.put("resa_trace", false);
    assertThat(served.stream(TEXT, request.toString())).noneMatch(event -> event.has("resa"));
  }

  @ParameterizedTest
  @CsvSource({"stream,false", "n,2", "resa_trace,1"})
  void whatCannotBeTracedIsRefused(String field, String value) {
    ObjectNode request = request("{}");
    request.set(field, Served.json(value));
    JsonNode error = served.refused(400, TEXT, request.toString());
    assertThat(error.path("param").asString()).isEqualTo("resa_trace");
  }
}
