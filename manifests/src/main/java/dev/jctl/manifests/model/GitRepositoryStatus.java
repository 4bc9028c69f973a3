package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What became of the manifests. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record GitRepositoryStatus(
    @Field(doc = "The generation of the spec that this status is about.")
        @Nullable Long observedGeneration,
    @Field(doc = "Pending, Progressing, Ready, Suspended, Terminating or Failed.")
        @Nullable String phase,
    @Field(doc = "What runs, such as main@sha1:1f3870be….") @Nullable String lastAppliedRevision,
    @Field(doc = "What was last tried.") @Nullable String lastAttemptedRevision,
    @Field(doc = "When lastAppliedRevision came to run.", format = "date-time")
        @Nullable String lastAppliedTime,
    @Field(doc = "The last revision of which all objects became Ready; with spec.healthGate only.")
        @Nullable String lastHealthyRevision,
    @Field(doc = "The URL that lastAppliedRevision is from.") @Nullable String url,
    @Field(doc = "Which versions of the objects in spec.substituteFrom were used.")
        @Nullable String observedInputs,
    @Field(doc = "How many objects the revision has.") @Nullable Integer objects,
    @Field(doc = "The request (annotation jctl.dev/reconcile-requested) that was last met.")
        @Nullable String lastHandledReconcileRequest,
    @Field(doc = "Objects that others changed, in the store or on the machine, the latest first.")
        @Nullable List<Drift> drift,
    @Field(doc = "What was tried and what came of it, the latest first.")
        @Nullable List<Attempt> history,
    @Field(doc = "Facts about its state; Ready is the one to wait for.", mapKeys = "type")
        @Nullable List<Condition> conditions) {

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Attempt(
      @Field(doc = "Such as main@sha1:1f3870be….") String revision,
      @Field(doc = "When it was first tried, or tried again.", format = "date-time") String time,
      @Field(
              doc =
                  "Applied, Progressing, Healthy, Unhealthy, Superseded, Returned (to it) or the"
                      + " reason for which it was refused.")
          String result,
      @Field(doc = "The generation of the spec that it was tried with.") @Nullable Long generation,
      @Field(doc = "What was wrong with it.") @Nullable String message) {}
}
