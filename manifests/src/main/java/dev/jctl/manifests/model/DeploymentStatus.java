package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** apps/v1 DeploymentStatus. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DeploymentStatus(
    @Field(doc = "The generation of the spec that this status is about.")
        @Nullable Long observedGeneration,
    @Field(doc = "How many Pods there are.") @Nullable Integer replicas,
    @Field(doc = "How many of them are made from the newest template.")
        @Nullable Integer updatedReplicas,
    @Field(doc = "How many are ready.") @Nullable Integer readyReplicas,
    @Field(doc = "How many have been ready long enough.") @Nullable Integer availableReplicas,
    @Field(doc = "How many are missing.") @Nullable Integer unavailableReplicas,
    @Field(doc = "How often a name was taken already.") @Nullable Integer collisionCount,
    @Field(doc = "Available and Progressing.", mapKeys = "type")
        @Nullable List<WorkloadCondition> conditions) {}
