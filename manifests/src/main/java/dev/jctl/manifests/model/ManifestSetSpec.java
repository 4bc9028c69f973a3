package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/** How the objects that are applied as one set are watched over. What they are, each apply says. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ManifestSetSpec(
    @Field(
            doc =
                "How long all objects of a new revision may take to be ready; then the last healthy"
                    + " revision is put back. None: nothing is put back.")
        @Nullable String healthTimeout,
    @Field(
            doc = "How many revisions are kept to go back to.",
            defaultValue = "10",
            min = 1,
            max = 100)
        @Nullable Integer revisionHistoryLimit) {}
