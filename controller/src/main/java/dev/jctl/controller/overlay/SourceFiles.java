package dev.jctl.controller.overlay;

import java.util.List;
import java.util.Optional;
import java.util.function.BinaryOperator;

/** The files of a source, by paths from its root. */
public interface SourceFiles {
  /** Empty when there is no such file. */
  Optional<String> text(String path);

  boolean isDirectory(String path);

  /** The manifests in a directory and below it, by path. */
  List<SourceFile> manifests(String directory);

  /**
   * The same files with other texts.
   *
   * @param text of a path and what is there
   */
  default SourceFiles mapped(BinaryOperator<String> text) {
    return new MappedFiles(this, text);
  }

  /**
   * @param path from the source's root
   */
  record SourceFile(String path, String text) {}
}
