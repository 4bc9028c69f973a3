package dev.jctl.controller.overlay;

import java.util.List;
import java.util.Optional;

/** The files of a source, by paths from its root. */
public interface SourceFiles {
  /** Empty when there is no such file. */
  Optional<String> text(String path);

  boolean isDirectory(String path);

  /** The manifests in a directory and below it, by path. */
  List<SourceFile> manifests(String directory);

  /**
   * @param path from the source's root
   */
  record SourceFile(String path, String text) {}
}
