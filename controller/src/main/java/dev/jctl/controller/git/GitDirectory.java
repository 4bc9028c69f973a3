package dev.jctl.controller.git;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.jgit.dircache.DirCache;
import org.eclipse.jgit.dircache.DirCacheBuilder;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevWalk;

/** What {@code git clone --depth 1} and a checkout of the commit leave in {@code .git}. */
final class GitDirectory {
  private static final String ROOT = Constants.DOT_GIT;

  private GitDirectory() {}

  static Iterator<CommitTree.Entry> of(
      Repository repository, Path directory, ObjectId commit, String url) throws IOException {
    Stream<CommitTree.Entry> directories =
        Stream.of("", "/objects", "/objects/info", "/objects/pack", "/refs", "/refs/heads")
            .map(path -> new CommitTree.Entry.Directory(ROOT + path));
    Stream<CommitTree.Entry> texts =
        Stream.of(
            file("HEAD", commit.name() + "\n"),
            file("shallow", commit.name() + "\n"),
            file("config", config(url)),
            file("index", index(repository, directory, commit)));
    Stream<CommitTree.Entry> packs =
        packs(directory.resolve("objects").resolve("pack")).stream().map(GitDirectory::pack);
    return Stream.of(directories, texts, packs).flatMap(all -> all).iterator();
  }

  private static String config(String url) {
    return "[core]\n\trepositoryformatversion = 0\n\tbare = false\n[remote \"origin\"]\n\turl = "
        + quoted(url)
        + "\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n";
  }

  /** As git-config(1) takes it, whatever the address is. */
  private static String quoted(String url) {
    return '"' + url.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /** Without what a work tree says of its files: git looks at them when it is first asked. */
  private static byte[] index(Repository repository, Path directory, ObjectId commit)
      throws IOException {
    Path file = directory.resolve("index");
    DirCache index = new DirCache(file.toFile(), repository.getFS());
    if (!index.lock()) {
      throw new IOException(file + " is locked");
    }
    try (RevWalk walk = new RevWalk(repository)) {
      DirCacheBuilder builder = index.builder();
      builder.addTree(new byte[0], 0, walk.getObjectReader(), walk.parseCommit(commit).getTree());
      builder.commit();
    } finally {
      index.unlock();
    }
    return Files.readAllBytes(file);
  }

  private static List<Path> packs(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().matches(".*\\.(pack|idx)")).sorted().toList();
    }
  }

  private static CommitTree.Entry file(String name, String text) {
    return file(name, text.getBytes(StandardCharsets.UTF_8));
  }

  private static CommitTree.Entry file(String name, byte[] content) {
    return new CommitTree.Entry.File(
        ROOT + "/" + name,
        CommitTree.Executable.NO,
        content.length,
        () -> new ByteArrayInputStream(content));
  }

  private static CommitTree.Entry pack(Path file) {
    try {
      return new CommitTree.Entry.File(
          ROOT + "/objects/pack/" + file.getFileName(),
          CommitTree.Executable.NO,
          Files.size(file),
          () -> Files.newInputStream(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
