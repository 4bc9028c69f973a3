package dev.jctl.shim.observe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Whose labels mean something on this host. */
public final class SecurityModules {
  private static final Path APPARMOR = Path.of("/sys/module/apparmor/parameters/enabled");
  private static final Path SELINUX = Path.of("/sys/fs/selinux/enforce");

  private SecurityModules() {}

  /** Some of {@code apparmor} and {@code selinux}. */
  public static List<String> inForce() {
    List<String> names = new ArrayList<>();
    try {
      if (Files.exists(APPARMOR) && Files.readString(APPARMOR).startsWith("Y")) {
        names.add("apparmor");
      }
    } catch (IOException unreadable) {
      // as if there were none: profiles are refused then
      names.remove("apparmor");
    }
    if (Files.exists(SELINUX)) {
      names.add("selinux");
    }
    return names;
  }
}
