package dev.jctl.shim.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalInt;

/**
 * A netlink(7) socket. It belongs to the network namespace of the thread that made it, whichever
 * thread uses it; one at a time.
 */
public final class NetlinkDescriptor implements AutoCloseable {
  public static final int ROUTE = 0;
  public static final int NETFILTER = 12;

  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW_CLOEXEC = 3 | 02000000;
  private static final int SOL_NETLINK = 270;
  private static final int ADD_MEMBERSHIP = 1;
  private static final int LISTEN_ALL_NSID = 8;
  private static final int CAP_ACK = 10;
  private static final int EXT_ACK = 11;
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVBUFFORCE = 33;
  private static final int MSG_TRUNC = 0x20;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int CAPACITY = 32 * 1024;
  // struct msghdr, one struct iovec, one struct cmsghdr with an int, on 64 bit
  private static final int IOVEC = 56;
  private static final int CONTROL = 72;
  private static final int CONTROL_LENGTH = 24;
  private static final int HEADER_SIZE = CONTROL + CONTROL_LENGTH;

  private final int fd;
  private final NativeMemory buffer = NativeMemory.allocate(CAPACITY).freedWhenUnreachable();
  private final NativeMemory header = NativeMemory.allocate(HEADER_SIZE).freedWhenUnreachable();

  /** Refusals carry the kernel's explanation and not the request. */
  public NetlinkDescriptor(int protocol) {
    fd =
        (int)
            Kernel.check(
                LibC.INSTANCE.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, protocol), "socket netlink");
    option(SOL_NETLINK, EXT_ACK, 1);
    option(SOL_NETLINK, CAP_ACK, 1);
    try (NativeMemory address = NativeMemory.allocate(12)) {
      address.putInt(
          0, ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? AF_NETLINK : AF_NETLINK << 16);
      Kernel.check(LibC.INSTANCE.bind(fd, address, 12), "bind netlink");
    }
  }

  /** Receives that multicast group's notifications from now on. */
  public void join(int group) {
    option(SOL_NETLINK, ADD_MEMBERSHIP, group);
  }

  /** Notifications also of all namespaces that ours has a number for (those with a peer here). */
  public void listenToPeerNamespaces() {
    option(SOL_NETLINK, LISTEN_ALL_NSID, 1);
  }

  /**
   * Bytes that may wait to be received, whatever the machine's bound is ({@code
   * net.core.rmem_max}); socket(7) SO_RCVBUFFORCE, which needs CAP_NET_ADMIN.
   */
  public void receiveBuffer(int bytes) {
    option(SOL_SOCKET, SO_RCVBUFFORCE, bytes);
  }

  public int fd() {
    return fd;
  }

  /** All of the buffer from its position on. */
  public void send(ByteBuffer messages) {
    byte[] bytes = new byte[messages.remaining()];
    messages.get(bytes);
    try (NativeMemory memory = NativeMemory.of(bytes, bytes.length)) {
      Kernel.check(LibC.INSTANCE.send(fd, memory, bytes.length, 0), "send netlink");
    }
  }

  /**
   * One datagram.
   *
   * @param namespace number of the peer namespace it comes from, empty for our own
   */
  public record Datagram(ByteBuffer bytes, OptionalInt namespace) {}

  /** Waits for one. ENOBUFS: some were lost. */
  public Datagram receive() {
    return receive(0);
  }

  /** EAGAIN when there is none. */
  public Datagram receiveNow() {
    return receive(MSG_DONTWAIT);
  }

  private Datagram receive(int flags) {
    while (true) {
      prepareHeader();
      long size = LibC.INSTANCE.recvmsg(fd, header, flags);
      if (size >= 0) {
        return datagram((int) size);
      }
      int errno = Kernel.errno();
      if (errno != Errno.EINTR.number()) {
        throw new KernelException("recvmsg netlink", errno);
      }
    }
  }

  private void prepareHeader() {
    long at = header.address();
    header.putLong(0, 0);
    header.putLong(8, 0);
    header.putLong(16, at + IOVEC);
    header.putLong(24, 1);
    header.putLong(32, at + CONTROL);
    header.putLong(40, CONTROL_LENGTH);
    header.putLong(48, 0);
    header.putLong(IOVEC, buffer.address());
    header.putLong(IOVEC + 8, CAPACITY);
  }

  private Datagram datagram(int size) {
    if ((header.getInt(48) & MSG_TRUNC) != 0) {
      throw new KernelException("recvmsg netlink", Errno.EOVERFLOW.number());
    }
    boolean peer =
        header.getLong(40) >= 20
            && header.getInt(CONTROL + 8) == SOL_NETLINK
            && header.getInt(CONTROL + 12) == LISTEN_ALL_NSID;
    OptionalInt namespace =
        peer ? OptionalInt.of(header.getInt(CONTROL + 16)) : OptionalInt.empty();
    ByteBuffer bytes = ByteBuffer.wrap(buffer.getBytes(0, size)).order(ByteOrder.nativeOrder());
    return new Datagram(bytes, namespace);
  }

  private void option(int level, int option, int value) {
    try (NativeMemory memory = NativeMemory.allocate(4)) {
      memory.putInt(0, value);
      Kernel.check(
          LibC.INSTANCE.setsockopt(fd, level, option, memory, 4), "setsockopt netlink " + option);
    }
  }

  @Override
  public void close() {
    Kernel.close(fd);
  }
}
