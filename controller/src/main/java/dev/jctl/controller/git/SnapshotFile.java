package dev.jctl.controller.git;

/**
 * A file of something that is no git repository.
 *
 * @param path from the root, with slashes, without {@code .} and {@code ..}
 * @param content of a link: its target
 */
@SuppressWarnings("ArrayRecordComponent") // read once, handed on once
public record SnapshotFile(String path, Kind kind, byte[] content) {
  public enum Kind {
    FILE,
    LINK
  }
}
