package dev.jctl.shim.rpc;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.spec.ContainerSpec;
import dev.jctl.shim.spec.NetworkSpec;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.PortSpec;
import dev.jctl.shim.spec.Restriction;
import dev.jctl.shim.spec.SandboxSpec;
import dev.jctl.shim.spec.ServiceSpec;
import dev.jctl.shim.spec.SnapshotSpec;
import dev.jctl.shim.spec.VolumeFile;
import dev.jctl.shim.spec.VolumeSource;
import dev.jctl.shim.spec.VolumeSpec;
import java.time.Duration;
import java.util.List;

/** One method of {@link dev.jctl.shim.ContainerRuntime} with its arguments. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "call")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Call.Host.class, name = "host"),
  @JsonSubTypes.Type(value = Call.Layers.class, name = "layers"),
  @JsonSubTypes.Type(value = Call.RemoveLayer.class, name = "removeLayer"),
  @JsonSubTypes.Type(value = Call.EnsureNetwork.class, name = "ensureNetwork"),
  @JsonSubTypes.Type(value = Call.RemoveNetwork.class, name = "removeNetwork"),
  @JsonSubTypes.Type(value = Call.Networks.class, name = "networks"),
  @JsonSubTypes.Type(value = Call.PublishPorts.class, name = "publishPorts"),
  @JsonSubTypes.Type(value = Call.EnsureService.class, name = "ensureService"),
  @JsonSubTypes.Type(value = Call.RemoveService.class, name = "removeService"),
  @JsonSubTypes.Type(value = Call.Services.class, name = "services"),
  @JsonSubTypes.Type(value = Call.Restrict.class, name = "restrict"),
  @JsonSubTypes.Type(value = Call.Unrestrict.class, name = "unrestrict"),
  @JsonSubTypes.Type(value = Call.Restrictions.class, name = "restrictions"),
  @JsonSubTypes.Type(value = Call.RepairPorts.class, name = "repairPorts"),
  @JsonSubTypes.Type(value = Call.Ports.class, name = "ports"),
  @JsonSubTypes.Type(value = Call.EnsureVolume.class, name = "ensureVolume"),
  @JsonSubTypes.Type(value = Call.WriteVolume.class, name = "writeVolume"),
  @JsonSubTypes.Type(value = Call.RemoveVolume.class, name = "removeVolume"),
  @JsonSubTypes.Type(value = Call.Volumes.class, name = "volumes"),
  @JsonSubTypes.Type(value = Call.VolumeUsage.class, name = "volumeUsage"),
  @JsonSubTypes.Type(value = Call.PopulateVolume.class, name = "populateVolume"),
  @JsonSubTypes.Type(value = Call.CreateSnapshot.class, name = "createSnapshot"),
  @JsonSubTypes.Type(value = Call.RemoveSnapshot.class, name = "removeSnapshot"),
  @JsonSubTypes.Type(value = Call.Snapshots.class, name = "snapshots"),
  @JsonSubTypes.Type(value = Call.CreateSandbox.class, name = "createSandbox"),
  @JsonSubTypes.Type(value = Call.UpdateSandbox.class, name = "updateSandbox"),
  @JsonSubTypes.Type(value = Call.RepairSandbox.class, name = "repairSandbox"),
  @JsonSubTypes.Type(value = Call.RemoveSandbox.class, name = "removeSandbox"),
  @JsonSubTypes.Type(value = Call.Sandbox.class, name = "sandbox"),
  @JsonSubTypes.Type(value = Call.Sandboxes.class, name = "sandboxes"),
  @JsonSubTypes.Type(value = Call.CreateContainer.class, name = "createContainer"),
  @JsonSubTypes.Type(value = Call.RunContainer.class, name = "runContainer"),
  @JsonSubTypes.Type(value = Call.RunFirst.class, name = "runFirst"),
  @JsonSubTypes.Type(value = Call.StartContainer.class, name = "startContainer"),
  @JsonSubTypes.Type(value = Call.SignalContainer.class, name = "signalContainer"),
  @JsonSubTypes.Type(value = Call.StopContainer.class, name = "stopContainer"),
  @JsonSubTypes.Type(value = Call.PauseContainer.class, name = "pauseContainer"),
  @JsonSubTypes.Type(value = Call.ResumeContainer.class, name = "resumeContainer"),
  @JsonSubTypes.Type(value = Call.RemoveContainer.class, name = "removeContainer"),
  @JsonSubTypes.Type(value = Call.UpdateResources.class, name = "updateResources"),
  @JsonSubTypes.Type(value = Call.RepairMounts.class, name = "repairMounts"),
  @JsonSubTypes.Type(value = Call.Container.class, name = "container"),
  @JsonSubTypes.Type(value = Call.Usage.class, name = "usage"),
  @JsonSubTypes.Type(value = Call.RemoveLogs.class, name = "removeLogs"),
  @JsonSubTypes.Type(value = Call.UnpackLayer.class, name = "unpackLayer"),
  @JsonSubTypes.Type(value = Call.Changes.class, name = "changes"),
  @JsonSubTypes.Type(value = Call.Exec.class, name = "exec"),
  @JsonSubTypes.Type(value = Call.Attach.class, name = "attach"),
  @JsonSubTypes.Type(value = Call.Connect.class, name = "connect"),
  @JsonSubTypes.Type(value = Call.Subscribe.class, name = "subscribe")
})
sealed interface Call {
  /** Answered by one frame; the connection can be used again. */
  sealed interface Unary extends Call {}

  /** Takes its connection over. */
  sealed interface Streaming extends Call {}

  record Host() implements Unary {}

  record Layers() implements Unary {}

  record RemoveLayer(String layerId) implements Unary {}

  record EnsureNetwork(NetworkSpec network) implements Unary {}

  record RemoveNetwork(String networkId) implements Unary {}

  record Networks() implements Unary {}

  record PublishPorts(String sandboxId, List<PortSpec> ports) implements Unary {}

  record EnsureService(ServiceSpec service) implements Unary {}

  record RemoveService(String serviceId) implements Unary {}

  record Services() implements Unary {}

  record Restrict(Restriction restriction) implements Unary {}

  record Unrestrict(String sandboxId) implements Unary {}

  record Restrictions() implements Unary {}

  record RepairPorts() implements Unary {}

  record Ports() implements Unary {}

  record EnsureVolume(VolumeSpec volume) implements Unary {}

  record WriteVolume(String volumeId, List<VolumeFile> files) implements Unary {}

  record RemoveVolume(String volumeId) implements Unary {}

  record Volumes() implements Unary {}

  record VolumeUsage(String volumeId) implements Unary {}

  record PopulateVolume(VolumeSpec volume, VolumeSource source) implements Unary {}

  record CreateSnapshot(SnapshotSpec snapshot) implements Unary {}

  record RemoveSnapshot(String snapshotId) implements Unary {}

  record Snapshots() implements Unary {}

  record CreateSandbox(SandboxSpec sandbox) implements Unary {}

  record UpdateSandbox(SandboxSpec sandbox) implements Unary {}

  record RepairSandbox(String sandboxId) implements Unary {}

  record RemoveSandbox(String sandboxId) implements Unary {}

  record Sandbox(String sandboxId) implements Unary {}

  record Sandboxes() implements Unary {}

  record CreateContainer(ContainerSpec container) implements Unary {}

  record RunContainer(ContainerSpec container) implements Unary {}

  record RunFirst(SandboxSpec sandbox, ContainerSpec container) implements Unary {}

  record StartContainer(String containerId) implements Unary {}

  record SignalContainer(String containerId, int signal) implements Unary {}

  record StopContainer(String containerId, Duration grace) implements Unary {}

  record PauseContainer(String containerId) implements Unary {}

  record ResumeContainer(String containerId) implements Unary {}

  record RemoveContainer(String containerId) implements Unary {}

  record UpdateResources(String containerId, OciSpec.Resources resources) implements Unary {}

  record RepairMounts(String containerId) implements Unary {}

  record Container(String containerId) implements Unary {}

  record Usage(String containerId) implements Unary {}

  record RemoveLogs(String logDirectory) implements Unary {}

  /** Followed by {@link FrameType#ENTRY} frames, each file's content, and an END. */
  record UnpackLayer(String layerId) implements Streaming {}

  /** Answered by {@link FrameType#ENTRY} frames, each file's content, and an END. */
  record Changes(String containerId, ContainerRuntime.Reading reading) implements Streaming {}

  record Exec(String containerId, OciSpec.Process process) implements Streaming {}

  record Attach(String containerId) implements Streaming {}

  /** After the result the connection is the plain byte stream. */
  record Connect(String sandboxId, String host, int port, Duration timeout) implements Streaming {}

  record Subscribe() implements Streaming {}
}
