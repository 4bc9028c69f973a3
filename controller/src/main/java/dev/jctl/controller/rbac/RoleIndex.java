package dev.jctl.controller.rbac;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.access.Identity;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.ResourceKind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Roles by name and bindings by whom they bind, in memory, kept current by the cache's calls. Safe
 * for many threads; changes come on one.
 */
public final class RoleIndex implements ResourceCache.Listener {
  private static final String ACCOUNT = "ServiceAccount";

  private final Map<ObjectRef, List<PolicyRule>> roles = new ConcurrentHashMap<>();
  private final Map<Place, List<Binding>> bindings = new ConcurrentHashMap<>();

  /** {@code name} of a ServiceAccount: {@code name/namespace}, as Kubernetes writes it. */
  record Subject(String kind, String name) {
    @Override
    public String toString() {
      return kind + " \"" + name + "\"";
    }
  }

  /** {@code namespace} empty: bound in all. */
  private record Place(String namespace, Subject subject) {}

  /** {@code role}: may not exist. */
  record Binding(ObjectRef ref, ObjectRef role) {}

  /** That one of the subjects that somebody is has a role. */
  record Grant(Binding binding, Subject subject) {
    /** As Kubernetes words it. */
    @Override
    public String toString() {
      ObjectRef ref = binding.ref();
      String name = ref.namespace().isEmpty() ? ref.name() : ref.name() + "/" + ref.namespace();
      return "%s \"%s\" of %s \"%s\" to %s"
          .formatted(
              ref.kind().kind(),
              name,
              binding.role().kind().kind(),
              binding.role().name(),
              subject);
    }
  }

  @Override
  public void changed(@Nullable StoredObject before, @Nullable StoredObject after) {
    ObjectRef ref = Objects.requireNonNull(after == null ? before : after).ref();
    if (ref.kind() == ResourceKind.ROLE || ref.kind() == ResourceKind.CLUSTER_ROLE) {
      roleChanged(ref, after);
    } else if (ref.kind() == ResourceKind.ROLE_BINDING
        || ref.kind() == ResourceKind.CLUSTER_ROLE_BINDING) {
      bindingChanged(ref, before, after);
    }
  }

  private void roleChanged(ObjectRef ref, @Nullable StoredObject after) {
    if (after == null) {
      roles.remove(ref);
    } else {
      roles.put(ref, PolicyRule.all(after.tree().path("rules")));
    }
  }

  private void bindingChanged(
      ObjectRef ref, @Nullable StoredObject before, @Nullable StoredObject after) {
    Set<Subject> had = before == null ? Set.of() : subjects(before);
    Set<Subject> has = after == null ? Set.of() : subjects(after);
    for (Subject subject : has) {
      Binding binding = new Binding(ref, role(Objects.requireNonNull(after)));
      bindings.merge(
          new Place(ref.namespace(), subject),
          List.of(binding),
          (present, fresh) -> replaced(present, ref, fresh));
    }
    for (Subject subject : had) {
      if (!has.contains(subject)) {
        bindings.computeIfPresent(
            new Place(ref.namespace(), subject), (place, present) -> without(present, ref));
      }
    }
  }

  private static List<Binding> replaced(List<Binding> present, ObjectRef ref, List<Binding> fresh) {
    List<Binding> all = new ArrayList<>(present);
    all.removeIf(b -> b.ref().equals(ref));
    all.addAll(fresh);
    return List.copyOf(all);
  }

  private static @Nullable List<Binding> without(List<Binding> present, ObjectRef ref) {
    List<Binding> left = replaced(present, ref, List.of());
    return left.isEmpty() ? null : left;
  }

  private static Set<Subject> subjects(StoredObject binding) {
    Set<Subject> subjects = new HashSet<>();
    for (JsonNode subject : binding.tree().path("subjects")) {
      String kind = subject.path("kind").asText();
      String name = subject.path("name").asText();
      subjects.add(
          new Subject(
              kind, kind.equals(ACCOUNT) ? name + "/" + subject.path("namespace").asText() : name));
    }
    return subjects;
  }

  static ObjectRef role(StoredObject binding) {
    return role(binding.ref().namespace(), binding.tree().path("roleRef"));
  }

  static ObjectRef role(String namespace, JsonNode reference) {
    String name = reference.path("name").asText();
    return ResourceKind.ROLE.kind().equals(reference.path("kind").asText())
        ? new ObjectRef(ResourceKind.ROLE, namespace, name)
        : new ObjectRef(ResourceKind.CLUSTER_ROLE, "", name);
  }

  /** Empty when there is no such role. */
  Optional<List<PolicyRule>> rules(ObjectRef role) {
    return Optional.ofNullable(roles.get(role));
  }

  /** What is bound to who that is, in the whole cluster and, unless empty, in the namespace. */
  List<Grant> grants(Identity who, String namespace) {
    List<Grant> grants = new ArrayList<>();
    List<Subject> all = subjects(who);
    all.forEach(subject -> addGrants("", subject, grants));
    if (!namespace.isEmpty()) {
      all.forEach(subject -> addGrants(namespace, subject, grants));
    }
    return grants;
  }

  private void addGrants(String namespace, Subject subject, List<Grant> grants) {
    bindings
        .getOrDefault(new Place(namespace, subject), List.of())
        .forEach(binding -> grants.add(new Grant(binding, subject)));
  }

  private static List<Subject> subjects(Identity who) {
    List<Subject> subjects = new ArrayList<>();
    subjects.add(new Subject("User", who.user()));
    who.groups().forEach(group -> subjects.add(new Subject("Group", group)));
    who.serviceAccount()
        .ifPresent(a -> subjects.add(new Subject(ACCOUNT, a.name() + "/" + a.namespace())));
    return subjects;
  }
}
