package dev.jctl.shim.network;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.HeldPort;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.nftables.Ruleset.Forward;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The published ports' sockets: bound, so that a process that wants the port is told, and never
 * listened on, since what arrives is translated before it gets there. For one thread at a time.
 */
final class HostPorts implements AutoCloseable {
  private final HostThread host;
  private final Map<String, HeldPort> held = new HashMap<>();

  HostPorts(HostThread host) {
    this.host = host;
  }

  /** What was newly taken; give it to {@link #release} to undo. PORT_TAKEN leaves all as it was. */
  List<Forward> take(Collection<Forward> forwards) {
    List<Forward> taken = new ArrayList<>();
    for (Forward forward : forwards) {
      if (held.containsKey(key(forward))) {
        continue;
      }
      try {
        if (forward.protocol().equals("sctp")) {
          // translated without a socket
          needSctp("publish port " + key(forward));
          continue;
        }
        held.put(key(forward), host.run(() -> hold(forward)));
        taken.add(forward);
      } catch (RuntimeFailure e) {
        release(taken);
        throw e;
      } catch (KernelException e) {
        release(taken);
        throw failure(forward, e);
      }
    }
    return taken;
  }

  /** UNSUPPORTED names the module that is missing, for {@code what}. */
  static void needSctp(String what) {
    try {
      HeldPort.needSctp();
    } catch (KernelException e) {
      throw new RuntimeFailure(
          Reason.UNSUPPORTED,
          what
              + ": this kernel has no sctp: load the module (modprobe sctp), or use a kernel built"
              + " with it",
          e);
    }
  }

  void release(Collection<Forward> forwards) {
    for (Forward forward : forwards) {
      HeldPort port = held.remove(key(forward));
      if (port != null) {
        port.close();
      }
    }
  }

  /** Lets go of all but these. */
  void retain(Collection<Forward> forwards) {
    Set<String> wanted = new TreeSet<>();
    forwards.forEach(forward -> wanted.add(key(forward)));
    held.entrySet()
        .removeIf(
            entry -> {
              boolean gone = !wanted.contains(entry.getKey());
              if (gone) {
                entry.getValue().close();
              }
              return gone;
            });
  }

  boolean holds(Forward forward) {
    return forward.protocol().equals("sctp") || held.containsKey(key(forward));
  }

  private static HeldPort hold(Forward forward) {
    InetSocketAddress address =
        new InetSocketAddress(InetAddress.ofLiteral(forward.hostIp()), forward.hostPort());
    return new HeldPort(forward.protocol().equals("tcp"), address);
  }

  private static RuntimeFailure failure(Forward forward, KernelException e) {
    String port = "publish port " + key(forward);
    if (e.is(Errno.EADDRINUSE)) {
      return new RuntimeFailure(
          Reason.PORT_TAKEN, port + ": a process of the host listens there", e);
    }
    if (e.is(Errno.EADDRNOTAVAIL)) {
      return new RuntimeFailure(
          Reason.NOT_FOUND, port + ": " + forward.hostIp() + " is not an address of this host", e);
    }
    return new RuntimeFailure(Reason.KERNEL, port + ": " + e.getMessage(), e);
  }

  static String key(Forward forward) {
    return forward.protocol() + " " + forward.hostIp() + ":" + forward.hostPort();
  }

  @Override
  public void close() {
    held.values().forEach(HeldPort::close);
    held.clear();
  }
}
