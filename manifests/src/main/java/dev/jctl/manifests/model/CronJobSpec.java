package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import org.jspecify.annotations.Nullable;

/** batch/v1 CronJobSpec. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CronJobSpec(
    @Field(doc = "When, as in crontab(5): minute, hour, day, month, day of the week; or @daily.")
        String schedule,
    @Field(doc = "Of the schedule, such as Europe/Berlin; none: the controller's.")
        @Nullable String timeZone,
    @Field(doc = "How late a Job may still be made; none: at any time.", min = 0)
        @Nullable Long startingDeadlineSeconds,
    @Field(
            doc = "What is done while the former Job runs: another, none, or it is replaced.",
            allowed = {"Allow", "Forbid", "Replace"},
            defaultValue = "\"Allow\"")
        @Nullable String concurrencyPolicy,
    @Field(doc = "Whether no Jobs are made for now.") @Nullable Boolean suspend,
    @Field(doc = "What the Jobs are made from.") JobTemplate jobTemplate,
    @Field(doc = "How many Jobs are kept that succeeded.", defaultValue = "3", min = 0)
        @Nullable Integer successfulJobsHistoryLimit,
    @Field(doc = "How many Jobs are kept that failed.", defaultValue = "1", min = 0)
        @Nullable Integer failedJobsHistoryLimit) {

  /** batch/v1 JobTemplateSpec. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record JobTemplate(
      @Field(doc = "Labels and annotations of the Jobs.") @Nullable ObjectMeta metadata,
      @Field(doc = "What the Jobs shall do.") JobSpec spec) {}
}
