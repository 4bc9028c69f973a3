package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import org.jspecify.annotations.Nullable;

/** batch/v1 JobSpec, as far as it is carried out. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record JobSpec(
    @Field(doc = "How many Pods run at once; none: one.", min = 0) @Nullable Integer parallelism,
    @Field(
            doc =
                "How many must succeed; none: one, or with parallelism one and then those that"
                    + " run.",
            min = 0)
        @Nullable Integer completions,
    @Field(doc = "After how many seconds it has failed.", min = 1)
        @Nullable Long activeDeadlineSeconds,
    @Field(
            doc = "How many Pods may fail, counting restarts of their containers.",
            defaultValue = "6",
            min = 0)
        @Nullable Integer backoffLimit,
    @Field(doc = "Which Pods are its own; made by the server.") @Nullable LabelSelector selector,
    @Field(doc = "Whether the selector is the writer's.") @Nullable Boolean manualSelector,
    @Field(doc = "What the Pods are made from.") PodTemplateSpec template,
    @Field(doc = "How long it stays when it has ended; none: for ever.", min = 0)
        @Nullable Integer ttlSecondsAfterFinished,
    @Field(
            doc = "How Pods are told apart.",
            allowed = {"NonIndexed"},
            defaultValue = "\"NonIndexed\"")
        @Nullable String completionMode,
    @Field(doc = "Whether no Pods run for now.") @Nullable Boolean suspend) {}
