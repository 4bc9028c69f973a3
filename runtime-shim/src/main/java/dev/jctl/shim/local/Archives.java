package dev.jctl.shim.local;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.io.Tool;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * Trees of files as {@code .tar.gz} that any tar(1) reads, with owners, modes, times, hard links,
 * holes, ACLs and extended attributes. The checksum of gzip (RFC 1952) tells a damaged one.
 */
final class Archives {
  private static final int BUFFER = 1 << 16;
  private static final List<String> ALL =
      List.of("--file=-", "--numeric-owner", "--acls", "--xattrs", "--xattrs-include=*");

  private Archives() {}

  /**
   * Whole on disk under its name, with mode 0600, or not there. Another of that name is replaced.
   */
  static void pack(Path tree, Path archive) {
    Path fresh = archive.resolveSibling("." + archive.getFileName() + ".new");
    try {
      Files.deleteIfExists(fresh);
      Files.createFile(
          fresh,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      try (OutputStream out =
          new GZIPOutputStream(Files.newOutputStream(fresh, StandardOpenOption.WRITE), BUFFER)) {
        Tool.drain(
            tar("--create", "--sparse", "--directory=" + tree, "."), tar -> tar.transferTo(out));
      }
      try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(
          fresh, archive, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw unwritten(archive, Failures.of("write archive " + archive, e));
    } catch (RuntimeFailure e) {
      throw unwritten(archive, e);
    } finally {
      RecordFiles.delete(fresh);
    }
  }

  private static RuntimeFailure unwritten(Path archive, RuntimeFailure e) {
    return e.reason() == Reason.NO_SPACE
        ? new RuntimeFailure(
            Reason.NO_SPACE,
            "there is no room for archive "
                + archive
                + "; make some, and it is tried again ("
                + e.getMessage()
                + ")",
            e)
        : e;
  }

  /**
   * Reads all of it, and changes nothing.
   *
   * @throws RuntimeFailure NOT_FOUND or INVALID
   */
  static void verify(Path archive) {
    if (!Files.isRegularFile(archive)) {
      throw new RuntimeFailure(
          Reason.NOT_FOUND,
          "archive " + archive + " does not exist; put it there, or name another");
    }
    try {
      Tool.feed(tar("--list"), in -> pour(archive, in));
    } catch (RuntimeFailure e) {
      throw new RuntimeFailure(
          Reason.INVALID,
          "archive "
              + archive
              + " is damaged, or no .tar.gz; nothing was changed; use another copy ("
              + e.getMessage()
              + ")",
          e);
    }
  }

  static void unpack(Path archive, Path tree) {
    Tool.feed(
        tar("--extract", "--same-owner", "--same-permissions", "--directory=" + tree),
        in -> pour(archive, in));
  }

  private static List<String> tar(String... words) {
    List<String> command = new java.util.ArrayList<>(List.of("tar"));
    command.addAll(ALL);
    command.addAll(List.of(words));
    return command;
  }

  /** To its end, where the checksum is, also when tar has seen enough. */
  private static void pour(Path archive, OutputStream tar) throws IOException {
    byte[] buffer = new byte[BUFFER];
    boolean wanted = true;
    try (InputStream in =
        new GZIPInputStream(new BufferedInputStream(Files.newInputStream(archive)), BUFFER)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        wanted = wanted && written(tar, buffer, n);
      }
    }
  }

  private static boolean written(OutputStream tar, byte[] buffer, int length) {
    try {
      tar.write(buffer, 0, length);
      return true;
    } catch (IOException satisfied) {
      return false;
    }
  }
}
