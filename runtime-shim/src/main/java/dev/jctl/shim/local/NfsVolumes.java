package dev.jctl.shim.local;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.MountTree;
import dev.jctl.shim.spec.VolumeSpec;
import dev.jctl.shim.spec.VolumeSpec.Backend;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Directories of servers, mounted by the kernel's own client without a program in between. */
record NfsVolumes(Places places) implements MountedVolumes {
  private static final String TYPE = "nfs";

  /** RFC 7530, 3.1. */
  private static final int PORT = 2049;

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  @Override
  public boolean isPresent(String id) {
    return isListed(id);
  }

  @Override
  public void make(VolumeSpec volume) {
    if (isPresent(volume.id())) {
      return;
    }
    if (!(volume.backend() instanceof Backend.Nfs export)) {
      throw new RuntimeFailure(Reason.INVALID, "volume " + volume.id() + " names no NFS server");
    }
    String what = "volume %s, %s:%s".formatted(volume.id(), export.server(), export.path());
    requireClient(what);
    InetAddress server = reach(what, export.server());
    try (MountTree tree = MountTree.fileSystem(TYPE, options(export, server))) {
      tree.attach(mountPoint(volume.id()));
    } catch (KernelException e) {
      throw refused(what, e);
    }
  }

  private static RuntimeFailure refused(String what, KernelException e) {
    if (e.is(Errno.ENOENT)) {
      return told(Reason.UNAVAILABLE, what, "the server has no such path; correct it", e);
    }
    if (e.is(Errno.EACCES) || e.is(Errno.EPERM)) {
      String advice = "the server does not let this machine mount it; see exports(5) there";
      return told(Reason.UNAVAILABLE, what, advice, e);
    }
    return e.is(Errno.EINVAL)
        ? told(Reason.INVALID, what, "the kernel does not take its options; see nfs(5)", e)
        : Failures.of(what, e);
  }

  private static RuntimeFailure told(Reason reason, String what, String advice, Exception cause) {
    String message = "%s: %s (%s)".formatted(what, advice, cause.getMessage());
    return new RuntimeFailure(reason, message, cause);
  }

  private static void requireClient(String what) {
    try {
      MountTree.require(TYPE);
    } catch (KernelException e) {
      throw e.is(Errno.ENODEV)
          ? new RuntimeFailure(
              Reason.UNSUPPORTED,
              what
                  + ": this machine's kernel has no NFS client; load its module (modprobe nfs), or"
                  + " use another driver",
              e)
          : Failures.of(what, e);
    }
  }

  /** The kernel would wait for minutes. */
  private static InetAddress reach(String what, String server) {
    try (Socket socket = new Socket()) {
      InetAddress address = InetAddress.getByName(server);
      socket.connect(new InetSocketAddress(address, PORT), (int) PATIENCE.toMillis());
      return address;
    } catch (UnknownHostException e) {
      throw new RuntimeFailure(
          Reason.INVALID, what + ": there is no host of that name; correct spec.nfs.server", e);
    } catch (IOException e) {
      throw new RuntimeFailure(
          Reason.UNAVAILABLE,
          "%s: nobody answers on port %d (%s); start the server, or correct its name"
              .formatted(what, PORT, e.getMessage()),
          e);
    }
  }

  /** What mount.nfs(8) would hand to the kernel, nfs(5). */
  private static List<String> options(Backend.Nfs export, InetAddress server) {
    List<String> options = new ArrayList<>();
    options.add("source=" + bracketed(export.server()) + ":" + export.path());
    options.add("addr=" + server.getHostAddress());
    List<String> asked = Arrays.asList(export.options().split(",", -1));
    if (asked.stream().noneMatch(option -> option.startsWith("vers="))) {
      options.add("vers=4.2");
    }
    asked.stream().filter(option -> !option.isEmpty()).forEach(options::add);
    return options;
  }

  private static String bracketed(String server) {
    return server.indexOf(':') < 0 ? server : "[" + server + "]";
  }

  /** What is on the server stays there. */
  @Override
  public void remove(VolumeSpec volume) {
    unmount(volume.id());
  }

  @Override
  public void release(VolumeSpec volume) {
    unmount(volume.id());
  }
}
