package dev.jctl.controller.api;

import dev.jctl.controller.access.Identity;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApiException.Reason;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How much of a sort each user has open at once. One that would have more is told to come again, so
 * that others are served; members of {@code system:masters} are exempt, as with kube-apiserver.
 */
final class InFlight {
  /** What a refused client waits, in the header {@code Retry-After}. */
  static final int RETRY_AFTER_SECONDS = 1;

  private final int most;
  private final Map<String, Integer> open = new ConcurrentHashMap<>();

  /**
   * @param most of each user
   */
  InFlight(int most) {
    this.most = most;
  }

  /** To be closed, once, when it is over. */
  @FunctionalInterface
  interface Slot extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * @throws ApiException 429 when the user has too many
   */
  Slot enter(Optional<Identity> who) {
    // without a name one gets health and version, which cost nothing
    if (who.map(Identity::isMaster).orElse(true)) {
      return () -> {};
    }
    String user = who.orElseThrow().user();
    int now = open.merge(user, 1, Integer::sum);
    if (now > most) {
      leave(user);
      throw new ApiException(
          Reason.TOO_MANY_REQUESTS,
          "Too many requests, please try again later: %s has %d open".formatted(user, most),
          null,
          List.of());
    }
    return () -> leave(user);
  }

  private void leave(String user) {
    open.computeIfPresent(user, (u, count) -> count == 1 ? null : Integer.valueOf(count - 1));
  }
}
