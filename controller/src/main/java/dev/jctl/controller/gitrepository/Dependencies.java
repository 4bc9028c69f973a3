package dev.jctl.controller.gitrepository;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.manifests.model.FollowedSpec;
import dev.jctl.manifests.model.GitRepositorySpec.Dependency;
import dev.jctl.manifests.model.ResourceKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What {@code spec.dependsOn} waits for. Pure: objects are found by the caller. */
final class Dependencies {
  private static final Set<ResourceKind> FOLLOWED =
      EnumSet.of(ResourceKind.GIT_REPOSITORY, ResourceKind.MANIFEST_SOURCE);

  private final Function<ObjectRef, Optional<StoredObject>> objects;

  Dependencies(Function<ObjectRef, Optional<StoredObject>> objects) {
    this.objects = objects;
  }

  /** The objects that a repository waits for. */
  static List<ObjectRef> refs(ObjectRef repository, FollowedSpec spec) {
    return all(spec).stream().map(d -> ref(repository, d)).toList();
  }

  /** Those of which the condition does not hold, in words. */
  List<String> unmet(ObjectRef repository, FollowedSpec spec) {
    return all(spec).stream()
        .map(d -> unmet(ref(repository, d), condition(d)))
        .flatMap(Optional::stream)
        .toList();
  }

  /**
   * The way from the repository over those that it waits for back to it; empty when there is none.
   */
  List<ObjectRef> cycle(ObjectRef repository) {
    Set<ObjectRef> seen = new LinkedHashSet<>();
    return way(repository, repository, seen) ? List.copyOf(withEnd(seen, repository)) : List.of();
  }

  private static List<ObjectRef> withEnd(Set<ObjectRef> way, ObjectRef end) {
    List<ObjectRef> all = new ArrayList<>(way);
    all.add(end);
    return all;
  }

  /** Depth first; {@code way} is left as the way that was found. */
  private boolean way(ObjectRef from, ObjectRef to, Set<ObjectRef> way) {
    way.add(from);
    for (ObjectRef next : repositories(from)) {
      if (next.equals(to) || (!way.contains(next) && way(next, to, way))) {
        return true;
      }
    }
    way.remove(from);
    return false;
  }

  private List<ObjectRef> repositories(ObjectRef from) {
    return objects
        .apply(from)
        .map(o -> Subject.followed(o).spec())
        .map(spec -> refs(from, spec))
        .orElse(List.of())
        .stream()
        .filter(ref -> FOLLOWED.contains(ref.kind()))
        .toList();
  }

  private static List<Dependency> all(FollowedSpec spec) {
    return spec.dependsOn() == null ? List.of() : spec.dependsOn();
  }

  private static String condition(Dependency d) {
    return Objects.requireNonNullElse(d.condition(), "Ready");
  }

  private static ObjectRef ref(ObjectRef repository, Dependency d) {
    ResourceKind kind = kind(d.kind());
    String namespace = Objects.requireNonNullElse(d.namespace(), repository.namespace());
    return new ObjectRef(kind, kind.namespaced() ? namespace : "", d.name());
  }

  private static ResourceKind kind(@Nullable String name) {
    return Arrays.stream(ResourceKind.values())
        .filter(kind -> kind.kind().equals(name))
        .findFirst()
        .orElse(ResourceKind.GIT_REPOSITORY);
  }

  private Optional<String> unmet(ObjectRef ref, String type) {
    Optional<StoredObject> object = objects.apply(ref);
    if (object.isEmpty()) {
      return Optional.of("spec.dependsOn: " + ref + " is not there");
    }
    for (JsonNode condition : object.get().tree().at("/status/conditions")) {
      if (condition.path("type").asText().equals(type)) {
        return condition.path("status").asText().equals("True")
            ? Optional.empty()
            : Optional.of(
                "spec.dependsOn: "
                    + ref
                    + " is not "
                    + type
                    + ": "
                    + condition.path("message").asText());
      }
    }
    return Optional.of("spec.dependsOn: " + ref + " is not " + type + " yet");
  }
}
