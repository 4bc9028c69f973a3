package dev.jctl.controller.gitrepository;

import dev.jctl.controller.git.GitException;
import dev.jctl.controller.git.GitException.Reason;
import dev.jctl.controller.git.SnapshotFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The files of a directory of this machine, as they are now. No link in it is followed, not even
 * one that is put there while it is read (openat(2) with O_NOFOLLOW). Hidden names are left out.
 */
final class DirectoryFiles {
  private static final int MAX_ENTRIES = 20_000;
  private static final int MAX_DEPTH = 50;
  private static final long MAX_BYTES = 64L << 20;

  /** More of a file is not needed to see that it is no manifest. */
  private static final int MAX_FILE_BYTES = (1 << 20) + 1;

  private static final Set<OpenOption> NO_LINK =
      Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);

  private final Consumer<Path> entering;
  private final List<SnapshotFile> files = new ArrayList<>();
  private int entries;
  private long bytes;

  private DirectoryFiles(Consumer<Path> entering) {
    this.entering = entering;
  }

  /**
   * @param entering told each directory before it is read
   * @throws GitException why it cannot be read
   */
  static List<SnapshotFile> read(Path directory, Consumer<Path> entering) {
    DirectoryFiles all = new DirectoryFiles(entering);
    entering.accept(directory);
    try (DirectoryStream<Path> root = Files.newDirectoryStream(directory)) {
      all.walk(secure(root), directory, "", 0);
      return all.files;
    } catch (NoSuchFileException | NotDirectoryException e) {
      throw new GitException(Reason.NO_SUCH_PATH, "there is no directory " + directory, e);
    } catch (IOException e) {
      throw new GitException(Reason.FAILED, directory + " cannot be read: " + e, e);
    } catch (DirectoryIteratorException e) {
      throw new GitException(Reason.FAILED, directory + " cannot be read: " + e.getCause(), e);
    }
  }

  private static SecureDirectoryStream<Path> secure(DirectoryStream<Path> stream) {
    return (SecureDirectoryStream<Path>) stream; // on Linux it is
  }

  private void walk(SecureDirectoryStream<Path> stream, Path at, String path, int depth)
      throws IOException {
    if (depth > MAX_DEPTH) {
      throw tooLarge(path + ": directories deeper than " + MAX_DEPTH);
    }
    for (Path entry : stream) {
      Path name = entry.getFileName();
      if (!name.toString().startsWith(".")) {
        add(stream, at, name, path.isEmpty() ? name.toString() : path + "/" + name, depth);
      }
    }
  }

  private void add(SecureDirectoryStream<Path> stream, Path at, Path name, String path, int depth)
      throws IOException {
    if (++entries > MAX_ENTRIES) {
      throw tooLarge("more than " + MAX_ENTRIES + " files");
    }
    try {
      BasicFileAttributes attributes =
          stream
              .getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
              .readAttributes();
      if (attributes.isDirectory()) {
        entering.accept(at.resolve(name));
        try (SecureDirectoryStream<Path> below =
            stream.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
          walk(below, at.resolve(name), path, depth + 1);
        }
      } else if (attributes.isSymbolicLink()) {
        byte[] target = "a link".getBytes(StandardCharsets.US_ASCII);
        files.add(new SnapshotFile(path, SnapshotFile.Kind.LINK, target));
      } else if (attributes.isRegularFile()) {
        files.add(new SnapshotFile(path, SnapshotFile.Kind.FILE, content(stream, name)));
      }
    } catch (NoSuchFileException | NotDirectoryException | FileSystemLoopException changed) {
      // gone, or another thing now: whoever watches it is told of that
    }
  }

  private byte[] content(SecureDirectoryStream<Path> stream, Path name) throws IOException {
    try (SeekableByteChannel channel = stream.newByteChannel(name, NO_LINK)) {
      ByteBuffer content = ByteBuffer.allocate((int) Math.min(channel.size() + 1, MAX_FILE_BYTES));
      while (content.hasRemaining() && channel.read(content) >= 0) {
        // until it is full or the file ends
      }
      bytes += content.position();
      if (bytes > MAX_BYTES) {
        throw tooLarge("more than " + (MAX_BYTES >> 20) + " MiB of files");
      }
      byte[] exact = new byte[content.position()];
      content.flip().get(exact);
      return exact;
    }
  }

  private static GitException tooLarge(String message) {
    return new GitException(Reason.TOO_LARGE, message);
  }
}
