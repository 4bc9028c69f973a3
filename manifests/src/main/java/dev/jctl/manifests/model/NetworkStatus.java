package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * @param phase Pending, Ready, Terminating or Failed
 * @param device of the host
 * @param attached Pods on it, by name
 * @param lastRepair what drift was repaired, and when
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record NetworkStatus(
    @Nullable Long observedGeneration,
    @Nullable String phase,
    @Nullable String device,
    @Nullable List<String> subnets,
    @Nullable List<String> gateways,
    @Nullable List<String> attached,
    @Nullable String lastRepair,
    @Nullable List<Condition> conditions) {}
