package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ResourceCodec;

/** Those of the watches of a kind: objects of it with nothing but a revision. */
record Bookmarks(String apiVersion, String kind) {
  /** Says how far the watch has come. */
  byte[] at(long revision) {
    return line(object(revision));
  }

  /** Ends the initial events of {@code sendInitialEvents}. */
  byte[] initialEventsEnd(long revision) {
    ObjectNode object = object(revision);
    object
        .withObject("/metadata")
        .putObject("annotations")
        .put("k8s.io/initial-events-end", "true");
    return line(object);
  }

  private ObjectNode object(long revision) {
    ObjectNode object = ResourceCodec.MAPPER.createObjectNode();
    object.put("kind", kind).put("apiVersion", apiVersion);
    object
        .putObject("metadata")
        .put("resourceVersion", Long.toString(revision))
        .putNull("creationTimestamp");
    return object;
  }

  private static byte[] line(ObjectNode object) {
    return WatchEvents.line("BOOKMARK", ResourceCodec.bytes(object));
  }
}
