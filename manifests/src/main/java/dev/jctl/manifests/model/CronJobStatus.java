package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.ObjectReference;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** batch/v1 CronJobStatus. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CronJobStatus(
    @Field(doc = "Its Jobs that have not ended.") @Nullable List<ObjectReference> active,
    @Field(doc = "The last time of the schedule for which there was a Job.", format = "date-time")
        @Nullable String lastScheduleTime,
    @Field(doc = "When the last one succeeded.", format = "date-time")
        @Nullable String lastSuccessfulTime) {}
