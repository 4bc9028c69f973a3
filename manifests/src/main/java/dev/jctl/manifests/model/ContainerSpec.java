package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One container, alone in its Pod.
 *
 * @param image name of an Image in the same namespace; or a reference, which makes an Image owned
 *     by this Container
 * @param networks none: the namespace's default network
 * @param ports {@code hostPort} publishes it
 * @param volumeMounts {@code name} is that of a Volume in the same namespace
 * @param restartPolicy Always (the default), OnFailure or Never
 * @param stopSignal name; default from the image, else SIGTERM
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ContainerSpec(
    String image,
    @Nullable String imagePullPolicy,
    @Nullable List<String> command,
    @Nullable List<String> args,
    @Nullable String workingDir,
    @Nullable List<EnvVar> env,
    @Nullable List<NetworkRef> networks,
    @Nullable List<ContainerPort> ports,
    @Nullable List<VolumeMount> volumeMounts,
    @Nullable ResourceRequirements resources,
    @Nullable String restartPolicy,
    @Nullable Probe startupProbe,
    @Nullable Probe readinessProbe,
    @Nullable Probe livenessProbe,
    @Nullable SecurityContext securityContext,
    @Nullable Long terminationGracePeriodSeconds,
    @Nullable String stopSignal,
    @Nullable String hostname,
    @Nullable Boolean hostNetwork,
    @Nullable Boolean stdin,
    @Nullable Boolean tty) {

  /** {@code ip}: a static address, or null for one from the network's pool. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record NetworkRef(String name, @Nullable List<String> aliases, @Nullable String ip) {}
}
