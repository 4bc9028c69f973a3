package dev.jctl.images.tree;

import java.util.List;

/** Which files ADD unpacks. */
final class Archives {
  private static final List<String> ENDINGS =
      List.of(".tar", ".tar.gz", ".tgz", ".tar.zst", ".tar.xz", ".txz", ".tar.bz2", ".tbz2");

  private Archives() {}

  /** By name: the content is looked at when it is unpacked. */
  static boolean isOne(String name) {
    return ENDINGS.stream().anyMatch(name::endsWith);
  }
}
