package org.resa4j.server;

import io.helidon.http.HttpException;
import io.helidon.http.RequestException;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.Optional;
import org.resa4j.server.Metrics.Outcome;
import org.resa4j.server.request.ApiException;

/** Stands before what answers requests: checks the key, counts, and answers what goes wrong. */
final class Guard {
  /** What answers a request. */
  interface Api {

    /**
     * @throws ApiException for an answer that is an error
     */
    void answer(Http http);
  }

  private final ServerOptions options;
  private final Clients clients;
  private final Metrics metrics;

  Guard(ServerOptions options, Clients clients, Metrics metrics) {
    this.options = options;
    this.clients = clients;
    this.metrics = metrics;
  }

  /** An API for whom has the key. */
  Handler keyed(Api api) {
    return (request, response) -> answer(request, response, api, options.apiKey());
  }

  /** One for everybody, which says nothing of texts. */
  Handler open(Api api) {
    return (request, response) -> answer(request, response, api, Optional.empty());
  }

  private void answer(
      ServerRequest request, ServerResponse response, Api api, Optional<ApiKey> key) {
    Client client = clients.of(request);
    Http http = new Http(request, response, client, options);
    Outcome outcome = Outcome.FAILED;
    try {
      if (options.apiKey().isEmpty() && !LoopbackHost.allows(options.host(), http.host())) {
        throw ApiException.of(
            403,
            "wrong_host",
            "without an API key, requests must name this machine as localhost or by its address");
      }
      if (key.isPresent() && !key.get().isIn(http.authorization())) {
        throw ApiException.of(
            401,
            "invalid_api_key",
            "the request has no API key, or another: Authorization: Bearer");
      }
      api.answer(http);
      outcome = Outcome.OK;
    } catch (ApiException e) {
      outcome = outcome(e);
      fail(http, e);
    } catch (CloseConnectionException e) {
      outcome = Outcome.CLIENT_GONE;
      throw e;
    } catch (RequestException | HttpException e) {
      // The server's own faults of requests, such as too long a body.
      outcome = Outcome.INVALID;
      throw e;
    } catch (RuntimeException e) {
      fail(http, Errors.fault(e));
    } finally {
      metrics.request(outcome);
      if (http.isLast()) {
        client.isAnsweredForGood(options.bodyTime());
      } else {
        client.isAnswered(options.idleTime());
      }
    }
  }

  private static void fail(Http http, ApiException error) {
    if (!http.streams()) {
      http.send(error);
    }
  }

  private static Outcome outcome(ApiException error) {
    return switch (error.status()) {
      case 401 -> Outcome.UNAUTHORIZED;
      case 429 -> Outcome.BUSY;
      case 503 -> Outcome.CLOSED;
      default -> error.status() < 500 ? Outcome.INVALID : Outcome.FAILED;
    };
  }
}
