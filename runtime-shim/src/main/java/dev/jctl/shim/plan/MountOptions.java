package dev.jctl.shim.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Mount options of the OCI spec, taken apart.
 *
 * @param flags MS_ bits
 * @param data what the file system itself reads, comma-separated
 * @see <a href="https://man7.org/linux/man-pages/man8/mount.8.html">mount(8)</a>
 */
record MountOptions(long flags, String data) {
  static final long MS_RDONLY = 1;
  static final long MS_BIND = 4096;
  static final long MS_REC = 16384;
  private static final long PRIVATE = 1L << 18;

  private static final Map<String, Long> FLAGS =
      Map.ofEntries(
          Map.entry("ro", MS_RDONLY),
          Map.entry("nosuid", 2L),
          Map.entry("nodev", 4L),
          Map.entry("noexec", 8L),
          Map.entry("sync", 16L),
          Map.entry("dirsync", 128L),
          Map.entry("noatime", 1024L),
          Map.entry("nodiratime", 2048L),
          Map.entry("bind", MS_BIND),
          Map.entry("rbind", MS_BIND | MS_REC),
          Map.entry("relatime", 1L << 21),
          Map.entry("strictatime", 1L << 24));
  // all mounts of a container are private already
  private static final List<String> WITHOUT_EFFECT =
      List.of("rw", "suid", "dev", "exec", "private", "rprivate", "async", "atime", "defaults");

  static MountOptions parse(List<String> options) {
    long flags = 0;
    List<String> data = new ArrayList<>();
    for (String option : options) {
      Long flag = FLAGS.get(option);
      if (flag != null) {
        flags |= flag;
      } else if (!WITHOUT_EFFECT.contains(option)) {
        data.add(option);
      }
    }
    return new MountOptions(flags & ~PRIVATE, String.join(",", data));
  }

  boolean bind() {
    return (flags & MS_BIND) != 0;
  }

  boolean readOnly() {
    return (flags & MS_RDONLY) != 0;
  }
}
