package dev.jctl.controller.resources;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.jctl.controller.merge.Trees;
import dev.jctl.manifests.model.Annotations;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What becomes of an object's server-owned fields as it is created, changed and deleted. Pure. */
final class Lifecycle {
  static final String FOREGROUND = "foregroundDeletion";
  static final String ORPHAN = "orphan";

  /** From the first moment, so that no content can be left behind. */
  private static final String NAMESPACE_CONTENT = "jctl.dev/namespace";

  /** Where a Pod was put is no new wish of anyone: as with Kubernetes' binding. */
  private static final String NODE_NAME = "nodeName";

  /** Kinds of which Kubernetes counts no generations: nothing follows what they want. */
  private static final Set<ResourceKind> WITHOUT_GENERATION =
      EnumSet.of(
          ResourceKind.CONFIG_MAP,
          ResourceKind.SECRET,
          ResourceKind.SERVICE_ACCOUNT,
          ResourceKind.NAMESPACE,
          ResourceKind.NODE,
          ResourceKind.ENDPOINTS,
          ResourceKind.EVENT,
          ResourceKind.LEASE,
          ResourceKind.ROLE,
          ResourceKind.CLUSTER_ROLE,
          ResourceKind.ROLE_BINDING,
          ResourceKind.CLUSTER_ROLE_BINDING);

  private static final long DEFAULT_GRACE_SECONDS = 30;

  private static final List<String> TOP = List.of("apiVersion", "kind", "metadata", "spec");

  /** Taken from the object before on every change. */
  private static final List<String> FIXED =
      List.of(
          "name",
          "generateName",
          "namespace",
          "uid",
          "resourceVersion",
          "generation",
          "creationTimestamp",
          "deletionTimestamp",
          "deletionGracePeriodSeconds");

  private Lifecycle() {}

