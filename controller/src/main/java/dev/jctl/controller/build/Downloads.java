package dev.jctl.controller.build;

import dev.jctl.images.ImageBuild;
import dev.jctl.images.ImageStore.StoredImage.Layer;
import dev.jctl.images.build.BuildStep.Download;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one ADD takes from web servers and git repositories, fetched once, and not before something
 * hangs on it.
 */
final class Downloads {
  private final ImageBuild build;
  private final Repositories repositories;
  private final String what;
  private final List<Download> wanted;
  private final Map<Download.WebFile, ImageBuild.Download> files = new HashMap<>();
  private final Map<Download.Repository, String> commits = new HashMap<>();

  /**
   * @param what for messages
   */
  Downloads(ImageBuild build, Repositories repositories, String what, List<Download> wanted) {
    this.build = build;
    this.repositories = repositories;
    this.what = what;
    this.wanted = wanted;
  }

  /** What they are called and what is in them: with a checksum that is known before. */
  List<String> names() {
    return wanted.stream().flatMap(one -> names(one).stream()).toList();
  }

  private List<String> names(Download one) {
    return switch (one) {
      case Download.WebFile file ->
          List.of(file.name(), file.checksum() == null ? fetched(file).digest() : file.checksum());
      case Download.Repository repository ->
          List.of(
              repository.name(),
              repository.files().url(),
              repository.files().subdirectory(),
              repository.keepGit().name(),
              commit(repository));
    };
  }

  List<Layer> layers() {
    return wanted.stream().map(this::layer).toList();
  }

  private Layer layer(Download one) {
    return switch (one) {
      case Download.WebFile file -> fetched(file).layer();
      case Download.Repository repository ->
          repositories.layer(build, what(one), repository, commit(repository));
    };
  }

  List<String> sources() {
    return wanted.stream().map(d -> "/" + ImageBuild.DOWNLOADS + "/" + d.name()).toList();
  }

  private String what(Download one) {
    return what + ": " + one.address();
  }

  private String commit(Download.Repository repository) {
    return commits.computeIfAbsent(repository, r -> repositories.commit(what(r), r));
  }

  private ImageBuild.Download fetched(Download.WebFile file) {
    return files.computeIfAbsent(
        file, f -> build.download(what(f), f.uri(), f.name(), f.checksum()));
  }
}
