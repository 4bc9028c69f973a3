package dev.jctl.shim.layer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A layer of our own, to be the lowest of every root file system: what most containers have
 * something mounted on, so that images without it do not get it in each container anew. Names that
 * an image has, or has deleted, are the image's.
 */
public final class MountPoints {
  private static final List<String> DIRECTORIES = List.of("dev", "etc", "proc", "sys");
  private static final List<String> FILES = List.of("etc/hosts", "etc/hostname", "etc/resolv.conf");

  private MountPoints() {}

  /** Makes what is missing in that directory. */
  public static void make(Path directory) throws IOException {
    for (String name : DIRECTORIES) {
      Files.createDirectories(directory.resolve(name));
    }
    for (String name : FILES) {
      if (!Files.exists(directory.resolve(name))) {
        Files.createFile(directory.resolve(name));
      }
    }
  }
}
