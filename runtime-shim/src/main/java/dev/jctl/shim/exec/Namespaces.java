package dev.jctl.shim.exec;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.LibC;
import dev.jctl.shim.kernel.NativeMemory;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.SandboxSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The shared namespaces of a sandbox, held by bind mounts: no process keeps them. */
final class Namespaces {
  static final int NEWNS = 0x00020000;
  static final int NEWCGROUP = 0x02000000;
  static final int NEWUTS = 0x04000000;
  static final int NEWIPC = 0x08000000;
  static final int NEWPID = 0x20000000;
  static final int NEWNET = 0x40000000;
  static final int CLONE_FS = 0x200;

  private static final Map<String, Integer> FLAGS =
      Map.of(
          "mount", NEWNS, "cgroup", NEWCGROUP, "uts", NEWUTS, "ipc", NEWIPC, "pid", NEWPID,
          "network", NEWNET);
  private static final List<String> FILES = List.of("net", "ipc", "uts");
  private static final int AF_INET = 2;
  private static final int SOCK_DGRAM = 2;
  private static final long SIOCSIFFLAGS = 0x8914;
  private static final short UP_AND_RUNNING = 0x41;

  private Namespaces() {}

  /** The CLONE_NEW flag of an OCI namespace type. */
  static int flag(OciSpec.Namespace namespace) {
    Integer flag = FLAGS.get(namespace.type());
    if (flag == null) {
      throw new RuntimeFailure(
          RuntimeFailure.Reason.INVALID,
          "linux.namespaces: type \"" + namespace.type() + "\" is not supported yet");
    }
    return flag;
  }

  static void create(SandboxSpec sandbox, Path directory) {
    List<String> files = own(sandbox);
    NamespaceThread.call(
        "sandbox " + sandbox.id(),
        () -> {
          Kernel.unshare(
              files.stream().mapToInt(Namespaces::flagOfFile).reduce(0, (a, b) -> a | b));
          if (files.contains("uts")) {
            Kernel.sethostname(sandbox.hostname());
          }
          if (files.contains("net")) {
            loopbackUp();
          }
          sandbox.sysctls().forEach(Namespaces::sysctl);
          files.forEach(f -> bind(f, directory.resolve(f)));
          return files;
        });
  }

  private static List<String> own(SandboxSpec sandbox) {
    List<String> files = new ArrayList<>(FILES);
    if (sandbox.hostNamespaces().contains(SandboxSpec.HostNamespace.NETWORK)) {
      // a host network goes with the host's name, as in Kubernetes
      files.removeAll(List.of("net", "uts"));
    }
    if (sandbox.hostNamespaces().contains(SandboxSpec.HostNamespace.IPC)) {
      files.remove("ipc");
    }
    return files;
  }

  private static int flagOfFile(String file) {
    return switch (file) {
      case "net" -> NEWNET;
      case "ipc" -> NEWIPC;
      case "uts" -> NEWUTS;
      default -> throw new IllegalArgumentException(file);
    };
  }

  /** netdevice(7): {@code struct ifreq} with name and flags. */
  private static void loopbackUp() {
    int socket = (int) Kernel.check(LibC.INSTANCE.socket(AF_INET, SOCK_DGRAM, 0), "socket");
    try {
      NativeMemory request = NativeMemory.allocate(40);
      request.putBytes(0, new byte[] {'l', 'o'});
      request.putInt(16, UP_AND_RUNNING);
      Kernel.check(LibC.INSTANCE.ioctl(socket, SIOCSIFFLAGS, request.pointer()), "bring up lo");
    } finally {
      Kernel.close(socket);
    }
  }

  private static void sysctl(String name, String value) {
    try {
      Files.writeString(Path.of("/proc/sys/" + name.replace('.', '/')), value);
    } catch (IOException e) {
      throw new RuntimeFailure(
          RuntimeFailure.Reason.INVALID,
          "sysctl " + name + " cannot be set to " + value + ": " + e.getMessage(),
          e);
    }
  }

  private static void bind(String file, Path target) {
    try {
      Files.createFile(target);
    } catch (IOException e) {
      throw new RuntimeFailure(
          RuntimeFailure.Reason.KERNEL, "cannot make " + target + ": " + e.getMessage(), e);
    }
    Kernel.mount("/proc/thread-self/ns/" + file, target.toString(), null, Kernel.MS_BIND, null);
  }

  static void remove(Path directory) {
    for (String file : FILES) {
      Path path = directory.resolve(file);
      try {
        Kernel.umount(path.toString(), Kernel.MNT_DETACH);
      } catch (KernelException e) {
        if (!e.is(Errno.EINVAL) && !e.is(Errno.ENOENT)) {
          throw e;
        }
      }
      try {
        Files.deleteIfExists(path);
      } catch (IOException e) {
        throw new RuntimeFailure(
            RuntimeFailure.Reason.KERNEL, "cannot remove " + path + ": " + e.getMessage(), e);
      }
    }
  }
}
