package dev.jctl.shim.plan;

import java.util.Set;
import java.util.regex.Pattern;

/** Which kernel parameters belong to a namespace, so that setting them does not change the host. */
public final class Sysctls {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_]+([./-][A-Za-z0-9_]+)*");
  private static final Set<String> IPC =
      Set.of(
          "kernel.sem",
          "kernel.shmall",
          "kernel.shmmax",
          "kernel.shmmni",
          "kernel.shm_rmid_forced",
          "kernel.msgmax",
          "kernel.msgmnb",
          "kernel.msgmni");

  private Sysctls() {}

  /** Type of the one that a parameter belongs to; empty for none. */
  private static String namespace(String dotted) {
    // kernel.hostname is not taken, as by others: a container has its name by `hostname`
    if (dotted.equals("kernel.domainname")) {
      return "uts";
    }
    if (IPC.contains(dotted) || dotted.startsWith("fs.mqueue.")) {
      return "ipc";
    }
    return dotted.startsWith("net.") ? "network" : "";
  }

  /**
   * The file of a parameter.
   *
   * @param privateTypes namespace types that are not the host's
   */
  public static String path(String name, Set<String> privateTypes) {
    if (!NAME.matcher(name).matches()) {
      throw Invalid.of("sysctl " + name + " is no name of a kernel parameter");
    }
    String dotted = name.replace('/', '.');
    String needed = namespace(dotted);
    if (!privateTypes.contains(needed)) {
      throw Invalid.of(
          needed.isEmpty()
              ? "sysctl " + name + " belongs to no namespace, it would change the host"
              : "sysctl " + name + " needs a private " + needed + " namespace");
    }
    return "/proc/sys/" + dotted.replace('.', '/');
  }
}
