package dev.jctl.images.layer;

import dev.jctl.images.LayerArchive.Attributes;
import dev.jctl.images.LayerArchive.Entry;
import dev.jctl.images.layer.TarWriter.EntryType;
import dev.jctl.images.layer.TarWriter.Header;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes a layer's entries as a tar: the opposite of {@link TarLayerArchive}. Times are whole
 * seconds. OCI image spec, layer.md.
 */
public final class EntryArchive {
  private static final long NANOS = 1_000_000_000L;

  private final TarWriter tar;
  private final long latestSeconds;

  /**
   * @param latestSeconds no time is later than that
   */
  public EntryArchive(OutputStream out, long latestSeconds) {
    this.tar = new TarWriter(new BufferedOutputStream(out, 1 << 16));
    this.latestSeconds = latestSeconds;
  }

  public void write(Entry entry) throws IOException {
    switch (entry) {
      case Entry.Directory e ->
          tar.write(header(EntryType.DIRECTORY, e.path() + "/", "", e.attributes(), 0, 0, 0));
      case Entry.File e ->
          tar.write(
              header(EntryType.FILE, e.path(), "", e.attributes(), e.size(), 0, 0), e.content());
      case Entry.Symlink e ->
          tar.write(header(EntryType.SYMLINK, e.path(), e.target(), e.attributes(), 0, 0, 0));
      case Entry.HardLink e ->
          tar.write(Header.plain(EntryType.HARD_LINK, e.path(), e.target(), 0, 0));
      case Entry.Fifo e -> tar.write(header(EntryType.FIFO, e.path(), "", e.attributes(), 0, 0, 0));
      case Entry.Device e ->
          tar.write(
              header(
                  e.block() ? EntryType.BLOCK_DEVICE : EntryType.CHARACTER_DEVICE,
                  e.path(),
                  "",
                  e.attributes(),
                  0,
                  e.major(),
                  e.minor()));
      case Entry.Whiteout e -> {
        int slash = e.path().lastIndexOf('/') + 1;
        marker(e.path().substring(0, slash) + ".wh." + e.path().substring(slash));
      }
      case Entry.Opaque e -> marker((e.path().isEmpty() ? "" : e.path() + "/") + ".wh..wh..opq");
    }
  }

  private void marker(String path) throws IOException {
    tar.write(Header.plain(EntryType.FILE, path, "", 0, 0));
  }

  private Header header(
      EntryType type, String path, String link, Attributes a, long size, int major, int minor) {
    long seconds = Math.min(Math.floorDiv(a.mtimeNanos(), NANOS), latestSeconds);
    return new Header(
        type, path, link, a.mode(), a.uid(), a.gid(), size, seconds, major, minor, a.xattrs());
  }

  /** The archive's end; the stream stays open. */
  public void end() throws IOException {
    tar.end();
  }
}
