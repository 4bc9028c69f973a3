package dev.jctl.shim.network;

import dev.jctl.shim.dns.ResolvConf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.function.Supplier;

/** How the host asks for names, read again when the file has changed. */
public final class HostResolvConf implements Supplier<ResolvConf> {
  private static final ResolvConf NOBODY = new ResolvConf(List.of(), List.of(), List.of());

  private final Path file;
  private FileTime readOf = FileTime.fromMillis(-1);
  private ResolvConf known = NOBODY;

  public HostResolvConf(Path file) {
    this.file = file;
  }

  @Override
  public synchronized ResolvConf get() {
    try {
      FileTime changed = Files.getLastModifiedTime(file);
      if (!changed.equals(readOf)) {
        known = ResolvConf.parse(Files.readString(file));
        readOf = changed;
      }
      return known;
    } catch (IOException e) {
      return NOBODY;
    }
  }
}
