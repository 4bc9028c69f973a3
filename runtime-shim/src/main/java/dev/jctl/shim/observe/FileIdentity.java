package dev.jctl.shim.observe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Which file it is, whatever it is called, inode(7). */
public record FileIdentity(long device, long inode) {
  /** Links are followed. */
  public static FileIdentity of(Path path) throws IOException {
    return new FileIdentity(
        (Long) Files.getAttribute(path, "unix:dev"), (Long) Files.getAttribute(path, "unix:ino"));
  }
}
