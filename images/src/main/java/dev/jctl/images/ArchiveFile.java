package dev.jctl.images;

/**
 * A file of an archive that is small enough to be held as a whole.
 *
 * @param path relative, with slashes, without {@code .} and {@code ..}
 * @param content of a link: its target
 */
@SuppressWarnings("ArrayRecordComponent") // read once, handed on once
public record ArchiveFile(String path, Kind kind, byte[] content) {
  public enum Kind {
    FILE,
    LINK
  }
}
