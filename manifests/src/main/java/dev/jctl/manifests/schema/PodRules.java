package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.jctl.manifests.json.Json;
import dev.jctl.manifests.model.Annotations;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** A Pod: its containers, the volumes they mount, its networks. */
final class PodRules {
  private static final List<String> CONTAINERS =
      List.of("initContainers", "containers", "ephemeralContainers");
  private static final List<String> SOURCES =
      List.of(
          "configMap",
          "downwardAPI",
          "emptyDir",
          "ephemeral",
          "hostPath",
          "image",
          "nfs",
          "persistentVolumeClaim",
          "projected",
          "secret");

  private PodRules() {}

  static void check(JsonNode metadata, JsonNode spec, Findings findings) {
    ContainerRules.pullSecrets(spec, findings);
    Map<String, String> published = new HashMap<>();
    containers(spec, published, findings);
    publish(metadata, spec, published, findings);
    if (spec.path("hostNetwork").asBoolean()) {
      Findings.items("spec", spec, "containers")
          .forEach(c -> PortRules.onHost(c.path(), c.node(), findings));
    }
    volumes(spec, findings);
    ContainerRules.hostname("spec", spec, findings);
    SecurityRules.pod(spec, findings);
    processes(spec, findings);
    networks(metadata, spec, findings);
    JsonNode annotations = metadata.path("annotations");
    ContainerRules.onConfigChange(
        "metadata.annotations", annotations, Annotations.ON_CONFIG_CHANGE, findings);
    PortRules.exposure(annotations, Annotations.EXPOSE, annotation(Annotations.EXPOSE), findings);
    for (String truth : List.of(Annotations.PAUSED, Annotations.INIT)) {
      Findings.text(annotations, truth)
          .filter(s -> !s.equals("true") && !s.equals("false"))
          .ifPresent(s -> findings.invalid(annotation(truth), s, "true or false"));
    }
    Findings.text(annotations, Annotations.STOP_SIGNAL)
        .filter(s -> !Names.isSignal(s))
        .ifPresent(s -> findings.invalid(annotation(Annotations.STOP_SIGNAL), s, Names.SIGNAL));
  }

  private static void processes(JsonNode spec, Findings findings) {
    if (spec.path("shareProcessNamespace").asBoolean() && spec.path("hostPID").asBoolean()) {
      findings.add(
          "spec.shareProcessNamespace",
          FieldError.Type.INVALID,
          "its containers cannot share the processes of the Pod and those of the machine; remove"
              + " this or hostPID");
    }
  }

  private static void containers(JsonNode spec, Map<String, String> published, Findings findings) {
    if (spec.path("containers").isArray() && spec.path("containers").isEmpty()) {
      findings.add(
          "spec.containers", FieldError.Type.REQUIRED, "empty: expected at least one container");
    }
    Map<String, String> names = new HashMap<>();
    for (String list : CONTAINERS) {
      for (Findings.Item container : Findings.items("spec", spec, list)) {
        Findings.text(container.node(), "name")
            .ifPresent(name -> name(container, name, names, findings));
        ContainerRules.check(container.path(), container.node(), published, findings);
        SecurityRules.container(container.path(), container.node(), spec, findings);
        mounts(container, spec, findings);
      }
    }
    EphemeralRules.check(spec, findings);
  }

  /** The schema finds a name that is twice in one list; here it is about names in two lists. */
  private static void name(
      Findings.Item container, String name, Map<String, String> names, Findings findings) {
    if (!Names.isLabel(name)) {
      findings.invalid(container.path("name"), name, Names.LABEL);
    }
    String first = names.putIfAbsent(name, container.path());
    if (first != null && !list(first).equals(list(container.path()))) {
      findings.add(
          container.path("name"),
          FieldError.Type.DUPLICATE,
          "duplicate: " + first + " already has name \"" + name + "\"; give it another");
    }
  }

  private static String list(String path) {
    return path.substring(0, path.indexOf('['));
  }

  private static void mounts(Findings.Item container, JsonNode spec, Findings findings) {
    Set<String> volumes = new TreeSet<>();
    spec.path("volumes").forEach(volume -> volumes.add(volume.path("name").asText()));
    for (Findings.Item mount : Findings.items(container.path(), container.node(), "volumeMounts")) {
      Findings.text(mount.node(), "name")
          .filter(n -> !volumes.contains(n))
          .ifPresent(
              n ->
                  findings.add(
                      mount.path("name"),
                      FieldError.Type.INVALID,
                      "no volume \""
                          + Types.shortened(n)
                          + "\" in spec.volumes; add it there, or name one of "
                          + volumes
                          + NearestName.hint(n, volumes)));
    }
  }

