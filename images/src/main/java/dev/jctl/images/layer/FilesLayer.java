package dev.jctl.images.layer;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.ImageStore.FileEntry;
import dev.jctl.images.layer.TarWriter.EntryType;
import dev.jctl.images.layer.TarWriter.Header;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes single files as a layer: sorted by path, owned by root, dated 1970, so that the digest
 * depends on paths, modes and content alone.
 */
public final class FilesLayer {
  private static final LayerFault FAULT = new LayerFault("image from files");
  private static final int DIRECTORY_MODE = 0755;
  private static final int FILE_MODE = 0644;

  private FilesLayer() {}

  /**
   * @throws ImageException for a path that comes twice or lies below a file; NOT_FOUND for a host
   *     file that is not there
   */
  public static void write(List<FileEntry> files, OutputStream out) throws IOException {
    TarWriter tar = new TarWriter(new BufferedOutputStream(out, 1 << 16));
    for (var file : byPath(files).entrySet()) {
      write(tar, file.getKey(), file.getValue());
    }
    tar.end();
  }

  private static Map<String, FileEntry> byPath(List<FileEntry> files) {
    Map<String, FileEntry> byPath = new TreeMap<>();
    for (FileEntry file : files) {
      EntryPath path = EntryPath.parse(FAULT, file.path());
      if (path.isRoot() && !(file instanceof FileEntry.Directory)) {
        throw FAULT.unsupported(file.path(), "the root can only be a directory");
      }
      if (byPath.putIfAbsent(path.toString(), file) != null) {
        throw FAULT.unsupported(file.path(), "comes twice");
      }
    }
    for (FileEntry file : files) {
      addParents(byPath, EntryPath.parse(FAULT, file.path()));
    }
    return byPath;
  }

  private static void addParents(Map<String, FileEntry> byPath, EntryPath path) {
    for (EntryPath parent = path.parent(); !parent.isRoot(); parent = parent.parent()) {
      String name = parent.toString();
      FileEntry there = byPath.computeIfAbsent(name, p -> new FileEntry.Directory(p, null));
      if (!(there instanceof FileEntry.Directory)) {
        throw FAULT.unsupported(path.toString(), "lies below " + name + ", which is no directory");
      }
    }
  }

  private static void write(TarWriter tar, String path, FileEntry entry) throws IOException {
    switch (entry) {
      case FileEntry.Directory directory ->
          tar.write(
              Header.plain(
                  EntryType.DIRECTORY,
                  path.isEmpty() ? "./" : path + "/",
                  "",
                  orElse(directory.mode(), DIRECTORY_MODE),
                  0));
      case FileEntry.Link link ->
          tar.write(Header.plain(EntryType.SYMLINK, path, link.target(), 0777, 0));
      case FileEntry.Text text -> {
        byte[] content = text.content().getBytes(StandardCharsets.UTF_8);
        tar.write(
            Header.plain(EntryType.FILE, path, "", orElse(text.mode(), FILE_MODE), content.length),
            new ByteArrayInputStream(content));
      }
      case FileEntry.FromHost host -> writeHostFile(tar, path, host);
    }
  }

  private static void writeHostFile(TarWriter tar, String path, FileEntry.FromHost entry)
      throws IOException {
    Path file = entry.hostPath();
    if (!Files.exists(file)) {
      throw new ImageException(
          Reason.NOT_FOUND, "file " + file + " for " + entry.path() + " does not exist");
    }
    if (!Files.isRegularFile(file)) {
      throw FAULT.unsupported(entry.path(), file + " is not a regular file");
    }
    try (InputStream content = Files.newInputStream(file)) {
      int mode = orElse(entry.mode(), hostMode(file));
      tar.write(Header.plain(EntryType.FILE, path, "", mode, Files.size(file)), content);
    }
  }

  private static int hostMode(Path file) throws IOException {
    return Files.getAttribute(file, "unix:mode") instanceof Integer mode ? mode & 07777 : FILE_MODE;
  }

  private static int orElse(@Nullable Integer mode, int otherwise) {
    return mode == null ? otherwise : mode & 07777;
  }
}
