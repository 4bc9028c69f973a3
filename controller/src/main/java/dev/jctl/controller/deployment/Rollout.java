package dev.jctl.controller.deployment;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.StoredObject;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A Deployment with its ReplicaSets, the oldest first.
 *
 * @param config digest of the configuration that its Pods are to be started with; empty when it
 *     does not matter, or cannot be told
 * @param newest that of the Deployment's template and configuration, if it exists
 * @param old all others
 */
record Rollout(
    StoredObject deployment,
    Optional<String> config,
    Optional<StoredObject> newest,
    List<StoredObject> old) {
  static final String HASH = "pod-template-hash";

  /** On a ReplicaSet: the digest of the configuration that its Pods were made for. */
  static final String CONFIG = "jctl.dev/config";

  private static final String DEFAULT_SHARE = "25%";

  Rollout {
    old = List.copyOf(old);
  }

  static Rollout of(StoredObject deployment, List<StoredObject> sets, Optional<String> config) {
    List<StoredObject> sorted =
        sets.stream()
            .filter(set -> !set.isDeleting())
            .sorted(Comparator.comparing(Rollout::created).thenComparing(set -> set.ref().name()))
            .toList();
    JsonNode template = deployment.tree().path("spec").path("template");
    Optional<StoredObject> newest =
        newest(
            sorted.stream().filter(set -> PodTemplateHash.sameTemplate(set, template)).toList(),
            config);
    return new Rollout(
        deployment,
        config,
        newest,
        sorted.stream().filter(set -> newest.filter(set::equals).isEmpty()).toList());
  }

  /**
   * One that was made before its configuration was known is of that which comes first. While none
   * is known, as something is missing, the last one goes on.
   */
  private static Optional<StoredObject> newest(
      List<StoredObject> ofTemplate, Optional<String> config) {
    Optional<StoredObject> same =
        ofTemplate.stream()
            .filter(set -> config.isPresent() && config(set).equals(config.get()))
            .findFirst();
    return same.or(
        () ->
            ofTemplate.stream()
                .filter(set -> config.isEmpty() || config(set).isEmpty())
                .max(Comparator.comparingLong(Revisions::of)));
  }

  private static String config(StoredObject set) {
    return set.tree().path("metadata").path("annotations").path(CONFIG).asText("");
  }

  private static String created(StoredObject set) {
    return set.tree().path("metadata").path("creationTimestamp").asText();
  }

  JsonNode spec() {
    return deployment.tree().path("spec");
  }

  int replicas() {
    return spec().path("replicas").asInt(1);
  }

  boolean isPaused() {
    return spec().path("paused").asBoolean();
  }

  boolean recreates() {
    return spec().path("strategy").path("type").asText().equals("Recreate");
  }

  /** How many more than wanted there may be; a share of a Pod counts as a whole one. */
  int maxSurge() {
    return recreates() ? 0 : share("maxSurge", true);
  }

  /**
   * How many may be missing; a share of a Pod counts as none. At least one when there can be no
   * surplus, or nothing could ever be exchanged.
   */
  int maxUnavailable() {
    if (recreates()) {
      return replicas();
    }
    int unavailable = share("maxUnavailable", false);
    return Math.min(replicas(), unavailable == 0 && maxSurge() == 0 ? 1 : unavailable);
  }

  private int share(String field, boolean roundUp) {
    JsonNode given = spec().path("strategy").path("rollingUpdate").path(field);
    if (given.isInt()) {
      return given.asInt();
    }
    String text = given.asText("").isEmpty() ? DEFAULT_SHARE : given.asText();
    int percent = Integer.parseInt(text.substring(0, text.length() - 1));
    int hundredths = replicas() * percent;
    return roundUp ? Math.ceilDiv(hundredths, 100) : hundredths / 100;
  }

  static int wanted(StoredObject set) {
    return set.tree().path("spec").path("replicas").asInt(1);
  }

  /** Of a ReplicaSet's status; what is told of an earlier spec is still what there is. */
  static int told(StoredObject set, String field) {
    return set.tree().path("status").path(field).asInt(0);
  }

  int sum(String field) {
    return told(old, field) + newest.map(set -> told(set, field)).orElse(0);
  }

  static int told(List<StoredObject> sets, String field) {
    return sets.stream().mapToInt(set -> told(set, field)).sum();
  }

  static int wanted(List<StoredObject> sets) {
    return sets.stream().mapToInt(Rollout::wanted).sum();
  }
}
