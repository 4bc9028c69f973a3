package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/** A condition of kinds in apps and batch: that of metav1, without generation, with more times. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record WorkloadCondition(
    @Field(doc = "What it is about.") String type,
    @Field(
            doc = "Whether it is so.",
            allowed = {"True", "False", "Unknown"})
        String status,
    @Field(doc = "Why, in one word.") @Nullable String reason,
    @Field(doc = "Why, in a sentence.") @Nullable String message,
    @Field(doc = "When it was looked at and something had changed.", format = "date-time")
        @Nullable String lastUpdateTime,
    @Field(doc = "When it was looked at last.", format = "date-time")
        @Nullable String lastProbeTime,
    @Field(doc = "Since when it is so.", format = "date-time")
        @Nullable String lastTransitionTime) {}
