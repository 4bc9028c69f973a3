package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import org.jspecify.annotations.Nullable;

/** apps/v1 ReplicaSetSpec. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ReplicaSetSpec(
    @Field(doc = "How many Pods.", defaultValue = "1", min = 0) @Nullable Integer replicas,
    @Field(doc = "How long a Pod must be ready until it counts as available.", min = 0)
        @Nullable Integer minReadySeconds,
    @Field(doc = "Which Pods are its own: those of the template; cannot change.")
        LabelSelector selector,
    @Field(doc = "What the Pods are made from.") PodTemplateSpec template) {}
