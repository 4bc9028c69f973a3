package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A network of one machine. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record NetworkSpec(
    @Field(
            doc = "How it is made.",
            allowed = {"bridge"},
            defaultValue = "\"bridge\"")
        @Nullable String driver,
    @Field(doc = "Subnets such as 10.90.0.0/24; none: one from the default pool.")
        @Nullable List<String> subnets,
    @Field(doc = "Whether it has no route to the outside.") @Nullable Boolean internal,
    @Field(
            doc = "The largest packet in bytes; default that of the machine's route.",
            min = 68,
            max = 65535)
        @Nullable Integer mtu) {}
