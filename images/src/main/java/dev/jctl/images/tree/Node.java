package dev.jctl.images.tree;

import dev.jctl.images.LayerArchive.Attributes;

/**
 * One file of a tree, without its content.
 *
 * @param layer number of the layer that has it
 * @param ordinal which entry of that layer has the content: names that share it are one file
 * @param digest of a file's content where it was asked for, else empty
 */
record Node(Kind kind, Attributes attributes, int layer, int ordinal, String digest) {
  /** What it is. */
  sealed interface Kind {
    record Directory() implements Kind {}

    record File(long size) implements Kind {}

    record Symlink(String target) implements Kind {}

    record Fifo() implements Kind {}

    record Device(boolean block, int major, int minor) implements Kind {}
  }

  boolean isDirectory() {
    return kind instanceof Kind.Directory;
  }

  /** Whether two names are one file. */
  boolean isSameFile(Node other) {
    return layer == other.layer && ordinal == other.ordinal;
  }
}
