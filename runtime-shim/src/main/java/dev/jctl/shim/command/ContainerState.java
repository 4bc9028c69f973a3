package dev.jctl.shim.command;

import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a container.
 *
 * @param pid 0 while it is being made
 * @param startTicks of that process, field 22 of {@code /proc/PID/stat}
 */
record ContainerState(
    String id,
    String ociVersion,
    Path bundle,
    Path rootfs,
    int pid,
    long startTicks,
    Instant created,
    String owner,
    CgroupsPath cgroups,
    Map<String, String> annotations) {
  ContainerState {
    annotations = Map.copyOf(annotations);
  }

  /** As the runtime specification names them; {@code paused} is this runtime's. */
  enum Status {
    CREATING,
    CREATED,
    RUNNING,
    PAUSED,
    STOPPED;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  ContainerState withProcess(int newPid, long newTicks) {
    return new ContainerState(
        id, ociVersion, bundle, rootfs, newPid, newTicks, created, owner, cgroups, annotations);
  }

  static ContainerState parse(String what, String text) {
    Fields fields = Fields.of(what, JsonTree.parse(what, text));
    return new ContainerState(
        fields.requiredText("id"),
        fields.requiredText("ociVersion"),
        Path.of(fields.requiredText("bundle")),
        Path.of(fields.requiredText("rootfs")),
        (int) fields.requiredNumber("pid"),
        fields.requiredNumber("startTicks"),
        Instant.parse(fields.requiredText("created")),
        fields.requiredText("owner"),
        new CgroupsPath(
            Objects.requireNonNullElse(fields.text("cgroupsAbove"), ""),
            fields.requiredText("cgroupsName")),
        fields.textMap("annotations"));
  }

  String text() {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("id", id);
    tree.put("ociVersion", ociVersion);
    tree.put("bundle", bundle);
    tree.put("rootfs", rootfs);
    tree.put("pid", pid);
    tree.put("startTicks", startTicks);
    tree.put("created", created);
    tree.put("owner", owner);
    tree.put("cgroupsAbove", cgroups.above());
    tree.put("cgroupsName", cgroups.name());
    tree.put("annotations", annotations);
    return JsonTree.line(tree);
  }

  /**
   * For others.
   *
   * @see <a
   *     href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/runtime.md#state">runtime.md</a>
   */
  Map<String, @Nullable Object> published(Status status) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("ociVersion", ociVersion);
    tree.put("id", id);
    tree.put("pid", status == Status.STOPPED ? 0 : pid);
    tree.put("status", status.text());
    tree.put("bundle", bundle);
    tree.put("rootfs", rootfs);
    tree.put("created", created);
    tree.put("annotations", new TreeMap<>(annotations));
    tree.put("owner", owner);
    return tree;
  }
}
