package dev.jctl.controller.overlay;

import java.util.List;
import java.util.Optional;
import java.util.function.BinaryOperator;

/** The files of a source with other texts. */
record MappedFiles(SourceFiles files, BinaryOperator<String> mapping) implements SourceFiles {
  @Override
  public Optional<String> text(String path) {
    return files.text(path).map(text -> mapping.apply(path, text));
  }

  @Override
  public boolean isDirectory(String path) {
    return files.isDirectory(path);
  }

  @Override
  public List<SourceFile> manifests(String directory) {
    return files.manifests(directory).stream()
        .map(f -> new SourceFile(f.path(), mapping.apply(f.path(), f.text())))
        .toList();
  }
}
