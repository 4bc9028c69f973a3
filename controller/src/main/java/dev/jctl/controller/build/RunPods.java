package dev.jctl.controller.build;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.OwnerReferences;
import dev.jctl.images.build.BuildStep;
import dev.jctl.images.build.RunMount;
import dev.jctl.manifests.model.Annotations;
import dev.jctl.manifests.model.ImageBuildSpec.BuildSecret;
import dev.jctl.manifests.model.ResourceKind;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A RUN → the Image that it starts from and the Pod that it is. Pure. */
final class RunPods {
  /** Label on both: the uid of the Image that is built. */
  static final String BUILD = "jctl.dev/build";

  static final String CONTAINER = "run";

  /**
   * One RUN.
   *
   * @param owner the Image that is built
   * @param name of the Image and of the Pod
   * @param network of the build; null: the default
   * @param places where mounts with content are on the machine, by target
   */
  record Request(
      ObjectRef owner,
      String ownerUid,
      String name,
      BuildStep.Run step,
      @Nullable String network,
      Map<String, Path> places,
      Map<String, BuildSecret> secrets) {}

  private RunPods() {}

  static ObjectNode image(Request request, String imageId) {
    ObjectNode tree = object(request, ResourceKind.IMAGE);
    tree.putObject("spec").put("imageID", imageId);
    return tree;
  }

  static ObjectNode pod(Request request) {
    ObjectNode tree = object(request, ResourceKind.POD);
    ObjectNode spec = tree.putObject("spec");
    spec.put("restartPolicy", "Never").put("terminationGracePeriodSeconds", 0);
    // a build may make device nodes, and capabilities of files for any user namespace
    spec.put("hostUsers", true);
    network(request, tree, spec);
    ObjectNode container = spec.putArray("containers").addObject();
    container.put("name", CONTAINER).put("image", request.name());
    ArrayNode mounts = container.putArray("volumeMounts");
    ArrayNode volumes = spec.putArray("volumes");
    List<RunMount> all = request.step().mounts();
    for (int i = 0; i < all.size(); i++) {
      mount(request, all.get(i), new Slot("mount-" + i, mounts, volumes), container);
    }
    return tree;
  }

  private static ObjectNode object(Request request, ResourceKind kind) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("apiVersion", kind.apiVersion()).put("kind", kind.kind());
    ObjectNode metadata = tree.putObject("metadata");
    metadata.put("name", request.name()).put("namespace", request.owner().namespace());
    metadata.putObject("labels").put(BUILD, request.ownerUid());
    metadata
        .putArray("ownerReferences")
        .add(OwnerReferences.to(request.owner(), request.ownerUid()));
    return tree;
  }

  private static void network(Request request, ObjectNode tree, ObjectNode spec) {
    String asked = request.step().network();
    String network =
        asked.equals("default") ? Objects.requireNonNullElse(request.network(), "") : asked;
    switch (network) {
      case "" -> {}
      case "host" -> spec.put("hostNetwork", true);
      case "none" -> annotate(tree, "[]");
      default -> annotate(tree, "[{\"name\":\"" + network + "\"}]");
    }
  }

  private static void annotate(ObjectNode tree, String networks) {
    tree.withObject("/metadata/annotations").put(Annotations.NETWORKS, networks);
  }

  /** A volume of the Pod and where the container has it, both of one name. */
  private record Slot(String name, ArrayNode mounts, ArrayNode volumes) {
    ObjectNode volume() {
      return volumes.addObject().put("name", name);
    }

    ObjectNode mount(RunMount mount) {
      return mounts.addObject().put("name", name).put("mountPath", mount.target());
    }
  }

  private static void mount(Request request, RunMount mount, Slot slot, ObjectNode container) {
    switch (mount) {
      case RunMount.Bind bind ->
          hostPath(request, bind, slot)
              .put("readOnly", bind.writes() == RunMount.Bind.Writes.REFUSED);
      case RunMount.Script script -> hostPath(request, script, slot).put("readOnly", true);
      case RunMount.Cache cache -> hostPath(request, cache, slot).put("readOnly", cache.readOnly());
      case RunMount.Tmpfs tmpfs -> tmpfs(tmpfs, slot);
      case RunMount.Secret secret -> secret(request, secret, slot);
      case RunMount.SecretVariable variable -> variable(request, variable, container);
    }
  }

  private static ObjectNode hostPath(Request request, RunMount mount, Slot slot) {
    Path place = request.places().get(mount.target());
    slot.volume().putObject("hostPath").put("path", String.valueOf(place));
    return slot.mount(mount);
  }

  private static void tmpfs(RunMount.Tmpfs tmpfs, Slot slot) {
    ObjectNode empty = slot.volume().putObject("emptyDir").put("medium", "Memory");
    if (tmpfs.sizeBytes() > 0) {
      empty.put("sizeLimit", Long.toString(tmpfs.sizeBytes()));
    }
    slot.mount(tmpfs);
  }

  private static void secret(Request request, RunMount.Secret secret, Slot slot) {
    BuildSecret known = request.secrets().get(secret.id());
    if (known == null) {
      return; // one that need not be there
    }
    ObjectNode source = slot.volume().putObject("secret").put("secretName", known.secretName());
    source
        .putArray("items")
        .addObject()
        .put("key", key(known))
        .put("path", "secret")
        .put("mode", secret.mode());
    slot.mount(secret).put("subPath", "secret");
  }

  private static String key(BuildSecret secret) {
    return Objects.requireNonNullElse(secret.key(), secret.id());
  }

  private static void variable(
      Request request, RunMount.SecretVariable variable, ObjectNode container) {
    BuildSecret known = request.secrets().get(variable.id());
    if (known != null) {
      container
          .withArray("env")
          .addObject()
          .put("name", variable.target())
          .putObject("valueFrom")
          .putObject("secretKeyRef")
          .put("name", known.secretName())
          .put("key", key(known));
    }
  }
}
