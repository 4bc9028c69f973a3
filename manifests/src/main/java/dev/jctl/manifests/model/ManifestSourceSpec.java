package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.jctl.manifests.model.GitRepositorySpec.Decryption;
import dev.jctl.manifests.model.GitRepositorySpec.Dependency;
import dev.jctl.manifests.model.GitRepositorySpec.HealthGate;
import dev.jctl.manifests.model.GitRepositorySpec.IgnoredDrift;
import dev.jctl.manifests.model.GitRepositorySpec.ImageOverride;
import dev.jctl.manifests.model.GitRepositorySpec.Patch;
import dev.jctl.manifests.model.GitRepositorySpec.SubstituteFrom;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Manifests that are in no git repository, and how they are followed; exactly one of {@code
 * directory}, {@code archive}, {@code oci}.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ManifestSourceSpec(
    @Field(doc = "A directory on the controller's machine, an absolute path.")
        @Nullable String directory,
    @Field(doc = "A tar on the controller's machine, an absolute path; gzip or zstd is taken off.")
        @Nullable String archive,
    @Field(doc = "An artifact in a registry, of which the first layer is a tar.") @Nullable Oci oci,
    @Field(doc = "The directory with the manifests; those below it count.", defaultValue = "\".\"")
        @Nullable String path,
    @Field(
            doc = "How often it is looked at; files of the machine also when they change.",
            defaultValue = "\"1m\"")
        @Nullable String interval,
    @Field(doc = "The namespace of all objects, whatever they say.")
        @Nullable String targetNamespace,
    @Field(
            doc = "Whether what leaves the source is deleted, also with this object.",
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
    @Field(doc = "Changes to the objects of the source.") @Nullable List<Patch> patches,
    @Field(doc = "Other images, wherever one is named.", mapKeys = "name")
        @Nullable List<ImageOverride> images,
    @Field(
            doc = "Objects of which a condition must be True first.",
            mapKeys = {"kind", "name"})
        @Nullable List<Dependency> dependsOn,
    @Field(doc = "All objects of a revision must become Ready; else the last healthy one returns.")
        @Nullable HealthGate healthGate,
    @Field(doc = "Whether nothing is read and applied for now.") @Nullable Boolean suspend)
    implements FollowedSpec {

  /** As Flux has it in an OCIRepository. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Oci(
      @Field(doc = "oci://HOST/REPOSITORY.") String url,
      @Field(doc = "What is followed; none: the tag latest.") @Nullable Ref ref,
      @Field(
              doc =
                  "Secrets of the same namespace with the registry's credentials, of type"
                      + " kubernetes.io/dockerconfigjson or kubernetes.io/dockercfg.",
              mapKeys = "name")
          @Nullable List<LocalObjectReference> imagePullSecrets) {}

  /** At most one of them. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Ref(
      @Field(doc = "A tag.") @Nullable String tag,
      @Field(doc = "The highest tag in a range of versions, such as >=1.2.0 <2.0.0 or 1.x.")
          @Nullable String semver,
      @Field(doc = "A digest, sha256:….") @Nullable String digest) {}
}
