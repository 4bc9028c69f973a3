package dev.jctl.controller.volume;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** What is to be done about one PersistentVolumeClaim. */
sealed interface ClaimAction {
  /** Why every new one waits a moment: no Event says so. */
  String PROVISIONING = "Provisioning";

  /** Make the Volume of its name. */
  record Provision(ObjectNode volume) implements ClaimAction {}

  /** More is wanted than its Volume holds. */
  record Grow(String capacity) implements ClaimAction {}

  /** Its Volume is there and ready. */
  record Bind(String capacity) implements ClaimAction {}

  /** The same, but it does not become as large as is wanted: {@code capacity} is what it had. */
  record BindAsItIs(String capacity, String message) implements ClaimAction {}

  /** It is deleted, and these Pods mount what it stands for. */
  record AwaitPods(List<String> pods) implements ClaimAction {
    public AwaitPods {
      pods = List.copyOf(pods);
    }
  }

  /** Let the object go. */
  record Release() implements ClaimAction {}

  /** {@code phase}: Pending or Lost. */
  record Await(String phase, String reason, String message) implements ClaimAction {}
}
