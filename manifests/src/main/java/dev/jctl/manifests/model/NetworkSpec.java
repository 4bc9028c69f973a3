package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * @param driver bridge (the default)
 * @param subnets in CIDR form; none: one from the default pool
 * @param internal no route to the outside
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record NetworkSpec(
    @Nullable String driver,
    @Nullable List<String> subnets,
    @Nullable Boolean internal,
    @Nullable Integer mtu) {}
