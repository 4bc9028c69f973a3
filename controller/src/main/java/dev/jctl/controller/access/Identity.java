package dev.jctl.controller.access;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who asks: a user name, an id where there is one, and the groups it is in, as in Kubernetes'
 * authentication (authentication.k8s.io/v1 UserInfo).
 *
 * @param uid empty when not known
 */
public record Identity(String user, String uid, List<String> groups) {
  /** Members may do anything, as in Kubernetes. */
  public static final String MASTERS = "system:masters";

  public static final String AUTHENTICATED = "system:authenticated";
  public static final String UNAUTHENTICATED = "system:unauthenticated";
  public static final String ANONYMOUS = "system:anonymous";

  private static final String ACCOUNT = "system:serviceaccount:";
  private static final String ACCOUNTS = "system:serviceaccounts";

  /** Whoever may open the Unix socket. */
  public static final Identity LOCAL = of("system:local", List.of(MASTERS));

  public Identity {
    groups = List.copyOf(groups);
  }

  /** A ServiceAccount by name. */
  public record Account(String namespace, String name) {}

  /** One whose name was proven, and is therefore also in {@code system:authenticated}. */
  static Identity of(String user, List<String> groups) {
    return of(user, "", groups);
  }

  static Identity of(String user, String uid, List<String> groups) {
    List<String> all = new ArrayList<>(groups);
    all.add(AUTHENTICATED);
    return new Identity(user, uid, all);
  }

  static Identity of(Account account, String uid) {
    return of(
        ACCOUNT + account.namespace() + ":" + account.name(), uid, groups(account.namespace()));
  }

  private static List<String> groups(String namespace) {
    return List.of(ACCOUNTS, ACCOUNTS + ":" + namespace);
  }

  /** As whom somebody acts: with the groups that every user of that name is in. */
  public static Identity impersonated(String user, String uid, List<String> groups) {
    List<String> all = new ArrayList<>(groups);
    if (groups.isEmpty()) {
      account(user).ifPresent(a -> all.addAll(groups(a.namespace())));
    }
    String everybody = user.equals(ANONYMOUS) ? UNAUTHENTICATED : AUTHENTICATED;
    if (!all.contains(everybody)) {
      all.add(everybody);
    }
    return new Identity(user, uid, all);
  }

  public boolean isMaster() {
    return groups.contains(MASTERS);
  }

  /** Empty for who is none. */
  public Optional<Account> serviceAccount() {
    return account(user);
  }

  private static Optional<Account> account(String user) {
    String[] parts = user.split(":", -1);
    return user.startsWith(ACCOUNT) && parts.length == 4
        ? Optional.of(new Account(parts[2], parts[3]))
        : Optional.empty();
  }
}
