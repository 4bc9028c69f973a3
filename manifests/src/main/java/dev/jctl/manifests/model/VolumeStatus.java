package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known of a volume. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record VolumeStatus(
    @Field(doc = "The generation of the spec that this status is about.")
        @Nullable Long observedGeneration,
    @Field(doc = "Pending, Ready, Terminating or Failed.") @Nullable String phase,
    @Field(doc = "On the machine.") @Nullable String path,
    @Field(doc = "How much is in it, when it has a capacity; in steps of a hundredth of that.")
        @Nullable String used,
    @Field(doc = "The Pods that mount it, by name.", set = true) @Nullable List<String> usedBy,
    @Field(doc = "What others changed on the machine, the latest first.")
        @Nullable List<Drift> drift,
    @Field(doc = "Facts about its state; Ready is the one to wait for.", mapKeys = "type")
        @Nullable List<Condition> conditions) {}
