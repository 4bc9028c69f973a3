package dev.jctl.shim.local;

import dev.jctl.shim.exec.Launcher.ResolvedVolume;
import dev.jctl.shim.log.CriText;
import dev.jctl.shim.spec.ContainerSpec;
import dev.jctl.shim.spec.TerminationMessage;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The file of a {@link TerminationMessage}, and what it says. The bounds are those of kubelet. */
final class TerminationLog {
  private static final int MOST_BYTES = 4096;
  private static final int MOST_BYTES_OF_LOG = 2048;
  private static final int MOST_LINES_OF_LOG = 80;

  /** So many lines are seldom longer, and only their end counts. */
  private static final int READ_OF_LOG = 64 << 10;

  private static final Set<PosixFilePermission> ANYBODY =
      PosixFilePermissions.fromString("rw-rw-rw-");

  private final TerminationMessage message;
  private final Path file;
  private final Path log;

  private TerminationLog(TerminationMessage message, Path file, Path log) {
    this.message = message;
    this.file = file;
    this.log = log;
  }

  /**
   * None when the spec does not ask for it.
   *
   * @param directory of the container
   * @param log of this attempt
   */
  static Optional<TerminationLog> of(ContainerSpec spec, Path directory, Path log) {
    return TerminationMessage.of(spec.oci())
        .map(message -> new TerminationLog(message, directory.resolve("termination-log"), log));
  }

  /** Makes the file, for whoever the container runs as. */
  ResolvedVolume make() {
    try {
      Files.createFile(file);
      Files.setPosixFilePermissions(file, ANYBODY);
    } catch (IOException e) {
      throw Failures.of("make " + file, e);
    }
    return new ResolvedVolume(file, message.path(), false);
  }

  /** Empty when nothing was said, or it cannot be read. */
  String read(int exitCode) {
    try {
      String said = new String(tail(file, MOST_BYTES), StandardCharsets.UTF_8);
      return said.isEmpty() && message.orLog() && exitCode != 0 ? logged() : said;
    } catch (IOException e) {
      return "";
    }
  }

  private String logged() throws IOException {
    byte[] end = tail(log, READ_OF_LOG);
    boolean whole = end.length < READ_OF_LOG;
    List<String> lines =
        new String(end, StandardCharsets.UTF_8).lines().skip(whole ? 0 : 1).toList();
    byte[] text = CriText.last(lines, MOST_LINES_OF_LOG).getBytes(StandardCharsets.UTF_8);
    int skipped = Math.max(0, text.length - MOST_BYTES_OF_LOG);
    return new String(text, skipped, text.length - skipped, StandardCharsets.UTF_8);
  }

  private static byte[] tail(Path file, int most) throws IOException {
    try (SeekableByteChannel in = Files.newByteChannel(file)) {
      in.position(Math.max(0, in.size() - most));
      return Channels.newInputStream(in).readNBytes(most);
    }
  }
}
