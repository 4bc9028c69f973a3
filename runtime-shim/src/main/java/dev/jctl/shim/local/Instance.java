package dev.jctl.shim.local;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A data directory, while this process is its only writer.
 *
 * @param id 8 hex digits, which all kernel objects of the instance carry
 * @param bootId of the running kernel
 * @param rebooted whether the host was booted since the last process had it
 */
record Instance(String id, String bootId, boolean rebooted, FileChannel lock)
    implements AutoCloseable {

  /**
   * @throws RuntimeFailure IN_USE when another process has it
   */
  static Instance open(Places places) {
    try {
      Files.createDirectories(places.data());
      Files.createDirectories(places.run());
      FileChannel lock = lock(places);
      String id = id(places);
      String bootId = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
      String before = read(places.bootId());
      if (!bootId.equals(before)) {
        Files.writeString(places.bootId(), bootId);
      }
      return new Instance(id, bootId, !before.isEmpty() && !bootId.equals(before), lock);
    } catch (IOException e) {
      throw Failures.of("open data directory " + places.data(), e);
    }
  }

  private static FileChannel lock(Places places) throws IOException {
    FileChannel channel =
        FileChannel.open(places.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    @Nullable FileLock held;
    try {
      held = channel.tryLock();
    } catch (OverlappingFileLockException sameProcess) {
      held = null;
    }
    if (held == null) {
      channel.close();
      throw new RuntimeFailure(
          Reason.IN_USE, "data directory " + places.data() + " is used by another runtime");
    }
    return channel;
  }

  private static String id(Places places) throws IOException {
    String known = read(places.instance());
    if (!known.isEmpty()) {
      return known;
    }
    byte[] bytes = new byte[4];
    new SecureRandom().nextBytes(bytes);
    String id = HexFormat.of().formatHex(bytes);
    Files.writeString(places.instance(), id + "\n");
    return id;
  }

  private static String read(Path file) throws IOException {
    return Files.exists(file) ? Files.readString(file).strip() : "";
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw Failures.of("unlock", e);
    }
  }
}
