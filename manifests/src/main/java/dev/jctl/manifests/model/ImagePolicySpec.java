package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which of the images of a repository an Image is, as time goes on; exactly one of {@code semver},
 * {@code newest}, {@code digest}.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ImagePolicySpec(
    @Field(doc = "The highest tag in a range of versions, such as >=1.2.0 <2.0.0 or 1.x.")
        @Nullable String semver,
    @Field(doc = "The newest of the tags that fit a pattern.") @Nullable Newest newest,
    @Field(doc = "Whatever the tag of the reference stands for.") @Nullable Boolean digest,
    @Field(doc = "How often the registry is asked.", defaultValue = "\"5m\"")
        @Nullable String interval,
    @Field(doc = "When another image may be taken; none: at any time.")
        @Nullable List<Window> windows,
    @Field(
            doc =
                "How long all Pods and Containers that use it may take to be ready with another"
                    + " image; then the last one with which they were returns.",
            defaultValue = "\"5m\"")
        @Nullable String healthTimeout) {

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Newest(
      @Field(
              doc =
                  "A regular expression for the whole tag. What its group named key, or else its"
                      + " first group, or else all of it matches is what tags are sorted by.")
          String pattern,
      @Field(
              doc = "How they are sorted; the last is the newest.",
              allowed = {"Numerical", "Alphabetical"},
              defaultValue = "\"Numerical\"")
          @Nullable String order) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Window(
      @Field(doc = "When it opens, as the schedule of a CronJob.") String schedule,
      @Field(doc = "How long it is open.") String duration,
      @Field(doc = "Of the schedule.", defaultValue = "\"Etc/UTC\"") @Nullable String timeZone) {}
}
