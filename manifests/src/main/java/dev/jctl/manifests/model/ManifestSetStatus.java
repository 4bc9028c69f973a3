package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was applied as a set, and how it is. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ManifestSetStatus(
    @Field(doc = "The generation of the spec that this status is about.")
        @Nullable Long observedGeneration,
    @Field(doc = "Pending, Ready, Failed or Terminating.") @Nullable String phase,
    @Field(doc = "The revision that was applied last.") @Nullable Long revision,
    @Field(doc = "The last revision of which all objects were ready.")
        @Nullable Long healthyRevision,
    @Field(doc = "When the revision was applied.", format = "date-time")
        @Nullable String appliedTime,
    @Field(doc = "How many objects the revision has.") @Nullable Integer objects,
    @Field(doc = "How many of them are ready.") @Nullable Integer ready,
    @Field(doc = "The objects: Kind/namespace/name.", set = true) @Nullable List<String> members,
    @Field(
            doc =
                "Objects that were still being deleted as the revision was applied; they are made"
                    + " again once they are gone.",
            set = true)
        @Nullable List<String> leaving,
    @Field(doc = "The first of those that are not ready.", mapKeys = "object")
        @Nullable List<NotReady> notReady,
    @Field(doc = "What others changed on the machine of the objects, the latest first.")
        @Nullable List<Drift> drift,
    @Field(doc = "Revisions that one can go back to, the latest first.", mapKeys = "revision")
        @Nullable List<Revision> history,
    @Field(doc = "Facts about its state; Ready is the one to wait for.", mapKeys = "type")
        @Nullable List<Condition> conditions) {

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record NotReady(
      @Field(doc = "Kind/namespace/name.") String object,
      @Field(doc = "Why, in one word.") String reason,
      @Field(doc = "Why, in a sentence.") @Nullable String message) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Revision(
      @Field(doc = "Its number.") Long revision,
      @Field(doc = "When it was applied.", format = "date-time") String time,
      @Field(doc = "The field manager that applied it.") String manager,
      @Field(doc = "What its manifests are, as a SHA-256.") String digest,
      @Field(doc = "How many objects it has.") Integer objects,
      @Field(doc = "Bytes that its manifests take.") Integer size,
      @Field(doc = "Why it was applied, when it was not for its own sake.") @Nullable String cause,
      @Field(
              doc = "What became of it.",
              allowed = {"Pending", "Healthy", "Superseded", "Unhealthy", "RolledBack"})
          String result,
      @Field(doc = "Why it was not healthy.") @Nullable String message) {}
}
