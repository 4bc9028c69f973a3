package dev.jctl.manifests.model;

import dev.jctl.manifests.model.GitRepositorySpec.Decryption;
import dev.jctl.manifests.model.GitRepositorySpec.Dependency;
import dev.jctl.manifests.model.GitRepositorySpec.HealthGate;
import dev.jctl.manifests.model.GitRepositorySpec.IgnoredDrift;
import dev.jctl.manifests.model.GitRepositorySpec.ImageOverride;
import dev.jctl.manifests.model.GitRepositorySpec.Patch;
import dev.jctl.manifests.model.GitRepositorySpec.SubstituteFrom;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is the same of all that manifests are followed from; the fields are told there. */
public sealed interface FollowedSpec permits GitRepositorySpec, ManifestSourceSpec {
  @Nullable String path();

  @Nullable String interval();

  @Nullable String targetNamespace();

  @Nullable Boolean prune();

  @Nullable String driftPolicy();

  @Nullable List<IgnoredDrift> ignoreDrift();

  @Nullable Map<String, String> substitute();

  @Nullable List<SubstituteFrom> substituteFrom();

  @Nullable Decryption decryption();

  @Nullable List<Patch> patches();

  @Nullable List<ImageOverride> images();

  @Nullable List<Dependency> dependsOn();

  @Nullable HealthGate healthGate();

  @Nullable Boolean suspend();
}
