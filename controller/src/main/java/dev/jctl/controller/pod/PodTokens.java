package dev.jctl.controller.pod;

import dev.jctl.controller.access.AccountTokens;
import dev.jctl.controller.access.AccountTokens.Bound;
import dev.jctl.controller.access.AccountTokens.Issued;
import dev.jctl.controller.access.AccountTokens.Wanted;
import dev.jctl.controller.config.ProjectedToken;
import dev.jctl.controller.config.ProjectedTokens;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tokens of ServiceAccounts for Pods, bound to them, each until it is time for another. They are in
 * memory alone: who is started again makes new ones.
 */
final class PodTokens {
  private static final Duration LONGEST = Duration.ofHours(24);

  private final AccountTokens accounts;
  private final Map<String, Map<ProjectedToken, Held>> byPod = new ConcurrentHashMap<>();

  private record Held(String account, String text, Instant renewal) {
    boolean isFor(StoredObject object, Instant now) {
      return account.equals(object.uid()) && now.isBefore(renewal);
    }
  }

  PodTokens(AccountTokens accounts) {
    this.accounts = accounts;
  }

  ProjectedTokens of(
      StoredObject pod, StoredObject account, Set<ProjectedToken> wanted, Instant now) {
    Map<ProjectedToken, Held> before = byPod.getOrDefault(pod.uid(), Map.of());
    Map<ProjectedToken, Held> held = new HashMap<>();
    Map<ProjectedToken, String> texts = new HashMap<>();
    for (ProjectedToken token : wanted) {
      Held known = before.get(token);
      Held good = known != null && known.isFor(account, now) ? known : issued(pod, account, token);
      held.put(token, good);
      texts.put(token, good.text());
    }
    byPod.put(pod.uid(), Map.copyOf(held));
    return new ProjectedTokens(
        texts, held.values().stream().map(Held::renewal).min(Comparator.naturalOrder()));
  }

  void forget(String podUid) {
    byPod.remove(podUid);
  }

  private Held issued(StoredObject pod, StoredObject account, ProjectedToken token) {
    List<String> audiences = token.audience().isEmpty() ? List.of() : List.of(token.audience());
    Issued issued =
        accounts.issue(new Wanted(bound(account), audiences, token.lifetime(), bound(pod)));
    return new Held(
        account.uid(),
        issued.token(),
        renewal(issued.expires().minus(token.lifetime()), token.lifetime()));
  }

  /** As kubelet does: after four fifths of its life, and once a day. */
  static Instant renewal(Instant begin, Duration lifetime) {
    Duration most = lifetime.multipliedBy(4).dividedBy(5);
    return begin.plus(most.compareTo(LONGEST) < 0 ? most : LONGEST);
  }

  private static Bound bound(StoredObject object) {
    ObjectRef ref = object.ref();
    return new Bound(ref.kind().kind(), ref.namespace(), ref.name(), object.uid());
  }
}
