package dev.jctl.shim.network;

import dev.jctl.shim.netlink.Changes.Change;
import dev.jctl.shim.network.Networking.Attached;
import dev.jctl.shim.spec.SandboxSpec;
import dev.jctl.shim.spec.SandboxSpec.NetworkAttachment;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The sandboxes with a network namespace of their own, found by what the kernel's notifications
 * name: a link on the host, or a namespace. For one thread at a time.
 */
final class AttachedSandboxes {
  private final Names names;
  private final Map<String, Attached> byId = new HashMap<>();
  private final Map<String, String> idOfLink = new HashMap<>();
  private final Map<Integer, String> idOfNamespace = new HashMap<>();

  AttachedSandboxes(Names names) {
    this.names = names;
  }

  Collection<Attached> all() {
    return byId.values();
  }

  @Nullable Attached get(String id) {
    return byId.get(id);
  }

  boolean contains(String id) {
    return byId.containsKey(id);
  }

  /** In place of what was known of it. */
  void put(Attached attached) {
    SandboxSpec sandbox = attached.sandbox();
    Attached before = byId.put(sandbox.id(), attached);
    if (before != null) {
      idOfLink.keySet().removeAll(hostNames(before.sandbox()));
    }
    hostNames(sandbox).forEach(link -> idOfLink.put(link, sandbox.id()));
  }

  /** What was known of it. */
  @Nullable Attached remove(String id) {
    Attached known = byId.remove(id);
    idOfNamespace.values().remove(id);
    if (known != null) {
      idOfLink.keySet().removeAll(hostNames(known.sandbox()));
    }
    return known;
  }

  /** Of all interfaces that it may have there. */
  List<String> hostNames(SandboxSpec sandbox) {
    if (sandbox.networks().isEmpty()) {
      return List.of();
    }
    return Stream.concat(
            sandbox.networks().stream().map(NetworkAttachment::interfaceName),
            Stream.of(WantedLink.NAMES_INTERFACE))
        .map(interfaceName -> names.veth(sandbox.id(), interfaceName))
        .toList();
  }

  /**
   * @param namespace the kernel's number for it
   * @param id of a sandbox, or of who else has a namespace
   */
  void number(int namespace, String id) {
    idOfNamespace.put(namespace, id);
  }

  /** Whose namespace has that number. */
  @Nullable String owner(int namespace) {
    return idOfNamespace.get(namespace);
  }

  /** Those that the changes name. */
  List<Attached> concernedBy(Set<Change> changes) {
    return changes.stream()
        .map(this::concerned)
        .filter(Objects::nonNull)
        .distinct()
        .map(byId::get)
        .filter(Objects::nonNull)
        .toList();
  }

  private @Nullable String concerned(Change change) {
    return switch (change) {
      case Change.Here here -> idOfLink.get(here.linkName());
      case Change.Elsewhere elsewhere -> idOfNamespace.get(elsewhere.namespace());
      case Change.Filters filters -> null;
      case Change.Anything anything -> null;
    };
  }

  /**
   * Ids of those that a change in a namespace of nobody may concern: their namespaces' numbers are
   * not known. Most often the namespace is another program's, and there are none.
   */
  Collection<String> perhapsConcernedBy(Set<Change> changes) {
    Stream<Change.Elsewhere> elsewhere =
        changes.stream()
            .filter(Change.Elsewhere.class::isInstance)
            .map(Change.Elsewhere.class::cast);
    if (elsewhere.allMatch(change -> idOfNamespace.containsKey(change.namespace()))) {
      return List.of();
    }
    Set<String> unnumbered = new HashSet<>(byId.keySet());
    unnumbered.removeAll(new HashSet<>(idOfNamespace.values()));
    return unnumbered;
  }
}
