package dev.jctl.shim.spec;

import java.io.InputStream;
import java.util.Map;

/**
 * One entry of an image layer, in archive order. Paths are relative, without {@code .} or {@code
 * ..}; every one is resolved beneath the layer's root all the same.
 */
public sealed interface LayerEntry {
  String path();

  /**
   * @param mode permission bits with setuid, setgid and sticky (07777)
   * @param mtimeNanos since the epoch
   * @param xattrs names with prefix, {@code security.capability}
   */
  record Attributes(int mode, int uid, int gid, long mtimeNanos, Map<String, byte[]> xattrs) {
    public Attributes {
      xattrs = Lists.copy(xattrs);
    }
  }

  record Directory(String path, Attributes attributes) implements LayerEntry {}

  /**
   * {@code content} is read fully, exactly {@code size} bytes, before the next entry is asked for.
   */
  record File(String path, Attributes attributes, long size, InputStream content)
      implements LayerEntry {}

  record Symlink(String path, Attributes attributes, String target) implements LayerEntry {}

  /** {@code target}: path of an earlier entry of the same layer. */
  record HardLink(String path, String target) implements LayerEntry {}

  record Fifo(String path, Attributes attributes) implements LayerEntry {}

  record Device(String path, Attributes attributes, boolean block, int major, int minor)
      implements LayerEntry {}

  /** Hides {@code path} of the layers below. */
  record Whiteout(String path) implements LayerEntry {}

  /** Hides all that the layers below have in directory {@code path}. */
  record Opaque(String path) implements LayerEntry {}
}
