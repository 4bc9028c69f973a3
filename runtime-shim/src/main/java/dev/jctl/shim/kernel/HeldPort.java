package dev.jctl.shim.kernel;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A TCP or UDP port that is bound and not listened on: others get EADDRINUSE for it, and what
 * arrives is refused as if it were closed.
 */
public final class HeldPort implements AutoCloseable {
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_CLOEXEC = 02000000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_REUSEADDR = 2;
  private static final int IPPROTO_IPV6 = 41;
  private static final int IPPROTO_SCTP = 132;
  private static final int IPV6_V6ONLY = 26;

  private final int fd;

  /**
   * Throws EPROTONOSUPPORT when the kernel speaks no SCTP; one that has the module loads it for
   * this.
   */
  public static void needSctp() {
    long socket = LibC.INSTANCE.socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_SCTP);
    Kernel.close((int) Kernel.check(socket, "socket sctp"));
  }

  /** Throws EADDRINUSE when a process has it, EADDRNOTAVAIL for an address that is not ours. */
  public HeldPort(boolean tcp, InetSocketAddress address) {
    boolean ipv6 = address.getAddress().getAddress().length == 16;
    int type = (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC;
    fd =
        (int) Kernel.check(LibC.INSTANCE.socket(ipv6 ? AF_INET6 : AF_INET, type, 0), "socket inet");
    try {
      bind(tcp, ipv6, address);
    } catch (KernelException e) {
      Kernel.close(fd);
      throw e;
    }
  }

  /**
   * Connections of a former listener that linger in TIME_WAIT do not count, hence SO_REUSEADDR;
   * once bound it is taken back, or others with that option could listen beside us.
   */
  private void bind(boolean tcp, boolean ipv6, InetSocketAddress address) {
    if (ipv6) {
      option(IPPROTO_IPV6, IPV6_V6ONLY, 1);
    }
    if (tcp) {
      option(SOL_SOCKET, SO_REUSEADDR, 1);
    }
    byte[] bytes = socketAddress(ipv6, address);
    try (NativeMemory memory = NativeMemory.of(bytes, bytes.length)) {
      Kernel.check(LibC.INSTANCE.bind(fd, memory, bytes.length), "bind " + address);
    }
    if (tcp) {
      option(SOL_SOCKET, SO_REUSEADDR, 0);
    }
  }

  private static byte[] socketAddress(boolean ipv6, InetSocketAddress socket) {
    InetAddress address = socket.getAddress();
    ByteBuffer bytes = ByteBuffer.allocate(ipv6 ? 28 : 16).order(ByteOrder.nativeOrder());
    bytes.putShort((short) (ipv6 ? AF_INET6 : AF_INET)).order(ByteOrder.BIG_ENDIAN);
    bytes.putShort((short) socket.getPort());
    if (ipv6) {
      bytes.putInt(0);
    }
    return bytes.put(address.getAddress()).array();
  }

  private void option(int level, int option, int value) {
    try (NativeMemory memory = NativeMemory.allocate(4)) {
      memory.putInt(0, value);
      Kernel.check(LibC.INSTANCE.setsockopt(fd, level, option, memory, 4), "setsockopt " + option);
    }
  }

  @Override
  public void close() {
    Kernel.close(fd);
  }
}
