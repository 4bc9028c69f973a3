package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import org.jspecify.annotations.Nullable;

/** apps/v1 DeploymentSpec; defaults are those of Kubernetes. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DeploymentSpec(
    @Field(doc = "How many Pods.", defaultValue = "1", min = 0) @Nullable Integer replicas,
    @Field(doc = "Which Pods are its own: those of the template; cannot change.")
        LabelSelector selector,
    @Field(doc = "What the Pods are made from.") PodTemplateSpec template,
    @Field(
            doc = "How Pods are exchanged when the template changes.",
            defaultValue = "{\"type\":\"RollingUpdate\"}")
        @Nullable Strategy strategy,
    @Field(doc = "How long a Pod must be ready until it counts as available.", min = 0)
        @Nullable Integer minReadySeconds,
    @Field(
            doc = "How many ReplicaSets of former templates are kept, for going back.",
            defaultValue = "10",
            min = 0)
        @Nullable Integer revisionHistoryLimit,
    @Field(doc = "Whether changes of the template wait.") @Nullable Boolean paused,
    @Field(
            doc = "How long nothing may come closer to the goal until that is told as a failure.",
            defaultValue = "600",
            min = 1)
        @Nullable Integer progressDeadlineSeconds) {

  /** apps/v1 DeploymentStrategy. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Strategy(
      @Field(
              doc = "A few at a time, or all old ones before the first new one.",
              allowed = {"RollingUpdate", "Recreate"},
              defaultValue = "\"RollingUpdate\"")
          @Nullable String type,
      @Field(doc = "For RollingUpdate.") @Nullable RollingUpdate rollingUpdate) {}

  /** apps/v1 RollingUpdateDeployment. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record RollingUpdate(
      @Field(
              doc = "How many of replicas may be missing meanwhile, a number or a percentage.",
              defaultValue = "\"25%\"")
          @Nullable IntOrString maxUnavailable,
      @Field(doc = "How many more than replicas there may be meanwhile.", defaultValue = "\"25%\"")
          @Nullable IntOrString maxSurge) {}
}
