package org.resa4j.cli.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.resa4j.error.InputException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A hub of models, by Hugging Face's protocol.
 *
 * <p>Redirections are followed here and not by the client: a token goes to the hub alone, never to
 * where it sends for a file.
 */
final class Hub implements AutoCloseable {
  private static final Pattern REPOSITORY = Pattern.compile("[\\w.-]+/[\\w.-]+");
  private static final Pattern REVISION = Pattern.compile("[\\w.-]+(/[\\w.-]+)*");
  private static final Duration CONNECT = Duration.ofSeconds(20);
  private static final Duration ANSWER = Duration.ofSeconds(60);
  private static final int REDIRECTIONS = 5;

  private final URI endpoint;
  private final Optional<String> token;
  private final HttpClient client;

  /**
   * @param endpoint such as {@code https://huggingface.co}
   * @param token for repositories that are not everybody's
   * @throws InputException if a token would go over the network in the clear
   */
  Hub(URI endpoint, Optional<String> token) {
    if (token.isPresent() && !isPrivate(endpoint)) {
      throw new InputException(
          endpoint + ": a token goes over https alone; unset HF_TOKEN, or HF_ENDPOINT");
    }
    this.endpoint = endpoint;
    this.token = token;
    client =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
  }

  private static boolean isPrivate(URI uri) {
    return "https".equals(uri.getScheme())
        || List.of("localhost", "127.0.0.1", "[::1]").contains(String.valueOf(uri.getHost()));
  }

  /**
   * A repository's files.
   *
   * @param name {@code owner/name}
   * @param revision a branch, tag or commit
   * @throws InputException if there is none, it is not for this user, or the answer makes no sense
   */
  Repository repository(String name, String revision) {
    if (!REPOSITORY.matcher(name).matches() || name.contains("..")) {
      throw new InputException(
          "'%s' is no repository; its name is like Qwen/Qwen3-0.6B".formatted(name));
    }
    if (!REVISION.matcher(revision).matches() || revision.contains("..")) {
      throw new InputException("'%s' is no revision".formatted(revision));
    }
    URI uri =
        URI.create(
            "%s/api/models/%s/revision/%s?blobs=true"
                .formatted(endpoint, name, revision.replace("/", "%2F")));
    try (Opened opened = open(uri, 0)) {
      if (opened.status != 200) {
        throw refused(name, opened.status);
      }
      return read(name, JsonMapper.shared().readTree(opened.body.readAllBytes()));
    } catch (JacksonException | IllegalArgumentException e) {
      throw new InputException("%s: the answer makes no sense: %s".formatted(uri, e.getMessage()));
    } catch (IOException e) {
      throw new InputException(unreachable(e), e);
    }
  }

  private static Repository read(String name, JsonNode answer) {
    List<RemoteFile> files = new ArrayList<>();
    for (JsonNode file : answer.path("siblings")) {
      String path = file.path("rfilename").asString("");
      if (RemoteFile.isPlain(path)) {
        JsonNode large = file.path("lfs");
        files.add(
            new RemoteFile(
                path,
                file.path("size").asLong(-1),
                large.isObject()
                    ? new Checksum(Checksum.Kind.SHA256, large.path("sha256").asString(""))
                    : new Checksum(Checksum.Kind.GIT_BLOB, file.path("blobId").asString(""))));
      }
    }
    String commit = answer.path("sha").asString("");
    if (!commit.matches("[0-9a-f]{40}")) {
      throw new IllegalArgumentException("no commit in it");
    }
    return new Repository(name, commit, files);
  }

  /** What an answer with another status than 200 means. */
  InputException refused(String name, int status) {
    return new InputException(
        switch (status) {
          case 401, 403 ->
              "%s: not for everybody (HTTP %d): %s"
                  .formatted(
                      name,
                      status,
                      token.isPresent()
                          ? "HF_TOKEN's owner may not read it; its page says who may"
                          : "HF_TOKEN=... names who asks; without it a name that is misspelt is"
                              + " told in the same words");
          case 404 -> "%s: no such repository, revision or file".formatted(name);
          default -> "%s: the hub answers HTTP %d".formatted(name, status);
        });
  }

  /** What to say of a hub that does not answer. */
  String unreachable(IOException fault) {
    boolean offline = false;
    for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
      offline |= cause instanceof UnresolvedAddressException || cause instanceof ConnectException;
    }
    return offline
        ? "%s cannot be reached: is there a network? HF_ENDPOINT names another hub"
            .formatted(endpoint)
        : "%s: %s"
            .formatted(endpoint, Objects.requireNonNullElse(fault.getMessage(), fault.toString()));
  }

  /** Where a file of a repository is. */
  URI uri(Repository repository, RemoteFile file) {
    return URI.create(
        "%s/%s/resolve/%s/%s"
            .formatted(
                endpoint, repository.name(), repository.commit(), file.name().replace("+", "%2B")));
  }

  /**
   * An answer that is being read.
   *
   * @param status HTTP's
   * @param range its Content-Range; empty where it has none
   */
  record Opened(int status, String range, InputStream body) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      body.close();
    }
  }

  /**
   * Asks for what is at an address, from a byte on.
   *
   * @param from 0 for all
   */
  Opened open(URI uri, long from) throws IOException {
    URI at = uri;
    for (int i = 0; i <= REDIRECTIONS; i++) {
      HttpRequest.Builder request = HttpRequest.newBuilder(at).timeout(ANSWER);
      request.header("User-Agent", "resa4j");
      if (from > 0) {
        request.header("Range", "bytes=%d-".formatted(from));
      }
      if (token.isPresent() && isOwn(at)) {
        request.header("Authorization", "Bearer " + token.get());
      }
      HttpResponse<InputStream> response = send(request.build());
      Optional<String> next = response.headers().firstValue("Location");
      if (response.statusCode() / 100 != 3 || next.isEmpty()) {
        return new Opened(
            response.statusCode(),
            response.headers().firstValue("Content-Range").orElse(""),
            response.body());
      }
      response.body().close();
      at = resolved(at, next.get());
    }
    throw new IOException(uri + ": redirected more than " + REDIRECTIONS + " times");
  }

  private static URI resolved(URI from, String location) throws IOException {
    try {
      URI to = from.resolve(location);
      if (isPrivate(from) && !isPrivate(to)) {
        throw new IOException(from + " sends to " + to.getHost() + " without https");
      }
      return to;
    } catch (IllegalArgumentException e) {
      throw new IOException(from + " sends to what is no address", e);
    }
  }

  private boolean isOwn(URI uri) {
    return endpoint.getScheme().equals(uri.getScheme())
        && endpoint.getAuthority().equals(uri.getAuthority());
  }

  private HttpResponse<InputStream> send(HttpRequest request) throws IOException {
    try {
      return client.send(request, BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
    client.close();
  }
}
