package dev.jctl.controller.queue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ResourceCodec;
import java.util.Map;
import java.util.TreeMap;

/**
 * As what the tags of a Pod's image volumes were looked up when it was started. Kept in an
 * annotation of the Pod, which is on disk before they are mounted: all of its containers see the
 * same, after a restart of the controller too, and what they see is not collected.
 *
 * @param byVolume by name of the volume
 */
public record MountedImages(Map<String, Mounted> byVolume) {
  public static final MountedImages NONE = new MountedImages(Map.of());
  public static final String ANNOTATION = "jctl.dev/mounted-images";

  private static final TypeReference<Map<String, Mounted>> MAP = new TypeReference<>() {};

  /**
   * @param revision of the Image object, when this was mounted first
   */
  public record Mounted(String imageId, String revision) {}

  public MountedImages {
    byVolume = Map.copyOf(byVolume);
  }

  /** Empty when there is none, or it is not ours. */
  public static MountedImages of(JsonNode pod) {
    String text = pod.path("metadata").path("annotations").path(ANNOTATION).asText();
    try {
      return text.isEmpty() ? NONE : new MountedImages(ResourceCodec.MAPPER.readValue(text, MAP));
    } catch (JsonProcessingException e) {
      return NONE;
    }
  }

  /** Pods that mount none have no such annotation. */
  public void write(ObjectNode pod) {
    ObjectNode annotations = pod.withObject("/metadata").withObject("annotations");
    if (byVolume.isEmpty()) {
      annotations.remove(ANNOTATION);
      return;
    }
    try {
      annotations.put(ANNOTATION, ResourceCodec.MAPPER.writeValueAsString(new TreeMap<>(byVolume)));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot encode " + ANNOTATION, e);
    }
  }
}
