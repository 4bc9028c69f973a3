package dev.jctl.controller.overlay;

import java.util.List;
import java.util.Optional;

/** The files of a source, with the variables in them replaced. */
record SubstitutedFiles(SourceFiles files, Variables variables) implements SourceFiles {
  @Override
  public Optional<String> text(String path) {
    return files.text(path).map(text -> variables.substitute(path, text));
  }

  @Override
  public boolean isDirectory(String path) {
    return files.isDirectory(path);
  }

  @Override
  public List<SourceFile> manifests(String directory) {
    return files.manifests(directory).stream()
        .map(f -> new SourceFile(f.path(), variables.substitute(f.path(), f.text())))
        .toList();
  }
}
