package dev.jctl.controller.access;

import java.util.ArrayList;
import java.util.List;

/**
 * Who asks: a user name and the groups it is in, as in Kubernetes' authentication
 * (authentication.k8s.io/v1 UserInfo).
 */
public record Identity(String user, List<String> groups) {
  /** Members may do anything, as in Kubernetes. */
  public static final String MASTERS = "system:masters";

  private static final String AUTHENTICATED = "system:authenticated";

  /** Whoever may open the Unix socket. */
  public static final Identity LOCAL = of("system:local", List.of(MASTERS));

  public Identity {
    groups = List.copyOf(groups);
  }

  /** One whose name was proven, and is therefore also in {@code system:authenticated}. */
  static Identity of(String user, List<String> groups) {
    List<String> all = new ArrayList<>(groups);
    all.add(AUTHENTICATED);
    return new Identity(user, all);
  }

  public boolean isMaster() {
    return groups.contains(MASTERS);
  }
}
