package dev.jctl.controller.build;

import dev.jctl.controller.git.CommitTree;
import dev.jctl.controller.git.Credentials;
import dev.jctl.controller.git.Extent;
import dev.jctl.controller.git.GitException;
import dev.jctl.controller.git.GitRef;
import dev.jctl.controller.git.Mirror;
import dev.jctl.controller.git.Remote;
import dev.jctl.images.ImageBuild;
import dev.jctl.images.ImageStore.StoredImage.Layer;
import dev.jctl.images.build.BuildStep.Download;
import dev.jctl.images.build.BuildStep.Download.Repository.KeepGit;
import dev.jctl.images.build.GitAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

/**
 * The git repositories that ADD takes files of, and that are contexts. Each is fetched into a
 * directory of its own, which is removed at once; nothing of it is checked out, and no program is
 * run.
 */
final class Repositories {
  private static final Duration TIMEOUT = Duration.ofMinutes(10);
  private static final Extent WITH_SUBMODULES = new Extent(List.of(), true);
  private static final long MAX_BYTES = 16L << 30;

  private final Path directory;

  /**
   * @param directory for what is fetched; what an earlier process left there goes
   */
  Repositories(Path directory) {
    this.directory = directory;
    new Mirror(directory).remove();
  }

  /**
   * The commit that is meant by now.
   *
   * @throws BuildFailure why nobody knows, or that it is not the one that it must be
   */
  String commit(String what, Download.Repository wanted) {
    String commit = with(what, mirror -> mirror.find(remote(wanted)).commit());
    if (wanted.checksum() != null && !wanted.checksum().equals(commit)) {
      throw new BuildFailure(
          "BuildFailed", "%s: it is %s, not %s".formatted(what, commit, wanted.checksum()));
    }
    return commit;
  }

  /**
   * Its files, root's and as old as the commit, in the directory of its name below {@link
   * ImageBuild#DOWNLOADS}; without a name, at the root.
   */
  Layer layer(ImageBuild build, String what, Download.Repository wanted, String commit) {
    return with(
        what,
        mirror -> {
          if (!mirror.fetch(remote(wanted)).commit().equals(commit)) {
            throw new BuildFailure("BuildFailed", what + ": it has moved meanwhile; build again");
          }
          return mirror.readTree(
              commit,
              wanted.files().subdirectory(),
              tree ->
                  git(
                      mirror,
                      wanted,
                      commit,
                      git -> layer(build, what, wanted, tree.committed(), List.of(tree, git))));
        });
  }

  /** As with BuildKit, a subdirectory alone has none. */
  private static Layer git(
      Mirror mirror,
      Download.Repository wanted,
      String commit,
      Function<Iterator<CommitTree.Entry>, Layer> use) {
    return wanted.keepGit() == KeepGit.YES && wanted.files().subdirectory().isEmpty()
        ? mirror.readGitDirectory(commit, wanted.files().url(), use)
        : use.apply(Collections.emptyIterator());
  }

  private Layer layer(
      ImageBuild build,
      String what,
      Download.Repository wanted,
      Instant committed,
      List<Iterator<CommitTree.Entry>> entries) {
    try (GitEntries files = new GitEntries(wanted.name(), committed, room(), entries)) {
      return build
          .changes(what, List.of(), files, Set.of())
          .orElseThrow(() -> new BuildFailure("BuildFailed", what + ": it has no files"));
    }
  }

  /** In bytes: no repository may fill the disk, where its files are twice for a time. */
  private long room() {
    try {
      return Math.min(MAX_BYTES, Files.getFileStore(directory).getUsableSpace() / 2);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private <T> T with(String what, Function<Mirror, T> use) {
    Mirror mirror = new Mirror(directory.resolve(UUID.randomUUID().toString()));
    try {
      return use.apply(mirror);
    } catch (GitException e) {
      throw new BuildFailure("BuildFailed", what + ": " + e.getMessage());
    } catch (UncheckedIOException e) {
      throw new BuildFailure("BuildFailed", what + ": not all of it can be read: " + e.getCause());
    } finally {
      mirror.remove();
    }
  }

  private static Remote remote(Download.Repository wanted) {
    GitAddress files = wanted.files();
    return new Remote(
        files.url(), ref(files.ref()), new Credentials.None(), "", TIMEOUT, WITH_SUBMODULES);
  }

  private static GitRef ref(String ref) {
    if (ref.isEmpty()) {
      return new GitRef.DefaultBranch();
    }
    return ref.matches("[0-9a-f]{40}")
        ? new GitRef.Commit(ref, Optional.empty())
        : new GitRef.Named(ref);
  }
}
