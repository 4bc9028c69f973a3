package dev.jctl.controller.network;

import dev.jctl.shim.spec.NetworkSpec;
import java.util.List;

/** What is to be done about one network. */
sealed interface NetworkAction {
  /** All is as it should be; {@code spec} is what there is. */
  record Keep(NetworkSpec spec) implements NetworkAction {}

  /** {@code drift}: what others changed, in words; empty when it is new or its spec changed. */
  record Ensure(NetworkSpec spec, List<String> drift) implements NetworkAction {
    public Ensure {
      drift = List.copyOf(drift);
    }
  }

  /** Others changed it, and that is only to be told. */
  record Report(NetworkSpec spec, List<String> drift) implements NetworkAction {
    public Report {
      drift = List.copyOf(drift);
    }
  }

  /** It cannot be had as asked for. */
  record Refuse(String reason, String message) implements NetworkAction {}

  /** Deletion waits for these Pods. */
  record AwaitPods(List<String> pods) implements NetworkAction {
    public AwaitPods {
      pods = List.copyOf(pods);
    }
  }

  /** Remove it from the kernel, then let the object go. */
  record Remove(String networkId) implements NetworkAction {}
}
