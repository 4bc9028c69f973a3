package dev.jctl.shim.kernel;

import java.nio.charset.StandardCharsets;

/** Passing a descriptor to who waits at a Unix socket for it, unix(7) SCM_RIGHTS. */
public final class DescriptorSocket {
  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM = 1;
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final int ADDRESS_BYTES = 110;
  private static final int MESSAGE_BYTES = 56;
  private static final int CONTROL_BYTES = 24;
  private static final int RIGHTS_BYTES = 20;

  private DescriptorSocket() {}

  /**
   * @param path of the socket
   * @param descriptor is sent, and stays open here
   * @param words go with it
   */
  public static void send(String path, int descriptor, String words) {
    byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > ADDRESS_BYTES - 3) {
      throw new KernelException("connect " + path, Errno.ENAMETOOLONG.number());
    }
    int socket =
        (int)
            Kernel.check(
                LibC.INSTANCE.socket(AF_UNIX, SOCK_STREAM | Kernel.O_CLOEXEC, 0), "socket");
    try (NativeMemory address = NativeMemory.allocate(ADDRESS_BYTES)) {
      address.putInt(0, AF_UNIX);
      address.putBytes(2, bytes);
      long at = address.address();
      Kernel.syscall("connect", socket, at, ADDRESS_BYTES, 0, 0, 0, "connect " + path);
      send(socket, descriptor, words);
    } finally {
      Kernel.close(socket);
    }
  }

  private static void send(int socket, int descriptor, String words) {
    int length = words.getBytes(StandardCharsets.UTF_8).length;
    try (NativeMemory text = NativeMemory.text(words);
        NativeMemory vector = NativeMemory.allocate(16);
        NativeMemory control = NativeMemory.allocate(CONTROL_BYTES);
        NativeMemory message = NativeMemory.allocate(MESSAGE_BYTES)) {
      vector.putLong(0, text.address());
      vector.putLong(8, length);
      control.putLong(0, RIGHTS_BYTES);
      control.putInt(8, SOL_SOCKET);
      control.putInt(12, SCM_RIGHTS);
      control.putInt(16, descriptor);
      message.putLong(16, vector.address());
      message.putLong(24, 1);
      message.putLong(32, control.address());
      message.putLong(40, CONTROL_BYTES);
      Kernel.syscall("sendmsg", socket, message.address(), 0, 0, 0, 0, "send a descriptor");
    }
  }
}
