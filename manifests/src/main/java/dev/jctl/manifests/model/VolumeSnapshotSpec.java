package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/** The content of a Volume as it was when this was made. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record VolumeSnapshotSpec(
    @Field(doc = "A Volume of the same namespace.") String volume,
    @Field(
            doc =
                "A file on the controller's machine that it is written to, a .tar.gz; none: it is"
                    + " kept as a directory.")
        @Nullable String archive,
    @Field(
            doc = "What keeps containers from writing meanwhile.",
            allowed = {"None", "Freeze"},
            defaultValue = "\"Freeze\"")
        @Nullable String quiesce,
    @Field(
            doc = "What becomes of the content when the object is deleted.",
            allowed = {"Retain", "Delete"},
            defaultValue = "\"Retain\"")
        @Nullable String reclaimPolicy) {}
