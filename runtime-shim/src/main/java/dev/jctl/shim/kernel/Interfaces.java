package dev.jctl.shim.kernel;

import java.nio.charset.StandardCharsets;

/** Network interfaces of the calling thread's namespace, netdevice(7). */
public final class Interfaces {
  private static final int AF_INET = 2;
  private static final int SOCK_DGRAM = 2;
  private static final long SIOCSIFFLAGS = 0x8914;
  private static final int IFF_UP = 1;
  private static final int FLAGS_OFFSET = 16;
  private static final int IFREQ_BYTES = 40;

  private Interfaces() {}

  public static void bringUp(String name) {
    int socket =
        (int)
            Kernel.check(
                LibC.INSTANCE.socket(AF_INET, SOCK_DGRAM | Kernel.O_CLOEXEC, 0), "socket AF_INET");
    try (NativeMemory request = NativeMemory.allocate(IFREQ_BYTES)) {
      request.putBytes(0, name.getBytes(StandardCharsets.US_ASCII));
      request.putInt(FLAGS_OFFSET, IFF_UP);
      Kernel.check(LibC.INSTANCE.ioctl(socket, SIOCSIFFLAGS, request), "bring up " + name);
    } finally {
      Kernel.close(socket);
    }
  }
}
