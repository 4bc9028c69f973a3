package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Quantity;
import org.jspecify.annotations.Nullable;

/** A place for data that outlives containers. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record VolumeSpec(
    @Field(
            doc = "Where the content is kept.",
            allowed = {"local", "tmpfs"},
            defaultValue = "\"local\"")
        @Nullable String driver,
    @Field(doc = "The size of a tmpfs; for local a statement of intent.")
        @Nullable Quantity capacity,
    @Field(
            doc = "What becomes of the content when the object is deleted.",
            allowed = {"Retain", "Delete"},
            defaultValue = "\"Retain\"")
        @Nullable String reclaimPolicy) {}
