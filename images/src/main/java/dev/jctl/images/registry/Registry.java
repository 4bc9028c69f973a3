package dev.jctl.images.registry;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.Keyring;
import dev.jctl.images.RegistryAuth;
import dev.jctl.images.RegistryCredential;
import dev.jctl.images.reference.ImageReference;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** Registries. For many threads. Close to end the client's threads. */
public final class Registry implements AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  private final HttpClient client;
  private final RegistryHttp http;
  private final RetryPolicy retry;

  public Registry(RetryPolicy retry) {
    this.client =
        HttpClient.newBuilder()
            // HTTP/2's windows make one large download slower, and several need several connections
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT_TIMEOUT)
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .build();
    this.http = new RegistryHttp(client);
    this.retry = retry;
  }

  /** Does something with the first credential of the keyring that the registry lets in. */
  public <T> T with(ImageReference image, Keyring keyring, Function<RegistrySession, T> use) {
    List<RegistrySession> sessions =
        sessions(image, keyring.find(image.registry(), image.repository()));
    for (RegistrySession session : sessions.subList(0, sessions.size() - 1)) {
      try {
        return use.apply(session);
      } catch (ImageException e) {
        // Some registries do not say what there is to those who may not know.
        if (e.reason() != Reason.UNAUTHORIZED && e.reason() != Reason.NOT_FOUND) {
          throw e;
        }
      }
    }
    return use.apply(sessions.getLast());
  }

  private List<RegistrySession> sessions(ImageReference image, RegistryAuth auth) {
    if (auth.credentials().isEmpty()) {
      return List.of(session(image, Optional.empty(), "no credentials were used" + reasons(auth)));
    }
    List<RegistrySession> sessions = new ArrayList<>();
    List<String> origins = new ArrayList<>();
    for (RegistryCredential credential : auth.credentials()) {
      origins.add(credential.origin());
      String remark = "refused were the credentials of " + String.join(", then of ", origins);
      sessions.add(session(image, Optional.of(credential), remark + reasons(auth)));
    }
    return sessions;
  }

  private static String reasons(RegistryAuth auth) {
    return auth.remarks().isEmpty() ? "" : ": " + String.join("; ", auth.remarks());
  }

  private RegistrySession session(
      ImageReference image, Optional<RegistryCredential> credential, String remark) {
    return new RegistrySession(
        http,
        retry,
        RegistryAddress.of(image),
        new RegistryAuthorization(new TokenEndpoint(http), credential),
        remark);
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
