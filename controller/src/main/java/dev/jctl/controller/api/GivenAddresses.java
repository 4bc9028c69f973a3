package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.Keys;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.store.Key;
import dev.jctl.store.Store;
import dev.jctl.store.Watch;
import java.time.Duration;
import java.util.List;

/**
 * A kube-apiserver gives a Service its addresses and node ports before it answers to who makes it;
 * here that is the reconciler's work, which is waited for.
 */
final class GivenAddresses {
  /** The object is made all the same when a reconciler is slower. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final Store store;

  GivenAddresses(Store store) {
    this.store = store;
  }

  /** The object as it was made, or with what it was given within a second. */
  StoredObject awaited(StoredObject made) {
    if (made.ref().kind() != ResourceKind.SERVICE || isSettled(made.tree())) {
      return made;
    }
    try (Watch watch = store.watch(Keys.of(made.ref()), made.revision())) {
      return next(watch, made);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return made;
    }
  }

  private static StoredObject next(Watch watch, StoredObject made) throws InterruptedException {
    Key key = Keys.of(made.ref());
    long end = System.nanoTime() + PATIENCE.toNanos();
    for (long left = PATIENCE.toNanos(); left > 0; left = end - System.nanoTime()) {
      List<Watch.Event> events =
          watch.next(Duration.ofNanos(left)).map(Watch.Batch::events).orElse(List.of());
      for (Watch.Event event : events) {
        if (!event.entry().key().equals(key)) {
          continue; // another, whose name begins with this one's
        }
        if (event.type() == Watch.Event.Type.DELETE) {
          return made;
        }
        ObjectNode tree = ResourceCodec.tree(event.entry().value());
        if (isSettled(tree)) {
          return new StoredObject(made.ref(), tree, event.entry().modRevision());
        }
      }
    }
    return made;
  }

  /** It has all that it is given, or a condition that says why not. */
  static boolean isSettled(JsonNode service) {
    JsonNode spec = service.path("spec");
    String type = spec.path("type").asText();
    return type.equals("ExternalName")
        || !service.path("status").path("conditions").isEmpty()
        || (spec.hasNonNull("clusterIP") && (type.equals("ClusterIP") || hasNodePorts(spec)));
  }

  private static boolean hasNodePorts(JsonNode spec) {
    for (JsonNode port : spec.path("ports")) {
      if (!port.hasNonNull("nodePort")) {
        return false;
      }
    }
    return true;
  }
}
