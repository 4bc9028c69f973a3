package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** apps/v1 ReplicaSetStatus. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ReplicaSetStatus(
    @Field(doc = "How many Pods there are.") @Nullable Integer replicas,
    @Field(doc = "How many of them have all labels of the template.")
        @Nullable Integer fullyLabeledReplicas,
    @Field(doc = "How many are ready.") @Nullable Integer readyReplicas,
    @Field(doc = "How many have been ready long enough.") @Nullable Integer availableReplicas,
    @Field(doc = "The generation of the spec that this status is about.")
        @Nullable Long observedGeneration,
    @Field(doc = "ReplicaFailure, when Pods cannot be made.", mapKeys = "type")
        @Nullable List<WorkloadCondition> conditions) {}
