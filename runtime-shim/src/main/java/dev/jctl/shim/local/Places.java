package dev.jctl.shim.local;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** All paths of an instance. Ids are checked here, so none of them leads anywhere else. */
record Places(Path data, Path run) {
  /** Names of files in the directory of a container or of a sandbox. */
  static final String CONTAINER_RECORD = "container.json";

  static final String EXIT_RECORD = "exit.json";
  static final String SANDBOX_RECORD = "sandbox.json";

  private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9.-]{0,127}");

  private static String checked(String id) {
    if (!ID.matcher(id).matches()) {
      throw new RuntimeFailure(Reason.INVALID, "not an id: \"" + id + "\"");
    }
    return id;
  }

  Path instance() {
    return data.resolve("instance");
  }

  Path lock() {
    return data.resolve("shim.lock");
  }

  Path bootId() {
    return data.resolve("boot-id");
  }

  Path layers() {
    return data.resolve("layers");
  }

  /** The lowest layer of all root file systems. */
  Path mountPoints() {
    return data.resolve("mount-points");
  }

  Path containers() {
    return data.resolve("containers");
  }

  /** Of no container yet; renamed, so of the same file system. */
  Path preparedContainers() {
    return data.resolve("prepared-containers");
  }

  Path container(String id) {
    return containers().resolve(checked(id));
  }

  Path containerRecord(String id) {
    return container(id).resolve(CONTAINER_RECORD);
  }

  /** When it was let run; of its own, as the container's record is long. */
  Path startRecord(String id) {
    return container(id).resolve("started.json");
  }

  Path exitRecord(String id) {
    return container(id).resolve(EXIT_RECORD);
  }

  /** There while it is paused. */
  Path pauseRecord(String id) {
    return container(id).resolve("paused");
  }

  /** What of containers is not to be on a disk. */
  Path confidential() {
    return run.resolve("confidential");
  }

  Path confidentialRecord(String containerId) {
    return confidential().resolve(checked(containerId) + ".json");
  }

  Path sandboxes() {
    return data.resolve("sandboxes");
  }

  /** Of no sandbox yet. */
  Path preparedSandboxes() {
    return data.resolve("prepared-sandboxes");
  }

  Path sandbox(String id) {
    return sandboxes().resolve(checked(id));
  }

  Path sandboxRecord(String id) {
    return sandbox(id).resolve(SANDBOX_RECORD);
  }

  Path portsRecord(String sandboxId) {
    return sandbox(sandboxId).resolve("ports.json");
  }

  Path allNamespaces() {
    return run.resolve("netns");
  }

  /** Of one sandbox: files {@code net}, {@code ipc}, {@code uts}, {@code user}. */
  Path namespaces(String sandboxId) {
    return allNamespaces().resolve(checked(sandboxId));
  }

  /** Of no sandbox yet; no id of one begins with a dot. */
  Path preparedNamespaces(int slot) {
    return allNamespaces().resolve(".prepared-" + slot);
  }

  /** The same with users of their own. */
  Path preparedUsers(int slot) {
    return allNamespaces().resolve(".prepared-users-" + slot);
  }

  /** There for a moment, to see whether there can be such. */
  Path usersProbe() {
    return data.resolve("users-probe");
  }

  Path networks() {
    return data.resolve("networks");
  }

  Path networkRecord(String id) {
    return networks().resolve(checked(id) + ".json");
  }

  Path services() {
    return data.resolve("services");
  }

  Path serviceRecord(String id) {
    return services().resolve(checked(id) + ".json");
  }

  Path restrictions() {
    return data.resolve("restrictions");
  }

  Path restrictionRecord(String sandboxId) {
    return restrictions().resolve(checked(sandboxId) + ".json");
  }

  Path volumeRecords() {
    return data.resolve("volume-specs");
  }

  Path volumeRecord(String id) {
    return volumeRecords().resolve(checked(id) + ".json");
  }

  /** Of one in memory: which directory it begins with, as long as this boot lasts. */
  Path volumeRoot(String id) {
    return volumeRecords().resolve(checked(id) + ".root");
  }

  Path localVolume(String id) {
    return data.resolve("volumes").resolve(checked(id));
  }

  Path mountedVolumes() {
    return run.resolve("volumes");
  }

  /** Where a process listens that keeps volumes. */
  Path plugin(String name) {
    return data.resolve("volume-plugins").resolve(checked(name) + ".sock");
  }

  Path mountedVolume(String id) {
    return mountedVolumes().resolve(checked(id));
  }

  /** Of volumes that are file systems of their own. */
  Path disks() {
    return data.resolve("disks");
  }

  Path diskFile(String id) {
    return disks().resolve(checked(id) + ".ext4");
  }

  Path snapshots() {
    return data.resolve("snapshots");
  }

  Path snapshot(String id) {
    return snapshots().resolve(checked(id));
  }

  Path socket() {
    return run.resolve("shim.sock");
  }
}