  static String text(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** The object as it is first stored; status is the server's. */
  static ObjectNode created(ObjectRef ref, ObjectNode object, String uid, Instant now) {
    ObjectNode metadata = JsonNodeFactory.instance.objectNode();
    metadata.put("name", ref.name());
    JsonNode given = object.path("metadata");
    if (given.hasNonNull("generateName")) {
      metadata.set("generateName", given.get("generateName"));
    }
    if (ref.kind().namespaced()) {
      metadata.put("namespace", ref.namespace());
    }
    metadata.put("uid", uid);
    metadata.put("resourceVersion", "");
    if (!WITHOUT_GENERATION.contains(ref.kind())) {
      metadata.put("generation", 1);
    }
    metadata.put("creationTimestamp", text(now));
    copyRest(given, metadata);
    ObjectNode created = ordered(ref, object, metadata);
    created.remove("status");
    if (ref.kind() == ResourceKind.NAMESPACE) {
      addFinalizer(metadata, NAMESPACE_CONTENT);
      created.putObject("status").put("phase", "Active");
    } else if (ref.kind() == ResourceKind.POD) {
      created.putObject("status").put("phase", "Pending");
    }
    return created;
  }

  /** {@code changed} as the next version of {@code old}; status stays as it was. */
  static ObjectNode updated(StoredObject old, ObjectNode changed) {
    JsonNode before = old.tree().path("metadata");
    ObjectNode metadata = JsonNodeFactory.instance.objectNode();
    for (String field : FIXED) {
      if (before.has(field)) {
        metadata.set(field, before.get(field));
      }
    }
    copyRest(changed.path("metadata"), metadata);
    ObjectNode updated = ordered(old.ref(), changed, metadata);
    updated.remove("status");
    if (old.tree().has("status")) {
      updated.set("status", old.tree().get("status"));
    }
    return updated;
  }

  /**
   * Counts a change of what shall be so, once defaults are filled in: they are no change. Of a Pod
   * some of it is in annotations.
   */
  static void countGeneration(StoredObject old, ObjectNode admitted) {
    if (!WITHOUT_GENERATION.contains(old.ref().kind())
        && !sameSpec(old.ref().kind(), old.tree(), admitted)) {
      long before = old.tree().path("metadata").path("generation").asLong(0);
      Trees.objectAt(admitted, "metadata").put("generation", before + 1);
    }
  }

  /** {@code old} with that status; metadata is a copy, the rest is shared. */
  static ObjectNode withStatus(StoredObject old, @Nullable JsonNode status) {
    ObjectNode updated = JsonNodeFactory.instance.objectNode();
    updated.setAll(old.tree());
    updated.set("metadata", old.tree().path("metadata").deepCopy());
    if (status == null) {
      updated.remove("status");
    } else {
      updated.set("status", status);
    }
    return updated;
  }

  private static void copyRest(JsonNode from, ObjectNode metadata) {
    from.properties()
        .forEach(
            field -> {
              if (!FIXED.contains(field.getKey())) {
                metadata.set(field.getKey(), field.getValue());
              }
            });
  }

  private static ObjectNode ordered(ObjectRef ref, ObjectNode object, ObjectNode metadata) {
    ObjectNode ordered = JsonNodeFactory.instance.objectNode();
    ordered.put("apiVersion", ref.kind().apiVersion());
    ordered.put("kind", ref.kind().kind());
    ordered.set("metadata", metadata);
    if (object.has("spec")) {
      ordered.set("spec", object.get("spec"));
    }
    object
        .properties()
        .forEach(
            field -> {
              if (!TOP.contains(field.getKey())) {
                ordered.set(field.getKey(), field.getValue());
              }
            });
    return ordered;
  }

  private static boolean sameSpec(ResourceKind kind, ObjectNode a, ObjectNode b) {
    return Trees.same(desired(kind, a), desired(kind, b));
  }

  private static ObjectNode desired(ResourceKind kind, ObjectNode object) {
    ObjectNode desired = JsonNodeFactory.instance.objectNode();
    desired.setAll(object);
    if (object.path("spec") instanceof ObjectNode spec && spec.has(NODE_NAME)) {
      ObjectNode wanted = JsonNodeFactory.instance.objectNode();
      wanted.setAll(spec);
      desired.set("spec", wanted.without(List.of(NODE_NAME)));
    }
    desired.remove(List.of("metadata", "status"));
    if (kind == ResourceKind.POD) {
      JsonNode annotations = object.path("metadata").path("annotations");
      ObjectNode wanted = desired.putObject("annotations");
      Annotations.OF_PODS.forEach(name -> wanted.put(name, annotations.path(name).asText("")));
    }
    return desired;
  }

  /** Whether something must still be done before it may go. */
  static boolean isHeld(ObjectNode object) {
    return !object.path("metadata").path("finalizers").isEmpty();
  }

  /**
   * {@code old} marked for deletion. A second deletion may shorten the grace period, never lengthen
   * it.
   */
  static ObjectNode deleting(StoredObject old, Resources.DeleteOptions options, Instant now) {
    ObjectNode marked = old.tree().deepCopy();
    ObjectNode metadata = Trees.objectAt(marked, "metadata");
    long grace = grace(old, options);
    boolean shorter =
        old.isDeleting() && grace < metadata.path("deletionGracePeriodSeconds").asLong();
    if (!old.isDeleting() || shorter) {
      metadata.put("deletionTimestamp", text(now.plusSeconds(grace)));
      metadata.put("deletionGracePeriodSeconds", grace);
    }
    switch (options.propagation()) {
      case FOREGROUND -> addFinalizer(metadata, FOREGROUND);
      case ORPHAN -> addFinalizer(metadata, ORPHAN);
      case BACKGROUND -> {}
      case null -> {}
    }
    if (old.ref().kind() == ResourceKind.NAMESPACE) {
      Trees.objectAt(marked, "status").put("phase", "Terminating");
    }
    return marked;
  }

  static void addFinalizer(ObjectNode metadata, String finalizer) {
    ArrayNode finalizers =
        metadata.get("finalizers") instanceof ArrayNode present
            ? present
            : metadata.putArray("finalizers");
    for (JsonNode present : finalizers) {
      if (present.equals(TextNode.valueOf(finalizer))) {
        return;
      }
    }
    finalizers.add(finalizer);
  }

  private static long grace(StoredObject old, Resources.DeleteOptions options) {
    Long asked = options.gracePeriodSeconds();
    if (asked != null) {
      return Math.max(0, asked);
    }
    if (old.isDeleting()) {
      return old.tree().path("metadata").path("deletionGracePeriodSeconds").asLong();
    }
    return switch (old.ref().kind()) {
      case POD, CONTAINER ->
          old.tree()
              .path("spec")
              .path("terminationGracePeriodSeconds")
              .asLong(DEFAULT_GRACE_SECONDS);
      case IMAGE,
          NETWORK,
          VOLUME,
          VOLUME_SNAPSHOT,
          GIT_REPOSITORY,
          MANIFEST_SOURCE,
          DEPLOYMENT,
          REPLICA_SET,
          JOB,
          CRON_JOB,
          MANIFEST_SET,
          NAMESPACE,
          NODE,
          CONFIG_MAP,
          SECRET,
          EVENT,
          SERVICE_ACCOUNT,
          ROLE,
          ROLE_BINDING,
          CLUSTER_ROLE,
          CLUSTER_ROLE_BINDING,
          SERVICE,
          ENDPOINTS,
          ENDPOINT_SLICE,
          NETWORK_POLICY,
          PERSISTENT_VOLUME_CLAIM,
          LEASE ->
          0;
    };
  }
}
