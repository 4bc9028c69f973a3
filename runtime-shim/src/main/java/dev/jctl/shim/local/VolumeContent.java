package dev.jctl.shim.local;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.io.Trees;
import dev.jctl.shim.spec.VolumeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Files of a volume that change all at once, laid out as by kubelet: {@code ..data} is a link to
 * the directory that counts, and each name a link into it. Who reads sees the old or the new.
 */
final class VolumeContent {
  private static final String CURRENT = "..data";
  private static final String VERSION = "..data.";

  private VolumeContent() {}

  /** Does nothing when the volume has these files, so that nobody is told of a change. */
  static void write(Path volume, List<VolumeFile> files) {
    files.forEach(VolumeContent::check);
    try {
      List<VolumeFile> wanted = isShared(volume) ? readableByGroup(files) : files;
      if (!describe(volume.resolve(CURRENT)).equals(describe(wanted))) {
        replace(volume, wanted);
      }
    } catch (IOException e) {
      throw RecordFiles.failure("write files of volume " + volume, e);
    }
  }

  /** Files that are made in it belong to its group, as those in them that were there do. */
  private static boolean isShared(Path volume) throws IOException {
    return ((int) Files.getAttribute(volume, "unix:mode") & SharedTree.SETGID) != 0;
  }

  private static List<VolumeFile> readableByGroup(List<VolumeFile> files) {
    return files.stream()
        .map(f -> new VolumeFile(f.path(), f.mode() | SharedTree.Rights.READ.file, f.base64()))
        .toList();
  }

  private static void check(VolumeFile file) {
    Path path = Path.of(file.path());
    boolean within =
        !path.isAbsolute() && path.equals(path.normalize()) && !file.path().startsWith("..");
    if (!within || file.path().isEmpty()) {
      throw new RuntimeFailure(
          Reason.INVALID, "not a path within a volume: \"" + file.path() + "\"");
    }
  }

  private static Map<String, String> describe(List<VolumeFile> files) {
    Map<String, String> described = new HashMap<>();
    files.forEach(f -> described.put(f.path(), f.mode() + " " + f.base64()));
    return described;
  }

  private static Map<String, String> describe(Path current) throws IOException {
    Map<String, String> described = new HashMap<>();
    if (!Files.isDirectory(current)) {
      described.put("", "absent");
      return described;
    }
    Path root = current.toRealPath();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        int mode = (int) Files.getAttribute(file, "unix:mode") & 07777;
        String content = Base64.getEncoder().encodeToString(Files.readAllBytes(file));
        described.put(root.relativize(file).toString(), mode + " " + content);
      }
    }
    return described;
  }

  private static void replace(Path volume, List<VolumeFile> files) throws IOException {
    Path version = volume.resolve(VERSION + Long.toHexString(System.nanoTime()));
    Files.createDirectory(version);
    for (VolumeFile file : files) {
      Path path = version.resolve(file.path());
      Files.createDirectories(path.getParent());
      Files.write(path, Base64.getDecoder().decode(file.base64()));
      Files.setAttribute(path, "unix:mode", file.mode() & 07777);
    }
    openDirectories(version);
    Path aside = volume.resolve("..data_new");
    Files.deleteIfExists(aside);
    Files.createSymbolicLink(aside, version.getFileName());
    Files.move(aside, volume.resolve(CURRENT), StandardCopyOption.ATOMIC_MOVE);
    link(volume, files);
    for (Path entry : RecordFiles.entries(volume)) {
      if (entry.getFileName().toString().startsWith(VERSION) && !entry.equals(version)) {
        Trees.delete(entry);
      }
    }
  }

  /** Whatever user the container has: the files have modes of their own. */
  private static void openDirectories(Path version) throws IOException {
    try (Stream<Path> all = Files.walk(version)) {
      for (Path directory : all.filter(Files::isDirectory).toList()) {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
    }
  }

  /** The first step of each path, and no other. */
  private static void link(Path volume, List<VolumeFile> files) throws IOException {
    Set<String> names =
        files.stream()
            .map(f -> Path.of(f.path()).getName(0).toString())
            .collect(Collectors.toSet());
    for (String name : names) {
      Path link = volume.resolve(name);
      if (!Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
        Files.createSymbolicLink(link, Path.of(CURRENT, name));
      }
    }
    for (Path entry : RecordFiles.entries(volume)) {
      String name = entry.getFileName().toString();
      if (!name.startsWith(CURRENT) && !names.contains(name)) {
        Files.delete(entry);
      }
    }
  }
}
