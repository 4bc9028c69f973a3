package dev.jctl.controller.pod;

import dev.jctl.shim.spec.ContainerSpec.Manner;
import dev.jctl.shim.spec.ContainerSpec.Source;
import dev.jctl.shim.spec.ContainerSpec.VolumeMount;
import io.fabric8.kubernetes.api.model.HostPathVolumeSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which directories of the machine Pods may mount.
 *
 * @param prefixes absolute; empty: all
 */
record HostPaths(List<Path> prefixes) {
  static final HostPaths ALL = new HostPaths(List.of());

  HostPaths {
    prefixes = List.copyOf(prefixes);
  }

  /** A line each; without the file all are allowed, with an empty one none. */
  static HostPaths read(Path file) {
    try {
      List<Path> prefixes =
          Files.readAllLines(file).stream()
              .map(String::strip)
              .filter(line -> !line.isEmpty() && !line.startsWith("#"))
              .map(line -> Path.of("/").resolve(line).normalize())
              .toList();
      return new HostPaths(prefixes.isEmpty() ? List.of(Path.of("/nonexistent")) : prefixes);
    } catch (NoSuchFileException absent) {
      return ALL;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /** Empty when it may be mounted, else why not. */
  Optional<String> refusal(String path) {
    return prefixes.isEmpty() || prefix(path).isPresent()
        ? Optional.empty()
        : Optional.of(
            "hostPath "
                + path
                + " is not allowed on this machine; allowed is what is below "
                + String.join(", ", prefixes.stream().map(Path::toString).toList()));
  }

  private Optional<Path> prefix(String path) {
    Path asked = Path.of(path).normalize();
    return prefixes.stream()
        .filter(asked::startsWith)
        .max(Comparator.comparingInt(Path::getNameCount));
  }

  /**
   * The prefix is what is mounted, and the rest is resolved beneath it: no link in there, whoever
   * made it, leads out.
   */
  VolumeMount mount(
      HostPathVolumeSource source,
      String destination,
      boolean readOnly,
      String subPath,
      Manner manner) {
    String path = source.getPath();
    // what has a part that is mounted can only be a directory
    String kind = subPath.isEmpty() ? kind(source.getType()) : null;
    Optional<Path> prefix = prefix(path);
    if (prefix.isEmpty()) {
      return new VolumeMount(
          new Source.HostPath(path, kind), destination, readOnly, subPath, manner);
    }
    String rest = prefix.get().relativize(Path.of(path).normalize()).toString();
    String below = rest.isEmpty() || subPath.isEmpty() ? rest + subPath : rest + "/" + subPath;
    return new VolumeMount(
        new Source.HostPath(prefix.get().toString(), kind), destination, readOnly, below, manner);
  }

  private static @Nullable String kind(@Nullable String type) {
    return type == null || type.isEmpty() ? null : type;
  }
}
