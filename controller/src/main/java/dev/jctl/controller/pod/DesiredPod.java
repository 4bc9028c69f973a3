package dev.jctl.controller.pod;

import dev.jctl.controller.config.VolumeFiles;
import dev.jctl.controller.pod.Resolution.Waiting;
import dev.jctl.controller.probe.ProbeSpec;
import dev.jctl.shim.spec.ContainerSpec;
import dev.jctl.shim.spec.PortSpec;
import dev.jctl.shim.spec.SandboxSpec;
import dev.jctl.shim.spec.VolumeSpec;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A Pod with everything that it refers to resolved.
 *
 * @param sandbox its labels hold the hashes of its parts
 * @param emptyDirs volumes that live and die with the Pod
 * @param files volumes that do so as well, whose content is given
 * @param paused none of its processes is to run
 * @param whole whether all of its main containers are among {@code containers}
 * @param awaiting why containers, by name, cannot be started yet; ephemeral ones that wait, and
 *     main ones without an image, are not among {@code containers}
 * @param renewal when content of {@code files} is to be made anew
 */
record DesiredPod(
    SandboxSpec sandbox,
    List<DesiredContainer> containers,
    RestartPolicy restartPolicy,
    List<PortSpec> ports,
    List<VolumeSpec> emptyDirs,
    List<VolumeFiles> files,
    OnConfigChange onConfigChange,
    boolean paused,
    boolean whole,
    Map<String, Waiting> awaiting,
    Optional<Instant> renewal) {
  DesiredPod {
    containers = List.copyOf(containers);
    ports = List.copyOf(ports);
    emptyDirs = List.copyOf(emptyDirs);
    files = List.copyOf(files);
    awaiting = Map.copyOf(awaiting);
  }

  /**
   * @param template without id and attempt; its labels hold the hashes of its parts
   * @param target the container whose processes it sees; empty: only its own
   */
  record DesiredContainer(
      String name,
      ContainerRole role,
      ContainerSpec template,
      List<ProbeSpec> probes,
      String target) {
    DesiredContainer {
      probes = List.copyOf(probes);
    }
  }

  List<DesiredContainer> initContainers() {
    return containers.stream()
        .filter(c -> c.role() == ContainerRole.INIT || c.role() == ContainerRole.SIDECAR)
        .toList();
  }

  List<DesiredContainer> mainContainers() {
    return containers.stream().filter(c -> c.role() == ContainerRole.MAIN).toList();
  }

  List<DesiredContainer> ephemeralContainers() {
    return containers.stream().filter(c -> c.role() == ContainerRole.EPHEMERAL).toList();
  }
}
