package dev.jctl.controller.admission;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a Pod has of its ServiceAccount where it says nothing itself, as with Kubernetes. */
final class AccountDefaults {
  private static final String PULL_SECRETS = "imagePullSecrets";

  private AccountDefaults() {}

  /**
   * The account is asked once, when the Pod is created: what it is written as later may leave out
   * what it has, and has it again.
   *
   * @param accounts the ServiceAccounts of its namespace by name
   */
  static void fillIn(
      @Nullable ObjectNode old,
      ObjectNode candidate,
      Function<String, Optional<ObjectNode>> accounts) {
    if (!(candidate.path("spec") instanceof ObjectNode pod)) {
      return;
    }
    if (old == null) {
      JsonNode account =
          accounts
              .apply(pod.path("serviceAccountName").asText("default"))
              .<JsonNode>map(found -> found)
              .orElse(MissingNode.getInstance());
      pullSecrets(pod, account);
      ApiAccess.give(pod, account);
    } else {
      pullSecrets(pod, old.path("spec"));
      ApiAccess.giveAgain(pod, old.path("spec"));
    }
  }

  private static void pullSecrets(ObjectNode pod, JsonNode holder) {
    if (pod.path(PULL_SECRETS).isEmpty() && !holder.path(PULL_SECRETS).isEmpty()) {
      pod.set(PULL_SECRETS, holder.path(PULL_SECRETS).deepCopy());
    }
  }
}
