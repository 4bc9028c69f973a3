package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** batch/v1 JobStatus. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record JobStatus(
    @Field(doc = "Complete, Failed, Suspended.", mapKeys = "type")
        @Nullable List<WorkloadCondition> conditions,
    @Field(doc = "When it began, or went on.", format = "date-time") @Nullable String startTime,
    @Field(doc = "When the last one needed succeeded.", format = "date-time")
        @Nullable String completionTime,
    @Field(doc = "How many Pods run or wait to.") @Nullable Integer active,
    @Field(doc = "How many are ready.") @Nullable Integer ready,
    @Field(doc = "How many are on their way out.") @Nullable Integer terminating,
    @Field(doc = "How many have succeeded.") @Nullable Integer succeeded,
    @Field(doc = "How many have failed.") @Nullable Integer failed) {}
