package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known of a network. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record NetworkStatus(
    @Field(doc = "The generation of the spec that this status is about.")
        @Nullable Long observedGeneration,
    @Field(doc = "Pending, Ready, Terminating or Failed.") @Nullable String phase,
    @Field(doc = "The link on the machine.") @Nullable String device,
    @Field(doc = "The subnets in use.") @Nullable List<String> subnets,
    @Field(doc = "The machine's address in each.") @Nullable List<String> gateways,
    @Field(doc = "The Pods on it, by name.", set = true) @Nullable List<String> attached,
    @Field(doc = "What others changed on the machine, the latest first.")
        @Nullable List<Drift> drift,
    @Field(doc = "Facts about its state; Ready is the one to wait for.", mapKeys = "type")
        @Nullable List<Condition> conditions) {}
