package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Manifests in a git repository, and how they are followed. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record GitRepositorySpec(
    @Field(doc = "https://…, ssh://… or user@host:path, or a path on the controller's machine.")
        String url,
    @Field(doc = "What is followed; none: the remote's default branch.") @Nullable Ref ref,
    @Field(doc = "The directory with the manifests; those below it count.", defaultValue = "\".\"")
        @Nullable String path,
    @Field(
            doc =
                "Directories and files that are fetched beside path; then nothing else of a commit"
                    + " is, and none: all of it.")
        @Nullable List<String> sparse,
    @Field(
            doc =
                "Whether submodules are fetched: those of the repository itself, over HTTPS or SSH,"
                    + " with the Secret only from the same server.",
            defaultValue = "false")
        @Nullable Boolean submodules,
    @Field(doc = "How often the remote is asked.", defaultValue = "\"1m\"")
        @Nullable String interval,
    @Field(doc = "How long a fetch may take.", defaultValue = "\"1m\"") @Nullable String timeout,
    @Field(doc = "A Secret of the same namespace with what the remote asks for.")
        @Nullable SecretRef secretRef,
    @Field(doc = "The namespace of all objects, whatever they say.")
        @Nullable String targetNamespace,
    @Field(
            doc = "Whether what leaves the repository is deleted, also with this object.",
            defaultValue = "true")
        @Nullable Boolean prune,
    @Field(
            doc = "What is done about objects that were changed by others.",
            allowed = {"Repair", "Report"},
            defaultValue = "\"Repair\"")
        @Nullable String driftPolicy,
    @Field(doc = "Fields that others may change once an object is there.")
        @Nullable List<IgnoredDrift> ignoreDrift,
    @Field(doc = "Values of ${NAME} in the files; without them and substituteFrom that is text.")
        @Nullable Map<String, String> substitute,
    @Field(doc = "ConfigMaps and Secrets of which the keys are such values; later ones win.")
        @Nullable List<SubstituteFrom> substituteFrom,
    @Field(doc = "Keys for files that SOPS has encrypted.") @Nullable Decryption decryption,
    @Field(doc = "Changes to the objects of the repository.") @Nullable List<Patch> patches,
    @Field(doc = "Other images, wherever one is named.", mapKeys = "name")
        @Nullable List<ImageOverride> images,
    @Field(
            doc = "Objects of which a condition must be True first.",
            mapKeys = {"kind", "name"})
        @Nullable List<Dependency> dependsOn,
    @Field(doc = "Calls that tell of new commits, at …/gitrepositories/NAME/webhook.")
        @Nullable Webhook webhook,
    @Field(
            doc =
                "Images that policies select are written back, as commits, to lines that are marked"
                    + " as Flux has it: # {\"$imagepolicy\": \"NAMESPACE:IMAGE\"}, or IMAGE:tag.")
        @Nullable ImageUpdates imageUpdates,
    @Field(doc = "Only commits that are signed with one of these keys are followed.")
        @Nullable Verify verify,
    @Field(
            doc =
                "Whether a branch or tag is followed that was rewritten, so that what runs is not"
                    + " in its history.",
            defaultValue = "false")
        @Nullable Boolean allowForcePush,
    @Field(doc = "All objects of a commit must become Ready; else the last healthy one returns.")
        @Nullable HealthGate healthGate,
    @Field(doc = "Whether nothing is fetched and applied for now.") @Nullable Boolean suspend)
    implements FollowedSpec {

  /** At most one of them; of {@code branch} and {@code commit}, both. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Ref(
      @Field(doc = "A branch.") @Nullable String branch,
      @Field(doc = "A tag.") @Nullable String tag,
      @Field(doc = "The highest tag in a range of versions, such as >=1.2.0 <2.0.0 or 1.x.")
          @Nullable String semver,
      @Field(doc = "A commit, in 40 hexadecimal digits.") @Nullable String commit) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record SecretRef(
      @Field(
              doc =
                  "Of a Secret with username and password, bearerToken, or identity and"
                      + " known_hosts.")
          String name) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Dependency(
      @Field(doc = "A kind that has a status.", defaultValue = "\"GitRepository\"")
          @Nullable String kind,
      @Field(doc = "The object's name.") String name,
      @Field(doc = "The object's namespace; none: that of the GitRepository.")
          @Nullable String namespace,
      @Field(doc = "The condition's type.", defaultValue = "\"Ready\"")
          @Nullable String condition) {}

  /** What is not given matches all. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record IgnoredDrift(
      @Field(doc = "A kind.") @Nullable String kind,
      @Field(doc = "An object's name.") @Nullable String name,
      @Field(doc = "A namespace.") @Nullable String namespace,
      @Field(doc = "Such as spec.env, or JSON pointers such as /metadata/labels/a.b.")
          List<String> fields) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record SubstituteFrom(
      @Field(
              doc = "What it is.",
              allowed = {"ConfigMap", "Secret"},
              defaultValue = "\"ConfigMap\"")
          @Nullable String kind,
      @Field(doc = "The name of an object of the same namespace.") String name,
      @Field(doc = "Whether it need not be there.", defaultValue = "false")
          @Nullable Boolean optional) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Decryption(
      @Field(
              doc =
                  "A Secret of the same namespace with age keys in those of its keys that end in"
                      + " .agekey.")
          Keys secretRef) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Patch(
      @Field(doc = "A part of an object in YAML, or a JSON patch (RFC 6902).") String patch,
      @Field(doc = "Which objects; none: the one of the patch's kind and name.")
          @Nullable PatchTarget target) {}

  /** What is not given matches all. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record PatchTarget(
      @Field(doc = "A kind.") @Nullable String kind,
      @Field(doc = "A regular expression for the name.") @Nullable String name,
      @Field(doc = "A regular expression for the namespace.") @Nullable String namespace,
      @Field(doc = "Labels, such as app=web,tier.") @Nullable String labelSelector) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record ImageOverride(
      @Field(doc = "The image's name, without tag and digest.") String name,
      @Field(doc = "The name instead.") @Nullable String newName,
      @Field(doc = "The tag instead.") @Nullable String newTag,
      @Field(doc = "The digest instead, such as sha256:….") @Nullable String digest) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Webhook(
      @Field(doc = "A Secret of the same namespace; its key token is what the caller knows.")
          Keys secretRef) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record ImageUpdates(
      @Field(doc = "Whose commits they are.", defaultValue = "\"jctl\"")
          @Nullable String authorName,
      @Field(doc = "The author's address.", defaultValue = "\"jctl@localhost\"")
          @Nullable String authorEmail,
      @Field(doc = "The first line of their messages.") @Nullable String message) {}

  /** At least one of them. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Verify(
      @Field(doc = "A Secret of the same namespace with public keys.") @Nullable Keys secretRef,
      @Field(doc = "A ConfigMap of the same namespace with public keys.")
          @Nullable Keys configMapRef) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Keys(@Field(doc = "The object's name.") String name) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record HealthGate(
      @Field(doc = "How long all objects may take to become Ready.", defaultValue = "\"5m\"")
          @Nullable String timeout,
      @Field(
              doc = "What is done about a commit that does not become Ready in time.",
              allowed = {"Return", "Stay"},
              defaultValue = "\"Return\"")
          @Nullable String onFailure) {}
}
