package dev.jctl.controller.gitrepository;

import dev.jctl.controller.git.CommitFiles;
import dev.jctl.controller.overlay.SourceFiles;
import java.util.List;
import java.util.Optional;

/** The files of a commit as a source of manifests. */
record CommitSource(CommitFiles files) implements SourceFiles {
  @Override
  public Optional<String> text(String path) {
    return files.text(path);
  }

  @Override
  public boolean isDirectory(String path) {
    return files.isDirectory(path);
  }

  @Override
  public List<SourceFile> manifests(String directory) {
    return files.manifests(directory).stream()
        .map(file -> new SourceFile(file.path(), file.text()))
        .toList();
  }
}
