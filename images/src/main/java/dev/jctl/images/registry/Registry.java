package dev.jctl.images.registry;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.Keyring;
import dev.jctl.images.RegistryAuth;
import dev.jctl.images.RegistryCredential;
import dev.jctl.images.reference.ImageReference;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/** Registries. For many threads. Close to end the client's threads. */
public final class Registry implements AutoCloseable {
  /** Of a mirror, these mean that the next one is to be asked. */
  private static final Set<Reason> NEXT_MIRROR =
      EnumSet.of(
          Reason.NOT_FOUND,
          Reason.UNAUTHORIZED,
          Reason.UNREACHABLE,
          Reason.DIGEST_MISMATCH,
          Reason.CORRUPT,
          Reason.UNSUPPORTED,
          Reason.UNTRUSTED);

  private final EnvironmentProxies proxies;
  private final HttpClient trusting;
  private final HttpClient believing;
  private final AuthorityClients vouched;
  private final RetryPolicy retry;
  private final Supplier<RegistriesConfig> config;

  /**
   * @param config asked each time, so that what is changed in it holds at once
   */
  public Registry(
      RetryPolicy retry, Supplier<RegistriesConfig> config, EnvironmentProxies proxies) {
    this.proxies = proxies;
    this.vouched = new AuthorityClients(proxies);
    this.trusting = HttpClients.trusting(proxies);
    this.believing = HttpClients.believingAnybody(proxies);
    this.retry = retry;
    this.config = config;
  }

  /** Takes an image from the first mirror that has it, else from its registry. */
  public <T> T pull(ImageReference image, Keyring keyring, Function<RegistrySession, T> use) {
    RegistryRoute route = config.get().route(image);
    List<String> tried = new ArrayList<>();
    for (RegistryLocation mirror : route.mirrors()) {
      try {
        return at(mirror, retry.forMirrors(), keyring, use);
      } catch (ImageException e) {
        if (!NEXT_MIRROR.contains(e.reason())) {
          throw e;
        }
        tried.add(String.valueOf(e.getMessage()));
      }
    }
    try {
      return at(route.origin(), retry, keyring, use);
    } catch (ImageException e) {
      throw tried.isEmpty()
          ? e
          : new ImageException(
              e.reason(),
              e.getMessage() + "; before that, of mirrors: " + String.join("; ", tried));
    }
  }

  /** Puts an image into its registry. */
  public <T> T push(ImageReference image, Keyring keyring, Function<RegistrySession, T> use) {
    return at(config.get().route(image).origin(), retry, keyring, use);
  }

  /** With the first credential of the keyring that is let in. */
  private <T> T at(
      RegistryLocation location,
      RetryPolicy policy,
      Keyring keyring,
      Function<RegistrySession, T> use) {
    List<RegistrySession> sessions =
        sessions(location, policy, keyring.find(location.host(), location.repository()));
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

  private List<RegistrySession> sessions(
      RegistryLocation location, RetryPolicy policy, RegistryAuth auth) {
    Access access = access(location);
    if (auth.credentials().isEmpty()) {
      String remark = "no credentials were used" + reasons(auth);
      return List.of(access.session(policy, Optional.empty(), remark));
    }
    List<RegistrySession> sessions = new ArrayList<>();
    List<String> origins = new ArrayList<>();
    for (RegistryCredential credential : auth.credentials()) {
      origins.add(credential.origin());
      String remark = "refused were the credentials of " + String.join(", then of ", origins);
      sessions.add(access.session(policy, Optional.of(credential), remark + reasons(auth)));
    }
    return sessions;
  }

  private static String reasons(RegistryAuth auth) {
    return auth.remarks().isEmpty() ? "" : ": " + String.join("; ", auth.remarks());
  }

  /** How a location is talked to. */
  private record Access(RegistryHttp http, RepositoryAddress repository) {
    RegistrySession session(
        RetryPolicy policy, Optional<RegistryCredential> credential, String remark) {
      return new RegistrySession(
          http,
          policy,
          repository,
          new RegistryAuthorization(new TokenEndpoint(http), credential),
          remark);
    }
  }

  private Access access(RegistryLocation location) {
    return switch (location.security()) {
      case REQUIRED -> new Access(http(trusting(location)), RegistryAddress.of(location));
      case WAIVED -> {
        RegistryHttp http = http(believing);
        RepositoryAddress encrypted = RegistryAddress.of("https", location);
        yield new Access(
            http,
            answers(http, encrypted.base()) ? encrypted : RegistryAddress.of("http", location));
      }
    };
  }

  private RegistryHttp http(HttpClient client) {
    return new RegistryHttp(client, proxies, retry.patience());
  }

  private HttpClient trusting(RegistryLocation location) {
    return location.authority() == null ? trusting : vouched.of(location.authority());
  }

  private static boolean answers(RegistryHttp http, URI base) {
    RegistryRequest ping = RegistryRequest.get(base.resolve("/v2/"), Map.of());
    try {
      http.send(base.toString(), ping, null).body().close();
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    trusting.shutdownNow();
    believing.shutdownNow();
    vouched.close();
  }
}
