package dev.jctl.images.oci;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.images.ImageStore.ImageConfig;
import dev.jctl.images.reference.Digest;
import dev.jctl.images.reference.ImageReference;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Writes documents for images made here. Nothing in them depends on time or machine, so that equal
 * content has equal digests.
 */
public final class DocumentWriter {
  private static final JsonMapper MAPPER = new JsonMapper();

  private DocumentWriter() {}

  public static byte[] manifest(Descriptor config, List<Descriptor> layers) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("schemaVersion", 2).put("mediaType", MediaTypes.OCI_MANIFEST);
    root.set("config", descriptor(config));
    ArrayNode list = root.putArray("layers");
    layers.forEach(layer -> list.add(descriptor(layer)));
    return bytes(root);
  }

  public static byte[] config(Platform platform, ImageConfig config, List<Digest> diffIds) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("architecture", platform.architecture()).put("os", platform.os());
    root.set("config", config(config));
    ObjectNode rootfs = root.putObject("rootfs").put("type", "layers");
    putTexts(rootfs, "diff_ids", diffIds.stream().map(Digest::toString).toList());
    return bytes(root);
  }

  /** {@code oci-layout}. OCI image spec, image-layout.md. */
  public static byte[] layout() {
    return bytes(JsonNodeFactory.instance.objectNode().put("imageLayoutVersion", "1.0.0"));
  }

  /** {@code index.json} of a layout with one image, named as containerd and docker do it. */
  public static byte[] index(Descriptor manifest, Optional<ImageReference> reference) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("schemaVersion", 2).put("mediaType", MediaTypes.OCI_INDEX);
    ObjectNode entry = descriptor(manifest);
    reference.ifPresent(
        name -> {
          ObjectNode annotations = entry.putObject("annotations");
          annotations.put("io.containerd.image.name", name.toString());
          annotations.put("org.opencontainers.image.ref.name", name.version());
        });
    root.putArray("manifests").add(entry);
    return bytes(root);
  }

  /**
   * {@code manifest.json} of {@code docker save}.
   *
   * @param config path in the archive, like {@code layers}
   */
  public static byte[] dockerArchive(
      String config, Optional<ImageReference> reference, List<String> layers) {
    ArrayNode root = JsonNodeFactory.instance.arrayNode();
    ObjectNode image = root.addObject().put("Config", config);
    ArrayNode tags = image.putArray("RepoTags");
    reference.filter(name -> name.tag() != null).ifPresent(name -> tags.add(name.toString()));
    ArrayNode list = image.putArray("Layers");
    layers.forEach(list::add);
    return bytes(root);
  }

  private static ObjectNode descriptor(Descriptor descriptor) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("mediaType", descriptor.mediaType())
        .put("digest", descriptor.digest().toString())
        .put("size", descriptor.size());
  }

  private static ObjectNode config(ImageConfig config) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    putTexts(node, "Env", config.env());
    putTexts(node, "Entrypoint", config.entrypoint());
    putTexts(node, "Cmd", config.cmd());
    putText(node, "User", config.user());
    putText(node, "WorkingDir", config.workingDir());
    putText(node, "StopSignal", config.stopSignal());
    putKeys(node, "ExposedPorts", config.exposedPorts());
    putKeys(node, "Volumes", config.volumes());
    if (!config.labels().isEmpty()) {
      ObjectNode labels = node.putObject("Labels");
      new TreeMap<>(config.labels()).forEach(labels::put);
    }
    return node;
  }

  private static void putText(ObjectNode node, String name, String value) {
    if (!value.isEmpty()) {
      node.put(name, value);
    }
  }

  private static void putTexts(ObjectNode node, String name, Collection<String> values) {
    if (!values.isEmpty()) {
      ArrayNode list = node.putArray(name);
      values.forEach(list::add);
    }
  }

  private static void putKeys(ObjectNode node, String name, List<String> keys) {
    if (!keys.isEmpty()) {
      ObjectNode set = node.putObject(name);
      keys.forEach(set::putObject);
    }
  }

  private static byte[] bytes(JsonNode root) {
    try {
      return MAPPER.writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree can always be written", e);
    }
  }
}
