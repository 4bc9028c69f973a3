package dev.jctl.images.layer;

import dev.jctl.images.layer.TarWriter.EntryType;
import dev.jctl.images.layer.TarWriter.Header;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A tar of plain files that belong to root and have no time: equal content gives equal bytes. */
public final class BlobArchive {
  private final TarWriter tar;

  public BlobArchive(OutputStream out) {
    this.tar = new TarWriter(out);
  }

  public void directory(String path) throws IOException {
    tar.write(Header.plain(EntryType.DIRECTORY, path + "/", "", 0755, 0));
  }

  public void file(String path, Path content) throws IOException {
    try (InputStream in = Files.newInputStream(content)) {
      tar.write(Header.plain(EntryType.FILE, path, "", 0644, Files.size(content)), in);
    }
  }

  public void file(String path, byte[] content) throws IOException {
    tar.write(
        Header.plain(EntryType.FILE, path, "", 0644, content.length),
        new ByteArrayInputStream(content));
  }

  /** The archive's end; the stream stays open. */
  public void end() throws IOException {
    tar.end();
  }
}
