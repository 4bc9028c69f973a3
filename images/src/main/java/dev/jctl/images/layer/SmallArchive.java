package dev.jctl.images.layer;

import dev.jctl.images.ArchiveFile;
import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/** The files of a tar that is read as a whole, within bounds; nothing is written anywhere. */
public final class SmallArchive {
  private static final int MAX_ENTRIES = 20_000;
  private static final int MAX_FILE_BYTES = 2 << 20;
  private static final int MAX_BYTES = 64 << 20;
  private static final int MAX_DEPTH = 64;
  private static final int RECORD_BYTES = 512;

  private final LayerFault fault;
  private final Map<String, ArchiveFile> files = new LinkedHashMap<>();
  private int entries;

  private SmallArchive(LayerFault fault) {
    this.fault = fault;
  }

  /**
   * Of several entries with the same name the last counts, as with tar(1). Directories are left
   * out, and so is what is neither a file nor a link.
   *
   * @param what for messages
   * @throws ImageException CORRUPT, HOSTILE_LAYER, UNSUPPORTED
   */
  public static List<ArchiveFile> read(String what, InputStream in) {
    SmallArchive archive = new SmallArchive(new LayerFault(what));
    archive.readAll(what, in);
    if (archive.files.isEmpty()) {
      throw new ImageException(
          Reason.UNSUPPORTED, what + ": it is no tar, or there is nothing in it");
    }
    return new ArrayList<>(archive.files.values());
  }

  /**
   * That of a file, which may be compressed with gzip or zstd.
   *
   * @throws IOException when the file cannot be read
   */
  public static List<ArchiveFile> read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return read("archive " + file, in);
    }
  }

  private void readAll(String what, InputStream in) {
    String last = "";
    try (InputStream bounded = new Bounded(Decompression.open(what, in));
        TarArchiveInputStream tar =
            new TarArchiveInputStream(bounded, RECORD_BYTES, RECORD_BYTES, "UTF-8")) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        last = entry.getName();
        add(tar, entry);
      }
    } catch (ImageException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw fault.corrupt(last, e);
    }
  }

  private void add(TarArchiveInputStream tar, TarArchiveEntry entry) throws IOException {
    if (++entries > MAX_ENTRIES) {
      throw fault.hostile("has more than " + MAX_ENTRIES + " entries");
    }
    String path = path(entry.getName());
    byte[] link = entry.getLinkName().getBytes(StandardCharsets.UTF_8);
    if (entry.isSymbolicLink() || entry.isLink()) {
      files.put(path, new ArchiveFile(path, ArchiveFile.Kind.LINK, link));
    } else if (entry.isFile()) {
      byte[] content = tar.readNBytes(MAX_FILE_BYTES + 1);
      if (content.length > MAX_FILE_BYTES) {
        throw fault.unsupported(path, "is larger than " + (MAX_FILE_BYTES >> 20) + " MiB");
      }
      files.put(path, new ArchiveFile(path, ArchiveFile.Kind.FILE, content));
    }
  }

  private String path(String name) {
    List<String> steps = new ArrayList<>();
    for (String step : name.split("/", -1)) {
      if (step.equals("..") || step.indexOf('\0') >= 0) {
        throw fault.hostile(name, "leads out of the archive");
      }
      if (!step.isEmpty() && !step.equals(".")) {
        steps.add(step);
      }
    }
    if (steps.size() > MAX_DEPTH) {
      throw fault.hostile(name, "is deeper than " + MAX_DEPTH + " directories");
    }
    return String.join("/", steps);
  }

  /** What a small file unpacks to may be huge. */
  private static final class Bounded extends InputStream {
    private final InputStream in;
    private long left = MAX_BYTES;

    Bounded(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte @Nullable [] bytes, int offset, int length) throws IOException {
      int n = in.read(bytes, offset, length);
      left -= Math.max(n, 0);
      if (left < 0) {
        throw new ImageException(
            Reason.UNSUPPORTED, "the archive unpacks to more than " + (MAX_BYTES >> 20) + " MiB");
      }
      return n;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
