package org.resa4j.server;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.resa4j.ResaInfo;
import org.resa4j.SettingOrigin;
import org.resa4j.attention.ResaConfig;
import org.resa4j.chat.Chats;
import org.resa4j.engine.EngineInfo;
import org.resa4j.generate.Sampling;
import org.resa4j.server.request.ApiException;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the server is and does: {@code /v1/models}, {@code /props}, {@code /metrics}, {@code
 * /health}.
 */
final class InfoApi {
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

  private final Model model;
  private final Chats chats;
  private final Writer writer;
  private final Metrics metrics;
  private final long created = Instant.now().getEpochSecond();

  InfoApi(Model model, Chats chats, Writer writer, Metrics metrics) {
    this.model = model;
    this.chats = chats;
    this.writer = writer;
    this.metrics = metrics;
  }

  void models(Http http) {
    ObjectNode json = Json.object();
    json.put("object", "list");
    json.putArray("data").add(model());
    http.send(json);
  }

  void model(Http http, String id) {
    model.check(Optional.of(id));
    http.send(model());
  }

  private ObjectNode model() {
    ObjectNode json = Json.object();
    json.put("id", model.id());
    json.put("object", "model");
    json.put("created", created);
    json.put("owned_by", "resa4j");
    json.put("max_model_len", model.context());
    return json;
  }

  void metrics(Http http) {
    http.send(PROMETHEUS, metrics.write(model.resa().load()));
  }

  void health(Http http) {
    if (writer.refuses()) {
      throw Errors.closing();
    }
    ObjectNode json = Json.object();
    json.put("status", "ok");
    http.send(json);
  }

  void embeddings(Http http) {
    throw ApiException.of(
        501, "unsupported_endpoint", "/v1/embeddings: models here write text and embed none");
  }

  void props(Http http) {
    ResaInfo info = model.resa().info();
    EngineInfo engine = info.engine();
    ObjectNode json = Json.object();
    json.put("model", model.id());
    json.put("parameters", info.parameters());
    json.put("weights", engine.weightType().toString());
    json.put("engine", engine.device().engine());
    json.put("device", engine.device().id());
    json.put("context_length", model.context());
    json.put("parallel", engine.options().sequences());
    json.put("kv_type", engine.kvType().name().toLowerCase(Locale.ROOT));
    json.put("cache_bytes", engine.cacheBytes());
    json.put("resa_trace", engine.tellsSelections());
    json.put("chat", model.resa().chatTemplate().isPresent());
    json.put("tool_calls", chats.toolForm().isPresent());
    attention(json.putObject("attention"), model.defaults().attention());
    sampling(json.putObject("sampling"), model.defaults().sampling());
    ArrayNode settings = json.putArray("settings");
    for (SettingOrigin each : info.settings()) {
      settings
          .addObject()
          .put("name", each.name())
          .put("value", each.value())
          .put("origin", each.origin());
    }
    http.send(json);
  }

  private static void attention(ObjectNode json, ResaConfig config) {
    json.put("block_size", config.blockSize());
    json.put("keep_ratio", config.keepRatio());
    json.put("min_blocks", config.minBlocks());
    json.put("local_blocks", config.localBlocks());
    json.put("rectify_every", config.rectification());
    json.put("rectify_keep", config.rectifyKeep());
    json.put("sparse_from", config.sparseFrom());
    json.put("exact", config.exact().isPresent());
  }

  private static void sampling(ObjectNode json, Sampling sampling) {
    json.put("temperature", sampling.temperature());
    json.put("top_k", sampling.topK());
    json.put("top_p", sampling.topP());
    json.put("min_p", sampling.minP());
    json.put("repetition_penalty", sampling.repetitionPenalty());
  }
}
