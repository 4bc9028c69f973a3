package dev.jctl.controller.plan;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.config.EnvSources;
import dev.jctl.controller.container.PodTemplates;
import dev.jctl.controller.image.ImagePlanner;
import dev.jctl.controller.pod.OciSpecs;
import dev.jctl.controller.pod.SeccompProfiles;
import dev.jctl.controller.resources.ApplyRecord.Becoming;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.images.ImageStore.ImageConfig;
import dev.jctl.manifests.codec.ManifestDocument;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.schema.Defaulter;
import dev.jctl.manifests.schema.Schemas;
import dev.jctl.shim.exec.Launcher;
import dev.jctl.shim.spec.OciSpec;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The syscall programs of all containers in some manifests or objects. An image that is not made by
 * the same manifests is not looked into: its environment and entry point are left out, and a line
 * says so.
 */
public final class SyscallPlan {
  // stand for paths of the machine
  private static final String ROOTFS = "/rootfs";
  private static final String VOLUMES = "/volumes/";

  private final Map<String, ImageConfig> images = new HashMap<>();
  private final List<String> lines = new ArrayList<>();

  private SyscallPlan() {}

  static List<String> lines(List<ManifestDocument> documents) {
    SyscallPlan plan = new SyscallPlan();
    List<StoredObject> objects = documents.stream().map(SyscallPlan::stored).toList();
    objects.forEach(plan::learnImage);
    objects.forEach(plan::add);
    return List.copyOf(plan.lines);
  }

  /**
   * An object's programs before and after an apply, line by line.
   *
   * @param before empty: it was not there, or runs nothing
   */
  public record Change(List<String> before, List<String> after) {
    public Change {
      before = List.copyOf(before);
      after = List.copyOf(after);
    }

    public boolean isNone() {
      return before.equals(after);
    }
  }

  /**
   * @param images Images as they are, and as they will be
   */
  public static Change of(Becoming object, List<Becoming> images) {
    SyscallPlan before = new SyscallPlan();
    SyscallPlan after = new SyscallPlan();
    for (Becoming image : images) {
      if (image.before() != null) {
        before.learnImage(new StoredObject(image.ref(), image.before(), 0));
      }
      after.learnImage(new StoredObject(image.ref(), image.after(), 0));
    }
    if (object.before() != null) {
      before.add(new StoredObject(object.ref(), object.before(), 0));
    }
    if (!object.after().path("metadata").hasNonNull("deletionTimestamp")) {
      after.add(new StoredObject(object.ref(), object.after(), 0));
    }
    return new Change(unnumbered(before.lines), unnumbered(after.lines));
  }

  /** One more call at the start must not make all others differ. */
  private static List<String> unnumbered(List<String> lines) {
    return lines.stream().map(line -> line.replaceFirst("^\\d+: ", "")).toList();
  }

  private void learnImage(StoredObject object) {
    if (object.ref().kind() == ResourceKind.IMAGE) {
      Resource.Image image = object.as(Resource.Image.class);
      ImagePlanner.knownConfig(image.spec()).ifPresent(c -> images.put(object.ref().name(), c));
    }
  }

  private void add(StoredObject object) {
    switch (object.ref().kind()) {
      case CONTAINER -> pod(object, decode(PodTemplates.template(object).path("spec")));
      case POD -> pod(object, object.as(Resource.Pod.class).spec());
      case DEPLOYMENT, REPLICA_SET, JOB ->
          pod(object, decode(object.tree().at("/spec/template/spec")));
      case CRON_JOB ->
          pod(object, decode(object.tree().at("/spec/jobTemplate/spec/template/spec")));
      case IMAGE,
          NETWORK,
          VOLUME,
          VOLUME_SNAPSHOT,
          GIT_REPOSITORY,
          MANIFEST_SOURCE,
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
          LEASE -> {}
    }
  }

  private static PodSpec decode(com.fasterxml.jackson.databind.JsonNode spec) {
    return ResourceCodec.MAPPER.convertValue(spec, PodSpec.class);
  }

  private void pod(StoredObject object, PodSpec spec) {
    for (Container container :
        Objects.requireNonNullElse(spec.getInitContainers(), List.<Container>of())) {
      container(object, spec, container);
    }
    spec.getContainers().forEach(c -> container(object, spec, c));
  }

  private void container(StoredObject object, PodSpec spec, Container container) {
    lines.add("# " + object.ref() + ", container " + container.getName());
    ImageConfig image = images.get(container.getImage());
    if (image == null) {
      lines.add(
          "# image "
              + container.getImage()
              + " is not in these manifests: its configuration is left out");
    }
    OciSpec oci =
        OciSpecs.of(
            new OciSpecs.Input(
                spec,
                container,
                Objects.requireNonNullElse(image, ImageConfig.EMPTY),
                object.ref().name(),
                EnvSources.named(object.ref().namespace(), Map.of()),
                SeccompProfiles.NAMES,
                Optional.empty(),
                0));
    lines.addAll(Launcher.describe(whole(oci, container), Map.of()));
    lines.add("");
  }

  /** With what the runtime fills in when it makes the container. */
  private static OciSpec whole(OciSpec oci, Container container) {
    List<OciSpec.Mount> mounts = new ArrayList<>(oci.mounts());
    for (VolumeMount mount :
        Objects.requireNonNullElse(container.getVolumeMounts(), List.<VolumeMount>of())) {
      String access = Boolean.TRUE.equals(mount.getReadOnly()) ? "ro" : "rw";
      mounts.add(
          new OciSpec.Mount(
              mount.getMountPath(), "none", VOLUMES + mount.getName(), List.of("rbind", access)));
    }
    return new OciSpec(
        oci.ociVersion(),
        new OciSpec.Root(ROOTFS, oci.root().readonly()),
        oci.process(),
        oci.hostname(),
        oci.domainname(),
        mounts,
        oci.annotations(),
        oci.linux());
  }

  private static StoredObject stored(ManifestDocument document) {
    ObjectNode tree = document.tree().deepCopy();
    Defaulter.apply(Schemas.of(document.kind()), tree);
    String namespace = tree.path("metadata").path("namespace").asText("default");
    String name = tree.path("metadata").path("name").asText();
    return new StoredObject(new ObjectRef(document.kind(), namespace, name), tree, 0);
  }
}