  private static void volumes(JsonNode spec, Findings findings) {
    for (Findings.Item volume : Findings.items("spec", spec, "volumes")) {
      Findings.text(volume.node(), "name")
          .filter(n -> !Names.isLabel(n))
          .ifPresent(n -> findings.invalid(volume.path("name"), n, Names.LABEL));
      source(volume, findings);
      FileVolumeRules.check(volume, findings);
      VolumeRules.image(volume.path("image"), volume.node().path("image"), "reference", findings);
      VolumeRules.nfs(volume.path("nfs"), volume.node().path("nfs"), findings);
      findings.absolutePath(volume.path("hostPath"), volume.node().path("hostPath"), "path");
      ClaimRules.check(
          volume.path("ephemeral") + ".volumeClaimTemplate.spec",
          volume.node().at("/ephemeral/volumeClaimTemplate/spec"),
          findings);
      Findings.text(volume.node().path("persistentVolumeClaim"), "claimName")
          .filter(n -> !Names.isLabel(n))
          .ifPresent(
              n ->
                  findings.invalid(
                      volume.path("persistentVolumeClaim") + ".claimName",
                      n,
                      "the name of a Volume: " + Names.LABEL));
    }
  }

  private static void source(Findings.Item volume, Findings findings) {
    if (!volume.node().isObject()) {
      return;
    }
    List<String> given = new ArrayList<>(Findings.present(volume.node()));
    given.remove("name");
    for (String source : given) {
      if (!SOURCES.contains(source)) {
        findings.add(
            volume.path(source),
            FieldError.Type.NOT_SUPPORTED,
            "volumes of this type are not supported: use one of " + String.join(", ", SOURCES));
      }
    }
    if (given.size() != 1) {
      findings.add(
          volume.path(),
          FieldError.Type.INVALID,
          "expected exactly one of "
              + String.join(", ", SOURCES)
              + "; found "
              + (given.isEmpty() ? "none" : String.join(", ", given)));
    }
  }

  private static void networks(JsonNode metadata, JsonNode spec, Findings findings) {
    Findings.text(metadata.path("annotations"), Annotations.NETWORKS)
        .ifPresent(
            text -> {
              if (spec.path("hostNetwork").asBoolean()) {
                findings.add(
                    annotation(Annotations.NETWORKS),
                    FieldError.Type.FORBIDDEN,
                    "hostNetwork is true, so it has the machine's network only; remove one of the"
                        + " two");
              }
              networkList(text, findings);
            });
  }

  private static void publish(
      JsonNode metadata, JsonNode spec, Map<String, String> published, Findings findings) {
    String path = annotation(Annotations.PUBLISH);
    Findings.text(metadata.path("annotations"), Annotations.PUBLISH)
        .ifPresent(
            text -> {
              if (spec.path("hostNetwork").asBoolean()) {
                findings.add(path, FieldError.Type.FORBIDDEN, PortRules.ON_HOST);
              }
              JsonNode list = json(text);
              if (!list.isArray() || !list.valueStream().allMatch(JsonNode::isTextual)) {
                findings.invalid(path, text, "a JSON list such as [\"8000-8010:8000-8010\"]");
                return;
              }
              for (int i = 0; i < list.size(); i++) {
                PortRules.range(
                    new Findings.Item(FieldPath.index(path, i), list.get(i)), published, findings);
              }
            });
  }

  private static void networkList(String text, Findings findings) {
    String path = annotation(Annotations.NETWORKS);
    JsonNode list = json(text);
    if (!list.isArray() || !list.valueStream().allMatch(n -> n.path("name").isTextual())) {
      findings.invalid(
          path, text, "a JSON list such as [{\"name\":\"front\",\"aliases\":[\"www\"]}]");
      return;
    }
    for (int i = 0; i < list.size(); i++) {
      ContainerRules.network(new Findings.Item(FieldPath.index(path, i), list.get(i)), findings);
    }
  }

  /** Missing when it is not JSON. */
  private static JsonNode json(String text) {
    try {
      return Json.read(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      return MissingNode.getInstance();
    }
  }

  private static String annotation(String key) {
    return FieldPath.child("metadata.annotations", key);
  }
}
