package dev.jctl.controller.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.ServiceAccountTokenProjection;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A token of its ServiceAccount that a Pod asks for, wherever it is to be.
 *
 * @param audience empty for the API's own
 */
public record ProjectedToken(String audience, Duration lifetime) {
  private static final long DEFAULT_SECONDS = 3600;

  static ProjectedToken of(ServiceAccountTokenProjection source) {
    return new ProjectedToken(
        Objects.requireNonNullElse(source.getAudience(), ""),
        Duration.ofSeconds(
            Objects.requireNonNullElse(source.getExpirationSeconds(), DEFAULT_SECONDS)));
  }

  /**
   * Whether a Pod asks for one that the API takes.
   *
   * @param spec of the Pod
   */
  public static boolean isForApi(JsonNode spec) {
    return spec.path("volumes")
        .valueStream()
        .flatMap(volume -> volume.at("/projected/sources").valueStream())
        .filter(source -> source.has("serviceAccountToken"))
        .anyMatch(source -> source.at("/serviceAccountToken/audience").asText("").isEmpty());
  }

  /** Those of all volumes of a Pod. */
  public static Set<ProjectedToken> of(PodSpec spec) {
    return ConfigReferences.list(spec.getVolumes()).stream()
        .map(Volume::getProjected)
        .filter(Objects::nonNull)
        .flatMap(projected -> ConfigReferences.list(projected.getSources()).stream())
        .map(VolumeProjection::getServiceAccountToken)
        .filter(Objects::nonNull)
        .map(ProjectedToken::of)
        .collect(Collectors.toSet());
  }
}
