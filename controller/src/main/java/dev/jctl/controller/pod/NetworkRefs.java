package dev.jctl.controller.pod;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.manifests.model.Annotations;
import dev.jctl.manifests.model.ContainerSpec.NetworkRef;
import dev.jctl.manifests.model.Resource;
import java.util.List;
import java.util.Map;

/** Which networks a Pod asks for. Pure. */
final class NetworkRefs {
  static final String DEFAULT_NETWORK = "default";

  private static final TypeReference<List<NetworkRef>> LIST = new TypeReference<>() {};

  private NetworkRefs() {}

  /** Fails with {@link IllegalArgumentException} when the annotation cannot be read. */
  static List<NetworkRef> of(Resource.Pod pod) {
    if (Boolean.TRUE.equals(pod.spec().getHostNetwork())) {
      return List.of();
    }
    Map<String, String> annotations = pod.metadata().getAnnotations();
    String text = annotations == null ? null : annotations.get(Annotations.NETWORKS);
    if (text == null || text.isBlank()) {
      return List.of(new NetworkRef(DEFAULT_NETWORK, null, null, null, null));
    }
    try {
      return ResourceCodec.MAPPER.readValue(text, LIST);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "annotation "
              + Annotations.NETWORKS
              + " is not a JSON list of {name, aliases, ip, ip6, mac}: "
              + e.getOriginalMessage(),
          e);
    }
  }
}
