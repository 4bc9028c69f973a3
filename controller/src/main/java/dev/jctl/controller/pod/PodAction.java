package dev.jctl.controller.pod;

import dev.jctl.controller.config.VolumeFiles;
import dev.jctl.shim.spec.ContainerSpec;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.PortSpec;
import dev.jctl.shim.spec.SandboxSpec;
import dev.jctl.shim.spec.VolumeSpec;
import java.util.List;

/** What is done towards a Pod as it should be. */
sealed interface PodAction extends PodStep {
  record EnsureEmptyDir(VolumeSpec volume) implements PodAction {}

  /** Puts back what others changed. One that fails keeps nothing else from being done. */
  sealed interface Repair extends PodAction {
    String NETWORKS = "spec.networks";
    String VOLUMES = "spec.volumes";

    /** Of a Container. */
    String field();

    /** What others changed, in words. */
    List<String> drift();
  }

  /** That was unmounted by others while the Pod was there. */
  record RepairEmptyDir(VolumeSpec volume) implements Repair {
    @Override
    public String field() {
      return VOLUMES;
    }

    @Override
    public List<String> drift() {
      return List.of(volume.id() + " was not mounted");
    }
  }

  /** Makes the volume as well, if it is not there. */
  record WriteFiles(VolumeFiles content) implements PodAction {}

  record CreateSandbox(SandboxSpec spec) implements PodAction {}

  /** Under what runs in it. {@code fields}: what is different. */
  record UpdateSandbox(SandboxSpec spec, List<String> fields) implements PodAction {
    public UpdateSandbox {
      fields = List.copyOf(fields);
    }
  }

  record RepairSandbox(String sandboxId, List<String> drift) implements Repair {
    public RepairSandbox {
      drift = List.copyOf(drift);
    }

    @Override
    public String field() {
      return NETWORKS;
    }
  }

  /** With all that is in it. */
  record RemoveSandbox(String sandboxId, String why) implements PodAction {}

  record PublishPorts(String sandboxId, List<PortSpec> ports) implements PodAction {
    public PublishPorts {
      ports = List.copyOf(ports);
    }
  }

  record RunContainer(ContainerSpec spec, String name) implements PodAction {}

  /** One that somebody was about to run. */
  record StartContainer(String containerId, String name) implements PodAction {}

  /** Asks them to end, then kills. Takes up to the grace period: done in the background. */
  record StopContainers(List<String> containerIds, long graceSeconds, String why)
      implements PodAction {
    public StopContainers {
      containerIds = List.copyOf(containerIds);
    }
  }

  /** None of its processes runs until it is resumed. */
  record PauseContainer(String containerId, String name) implements PodAction {}

  record ResumeContainer(String containerId, String name) implements PodAction {}

  /** Its logs stay. */
  record RemoveContainer(String containerId) implements PodAction {}

  record UpdateResources(String containerId, String name, OciSpec.Resources resources)
      implements PodAction {}

  /** Sends a signal, as what it is configured by has other content. */
  record TellConfig(String containerId, String name, OnConfigChange.Send signal, String digest)
      implements PodAction {}

  record RepairMounts(String containerId, List<String> destinations) implements Repair {
    public RepairMounts {
      destinations = List.copyOf(destinations);
    }

    @Override
    public String field() {
      return VOLUMES;
    }

    @Override
    public List<String> drift() {
      return destinations.stream().map(d -> d + " was not mounted").toList();
    }
  }

  /** Volumes that die with the Pod, and its logs. */
  record RemoveLeftovers(List<String> volumeIds) implements PodAction {
    public RemoveLeftovers {
      volumeIds = List.copyOf(volumeIds);
    }
  }

  /** What there is of a Pod that has ended for good, but for its logs. */
  record Vacate(String sandboxId, List<String> volumeIds) implements PodAction {
    public Vacate {
      volumeIds = List.copyOf(volumeIds);
    }
  }

  /** Lets the object go. */
  record Release() implements PodAction {}
}
