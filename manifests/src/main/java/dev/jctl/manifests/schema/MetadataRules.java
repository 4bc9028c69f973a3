package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.model.ResourceKind;
import java.util.Map;

/** Names, labels, annotations. Limits are those of Kubernetes. */
final class MetadataRules {
  private static final int MAX_ANNOTATIONS = 256 << 10;

  private MetadataRules() {}

  static void check(ResourceKind kind, JsonNode metadata, Findings findings) {
    Findings.text(metadata, "name").ifPresent(name -> name(kind, name, findings));
    Findings.text(metadata, "namespace").ifPresent(name -> namespace(kind, name, findings));
    labels("metadata.labels", metadata.path("labels"), findings);
    annotations(metadata.path("annotations"), findings);
  }

  /** Names that become host names or names of a network are labels. */
  private static void name(ResourceKind kind, String name, Findings findings) {
    switch (kind) {
      case CONTAINER,
          NETWORK,
          VOLUME,
          VOLUME_SNAPSHOT,
          SERVICE,
          GIT_REPOSITORY,
          MANIFEST_SOURCE,
          MANIFEST_SET,
          PERSISTENT_VOLUME_CLAIM,
          NAMESPACE -> {
        if (!Names.isLabel(name)) {
          findings.invalid("metadata.name", name, Names.LABEL);
        }
      }
      case ROLE, ROLE_BINDING, CLUSTER_ROLE, CLUSTER_ROLE_BINDING -> {
        if (!Names.isPathSegment(name)) {
          findings.invalid("metadata.name", name, Names.PATH_SEGMENT);
        }
      }
      case IMAGE,
          POD,
          DEPLOYMENT,
          REPLICA_SET,
          JOB,
          CRON_JOB,
          NODE,
          CONFIG_MAP,
          SECRET,
          EVENT,
          SERVICE_ACCOUNT,
          ENDPOINTS,
          ENDPOINT_SLICE,
          NETWORK_POLICY,
          LEASE -> {
        if (!Names.isSubdomain(name)) {
          findings.invalid("metadata.name", name, Names.SUBDOMAIN);
        }
      }
    }
  }

  private static void namespace(ResourceKind kind, String namespace, Findings findings) {
    if (namespace.isEmpty()) {
      return;
    }
    if (!kind.namespaced()) {
      findings.add(
          "metadata.namespace",
          FieldError.Type.FORBIDDEN,
          "a " + kind.kind() + " is in no namespace; remove this field");
    } else if (!Names.isLabel(namespace)) {
      findings.invalid("metadata.namespace", namespace, Names.LABEL);
    }
  }

  /** Of an object, or that are asked of others. */
  static void labels(String where, JsonNode labels, Findings findings) {
    for (Map.Entry<String, JsonNode> label : labels.properties()) {
      String path = FieldPath.child(where, label.getKey());
      key(path, label.getKey(), findings);
      if (label.getValue().isTextual() && !Names.isLabelValue(label.getValue().textValue())) {
        findings.invalid(
            path,
            label.getValue().textValue(),
            "at most 63 of letters, digits, -, _ and ., with a letter or digit at both ends");
      }
    }
  }

  private static void annotations(JsonNode annotations, Findings findings) {
    long size = 0;
    for (Map.Entry<String, JsonNode> annotation : annotations.properties()) {
      key(
          FieldPath.child("metadata.annotations", annotation.getKey()),
          annotation.getKey(),
          findings);
      size += annotation.getKey().length() + (long) annotation.getValue().asText().length();
    }
    if (size > MAX_ANNOTATIONS) {
      findings.add(
          "metadata.annotations",
          FieldError.Type.INVALID,
          "too long: expected at most " + MAX_ANNOTATIONS + " characters in all, found " + size);
    }
  }

  private static void key(String path, String key, Findings findings) {
    if (!Names.isQualified(key)) {
      findings.invalid(
          path,
          key,
          "a key such as app or example.com/app: at most 63 of letters, digits, -, _ and . after"
              + " the slash");
    }
  }
}
