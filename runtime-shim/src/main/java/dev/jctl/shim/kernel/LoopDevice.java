package dev.jctl.shim.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** A file as a block device, loop(4); it goes by itself once nothing uses it. */
public final class LoopDevice implements AutoCloseable {
  private static final long LOOP_CTL_GET_FREE = 0x4c82;
  private static final long LOOP_CONFIGURE = 0x4c0a;
  private static final long LOOP_SET_CAPACITY = 0x4c07;
  private static final int LO_FLAGS_AUTOCLEAR = 4;

  /** struct loop_config of linux/loop.h, with a struct loop_info64 from its byte 8 on. */
  private static final int CONFIG_BYTES = 304;

  private static final int FLAGS_OFFSET = 60;
  private static final int NAME_OFFSET = 64;
  private static final int NAME_BYTES = 63;

  /** Others may take the one that was free. */
  private static final int ATTEMPTS = 64;

  private final int fd;
  private final Path path;

  private LoopDevice(int fd, Path path) {
    this.fd = fd;
    this.path = path;
  }

  /** The next free one, with the file behind it. Kernel 5.8. */
  public static LoopDevice of(Path file) {
    int backing = Kernel.open(file.toString(), Kernel.O_RDWR, 0);
    try {
      for (int attempt = 1; ; attempt++) {
        try {
          return configure(free(), backing, file);
        } catch (KernelException e) {
          if (!e.is(Errno.EBUSY) || attempt == ATTEMPTS) {
            throw e;
          }
        }
      }
    } finally {
      Kernel.close(backing);
    }
  }

  /** The one that has this file behind it, as a container may still have it mounted. */
  public static Optional<LoopDevice> existing(Path file) {
    try (DirectoryStream<Path> devices = Files.newDirectoryStream(Path.of("/sys/block"), "loop*")) {
      for (Path device : devices) {
        Path behind = device.resolve("loop/backing_file");
        if (Files.exists(behind) && Files.readString(behind).strip().equals(file.toString())) {
          Path path = Path.of("/dev").resolve(device.getFileName());
          return Optional.of(new LoopDevice(Kernel.open(path.toString(), Kernel.O_RDWR, 0), path));
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("look for a loop device of " + file, e);
    }
  }

  private static Path free() {
    int control = Kernel.open("/dev/loop-control", Kernel.O_RDWR, 0);
    try {
      long number =
          Kernel.syscall(
              "ioctl", control, LOOP_CTL_GET_FREE, 0, 0, 0, 0, "ioctl LOOP_CTL_GET_FREE");
      return Path.of("/dev/loop" + number);
    } finally {
      Kernel.close(control);
    }
  }

  private static LoopDevice configure(Path device, int backing, Path file) {
    int fd = Kernel.open(device.toString(), Kernel.O_RDWR, 0);
    try (NativeMemory config = NativeMemory.allocate(CONFIG_BYTES)) {
      config.putBytes(0, new byte[CONFIG_BYTES]);
      config.putInt(0, backing);
      config.putInt(FLAGS_OFFSET, LO_FLAGS_AUTOCLEAR);
      byte[] name = file.toString().getBytes(StandardCharsets.UTF_8);
      config.putBytes(NAME_OFFSET, Arrays.copyOf(name, Math.min(name.length, NAME_BYTES)));
      Kernel.check(
          LibC.INSTANCE.ioctl(fd, LOOP_CONFIGURE, config),
          "ioctl LOOP_CONFIGURE of " + device + " with " + file);
      return new LoopDevice(fd, device);
    } catch (KernelException e) {
      Kernel.close(fd);
      throw e;
    }
  }

  /** Lets a device see that its file has become larger. */
  public static void resize(String device) {
    int fd = Kernel.open(device, Kernel.O_RDWR, 0);
    try {
      Kernel.syscall(
          "ioctl", fd, LOOP_SET_CAPACITY, 0, 0, 0, 0, "ioctl LOOP_SET_CAPACITY of " + device);
    } finally {
      Kernel.close(fd);
    }
  }

  public Path path() {
    return path;
  }

  @Override
  public void close() {
    Kernel.close(fd);
  }
}
