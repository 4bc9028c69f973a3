package dev.jctl.controller.pod;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ResourceCodec;
import java.util.Map;
import java.util.TreeMap;

/**
 * Of which configuration running containers have been told by a signal; kept in an annotation of
 * the Pod, so that none is told twice because a controller ended.
 *
 * @param digests by name of the container, each after the id of the attempt
 */
record ToldConfig(Map<String, String> digests) {
  static final ToldConfig NONE = new ToldConfig(Map.of());

  private static final String ANNOTATION = "jctl.dev/config-told";
  private static final TypeReference<Map<String, String>> MAP = new TypeReference<>() {};

  ToldConfig {
    digests = Map.copyOf(digests);
  }

  /** Empty when there is none, or it is not ours. */
  static ToldConfig of(JsonNode pod) {
    String text = pod.path("metadata").path("annotations").path(ANNOTATION).asText();
    try {
      return text.isEmpty() ? NONE : new ToldConfig(ResourceCodec.MAPPER.readValue(text, MAP));
    } catch (JsonProcessingException e) {
      return NONE;
    }
  }

  /** What it knows: what it was told, or else started with. */
  String digest(Attempt attempt) {
    String told = digests.getOrDefault(attempt.name(), "");
    String prefix = attempt.id() + " ";
    return told.startsWith(prefix)
        ? told.substring(prefix.length())
        : attempt.label(PodNames.CONFIG);
  }

  static void write(ObjectNode pod, PodAction.TellConfig told) {
    Map<String, String> digests = new TreeMap<>(of(pod).digests());
    digests.put(told.name(), told.containerId() + " " + told.digest());
    try {
      pod.withObject("/metadata")
          .withObject("annotations")
          .put(ANNOTATION, ResourceCodec.MAPPER.writeValueAsString(digests));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot encode " + ANNOTATION, e);
    }
  }
}
