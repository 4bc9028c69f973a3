package dev.jctl.controller.status;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** The reconcilers' writes. Nothing is sent to the store when it would change nothing. */
public final class ObjectWriter {
  /** Who writes; what it owns is not taken for a user's will. */
  public static final String FIELD_MANAGER = "jctl-controller";

  private static final Resources.WriteOptions OPTIONS = Resources.WriteOptions.by(FIELD_MANAGER);

  private final Resources resources;

  public ObjectWriter(Resources resources) {
    this.resources = resources;
  }

  /** A record as a tree in the form that it has when read back from the store. */
  public static JsonNode tree(Object value) {
    try {
      // Through bytes: a LongNode never equals the IntNode that is read back.
      return ResourceCodec.MAPPER.readTree(ResourceCodec.MAPPER.writeValueAsBytes(value));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot encode " + value.getClass().getSimpleName(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes the status of this very object (not of a later one of the same name). */
  public void status(StoredObject object, Object status) {
    JsonNode tree = tree(status);
    if (tree.equals(object.tree().path("status"))) {
      return;
    }
    resources.updateStatus(
        object.ref(),
        current -> {
          if (isSame(object, current)) {
            current.set("status", tree);
          }
          return current;
        });
  }

  /**
   * The same for a status that others write as well: what they have written meanwhile stays.
   *
   * @return false: something else is there by now, and has to be looked at
   */
  public boolean statusUnlessChanged(StoredObject object, Object status) {
    JsonNode seen = object.tree().path("status");
    JsonNode tree = tree(status);
    if (tree.equals(seen)) {
      return true;
    }
    AtomicBoolean unchanged = new AtomicBoolean();
    resources.updateStatus(
        object.ref(),
        current -> {
          unchanged.set(isSame(object, current) && current.path("status").equals(seen));
          if (unchanged.get()) {
            current.set("status", tree);
          }
          return current;
        });
    return unchanged.get();
  }

  private static boolean isSame(StoredObject object, JsonNode current) {
    return object.uid().equals(current.path("metadata").path("uid").asText());
  }

  /** The object with the finalizer; written only when it lacked it. */
  public StoredObject withFinalizer(StoredObject object, String finalizer) {
    if (hasFinalizer(object.tree(), finalizer) || object.isDeleting()) {
      return object;
    }
    return update(object, tree -> addFinalizer(tree, finalizer));
  }

  /** Lets the object go. No error when it is gone. */
  public void dropFinalizer(StoredObject object, String finalizer) {
    if (!hasFinalizer(object.tree(), finalizer)) {
      return;
    }
    try {
      update(object, tree -> removeFinalizer(tree, finalizer));
    } catch (ApiException e) {
      if (e.reason() != ApiException.Reason.NOT_FOUND) {
        throw e;
      }
    }
  }

  /**
   * Changes spec or metadata, synced to disk. Fails with a conflict when it is another object by
   * now.
   */
  public StoredObject update(StoredObject object, Consumer<ObjectNode> change) {
    return resources.update(
        object.ref(),
        current -> {
          if (!object.uid().equals(current.path("metadata").path("uid").asText())) {
            throw ApiException.notFound(object.ref());
          }
          change.accept(current);
          return current;
        },
        OPTIONS);
  }

  /** Empty when there is one of that name already. */
  public Optional<StoredObject> create(ObjectRef ref, ObjectNode tree) {
    try {
      return Optional.of(resources.create(ref, tree, OPTIONS));
    } catch (ApiException e) {
      if (e.reason() == ApiException.Reason.ALREADY_EXISTS) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Asks for the deletion of this very object; no error when it is gone. */
  public void delete(StoredObject object, Resources.DeleteOptions options) {
    try {
      resources.delete(
          object.ref(),
          new Resources.DeleteOptions(
              options.propagation(), options.gracePeriodSeconds(), object.uid(), false));
    } catch (ApiException e) {
      if (e.reason() != ApiException.Reason.NOT_FOUND
          && e.reason() != ApiException.Reason.CONFLICT) {
        throw e;
      }
    }
  }

  public static boolean hasFinalizer(JsonNode tree, String finalizer) {
    for (JsonNode f : tree.path("metadata").path("finalizers")) {
      if (finalizer.equals(f.asText())) {
        return true;
      }
    }
    return false;
  }

  public static void addFinalizer(ObjectNode tree, String finalizer) {
    if (!hasFinalizer(tree, finalizer)) {
      tree.withObject("/metadata").withArray("finalizers").add(finalizer);
    }
  }

  private static void removeFinalizer(ObjectNode tree, String finalizer) {
    ObjectNode metadata = tree.withObject("/metadata");
    ArrayNode kept = metadata.arrayNode();
    for (JsonNode f : metadata.path("finalizers")) {
      if (!finalizer.equals(f.asText())) {
        kept.add(f.asText());
      }
    }
    if (kept.isEmpty()) {
      metadata.remove("finalizers");
    } else {
      metadata.set("finalizers", kept);
    }
  }
}
