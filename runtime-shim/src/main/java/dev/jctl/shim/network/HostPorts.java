package dev.jctl.shim.network;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.HeldPort;
import dev.jctl.shim.kernel.KernelException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The sockets of published ports and node ports: bound, so that a process that wants the port is
 * told, and never listened on, since what arrives is translated before it gets there. For one
 * thread at a time.
 */
final class HostPorts implements AutoCloseable {
  private final HostThread host;
  private final Map<HostPort, HeldPort> held = new HashMap<>();

  HostPorts(HostThread host) {
    this.host = host;
  }

  /**
   * Takes all that can be had, until {@link #retain} leaves them out; which cannot, and why.
   *
   * @param what the ports are to be, for the message
   */
  Map<HostPort, RuntimeFailure> take(String what, Collection<HostPort> ports) {
    Map<HostPort, RuntimeFailure> refused = new LinkedHashMap<>();
    for (HostPort port : ports) {
      try {
        take(port, what + " " + port);
      } catch (RuntimeFailure e) {
        refused.put(port, e);
      }
    }
    return refused;
  }

  private void take(HostPort port, String what) {
    if (port.protocol().equals("sctp")) {
      // translated without a socket
      needSctp(what);
    } else if (!holds(port)) {
      try {
        held.put(port, host.run(() -> hold(port)));
      } catch (KernelException e) {
        throw failure(port, what, e);
      }
    }
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

  /** Lets go of all but these. */
  void retain(Collection<HostPort> ports) {
    Set<HostPort> wanted = new HashSet<>(ports);
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

  boolean holds(HostPort port) {
    return port.protocol().equals("sctp") || held.containsKey(port);
  }

  private static HeldPort hold(HostPort port) {
    return new HeldPort(
        port.protocol().equals("tcp"),
        new InetSocketAddress(InetAddress.ofLiteral(port.ip()), port.port()));
  }

  private static RuntimeFailure failure(HostPort port, String what, KernelException e) {
    if (e.is(Errno.EADDRINUSE)) {
      return new RuntimeFailure(
          Reason.PORT_TAKEN, what + ": a process of the host listens there", e);
    }
    if (e.is(Errno.EADDRNOTAVAIL)) {
      return new RuntimeFailure(
          Reason.NOT_FOUND, what + ": " + port.ip() + " is not an address of this host", e);
    }
    return new RuntimeFailure(Reason.KERNEL, what + ": " + e.getMessage(), e);
  }

  @Override
  public void close() {
    held.values().forEach(HeldPort::close);
    held.clear();
  }
}
