package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.image.ContainerContents;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApiException.Reason;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.images.ImageStore.Change;
import java.util.List;

/** What a container of a Pod has changed of its image. */
final class PodChanges {
  private final ContainerContents containers;

  PodChanges(ContainerContents containers) {
    this.containers = containers;
  }

  /** {@code ?container=}. */
  ApiReply reply(ObjectRef pod, ApiRequest request) {
    List<Change> changes;
    try {
      changes = containers.changes(pod, request.query().text("container").orElse(null));
    } catch (ContainerContents.Refused e) {
      throw new ApiException(Reason.NOT_FOUND, String.valueOf(e.getMessage()), pod, List.of());
    }
    ObjectNode answer = ResourceCodec.MAPPER.createObjectNode();
    answer.put("kind", "ContainerChanges").put("apiVersion", ApiTarget.GROUP + "/v1");
    ArrayNode list = answer.putArray("changes");
    changes.forEach(c -> list.addObject().put("kind", c.kind().name()).put("path", c.path()));
    return ApiReply.json(200, answer);
  }
}
