package dev.jctl.controller.git;

import dev.jctl.controller.git.GitException.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.eclipse.jgit.errors.IncorrectObjectTypeException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.treewalk.TreeWalk;

/** The files in the tree of a commit, read from its objects, as long as they are kept open. */
public final class CommitFiles {
  private static final int MAX_FILE_BYTES = 1 << 20;
  private static final int MAX_FILES = 2_000;
  private static final int MAX_ENTRIES = 100_000;
  private static final int MAX_DEPTH = 50;
  private static final long MAX_BYTES = 16L << 20;
  private static final String LFS_POINTER = "version https://git-lfs.github.com/spec/";

  private final ObjectReader reader;
  private final ObjectId root;
  private final Extent extent;
  private long bytes;
  private int entries;

  private CommitFiles(ObjectReader reader, ObjectId root, Extent extent) {
    this.reader = reader;
    this.root = root;
    this.extent = extent;
  }

  static <T> T read(
      Repository repository, ObjectId commit, Extent extent, Function<CommitFiles, T> use)
      throws IOException {
    try (RevWalk walk = new RevWalk(repository)) {
      ObjectId root = walk.parseCommit(commit).getTree();
      return use.apply(new CommitFiles(walk.getObjectReader(), root, extent));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /**
   * The manifests in a directory: files of it and below it with a name in .yaml, .yml or .json, in
   * the order of their paths. Hidden ones are left out, and submodules that were not asked for.
   *
   * @throws GitException when there are too many, or one is no plain text
   */
  public List<RepositoryFile> manifests(String path) {
    String directory = Extent.normal(path);
    List<RepositoryFile> files = new ArrayList<>();
    try {
      Entry entry =
          at(directory)
              .filter(Entry::isDirectory)
              .orElseThrow(
                  () ->
                      new GitException(
                          Reason.NO_SUCH_PATH,
                          "there is no directory " + directory + "; set spec.path to one"));
      requireWithin(directory);
      walk(entry, directory, files);
      return List.copyOf(files);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Empty when there is no such file.
   *
   * @throws GitException when it is no plain text
   */
  public Optional<String> text(String path) {
    String file = Extent.normal(path);
    try {
      Optional<Entry> entry = at(file).filter(e -> !e.isDirectory());
      if (entry.isEmpty()) {
        return Optional.empty();
      }
      requireWithin(file);
      return Optional.of(text(entry.get().id(), entry.get().mode(), file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public boolean isDirectory(String path) {
    try {
      return at(Extent.normal(path)).filter(Entry::isDirectory).isPresent();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void requireWithin(String path) {
    if (!extent.contains(path)) {
      throw new GitException(
          Reason.NO_SUCH_PATH,
          (path.isEmpty() ? "the root" : path)
              + " is outside of spec.path and spec.sparse; add it to spec.sparse");
    }
  }

  /**
   * A file or directory.
   *
   * @param inner whether it is one of a submodule
   */
  private record Entry(ObjectId id, FileMode mode, boolean inner) {
    boolean isDirectory() {
      return FileMode.TREE.equals(mode);
    }
  }

  private Optional<Entry> at(String path) throws IOException {
    Optional<Entry> at = Optional.of(new Entry(root, FileMode.TREE, false));
    for (String step : path.isEmpty() ? List.<String>of() : List.of(path.split("/"))) {
      if (at.filter(Entry::isDirectory).isEmpty()) {
        return Optional.empty();
      }
      at = in(at.get(), step, path);
    }
    return at;
  }

  private Optional<Entry> in(Entry directory, String name, String path) throws IOException {
    try (TreeWalk walk = TreeWalk.forPath(reader, name, directory.id())) {
      return walk == null
          ? Optional.empty()
          : Optional.of(entered(walk.getObjectId(0), walk.getFileMode(0), directory.inner(), path));
    }
  }

  /** A submodule is the directory of its commit, if it was asked for; one in it never is. */
  private Entry entered(ObjectId id, FileMode mode, boolean inner, String path) throws IOException {
    if (!FileMode.GITLINK.equals(mode) || inner || !extent.submodules()) {
      return new Entry(id, mode, inner);
    }
    try (RevWalk walk = new RevWalk(reader)) {
      return new Entry(walk.parseCommit(id).getTree(), FileMode.TREE, true);
    } catch (MissingObjectException | IncorrectObjectTypeException e) {
      throw new GitException(Reason.BAD_CONTENT, path + " is a submodule that was not fetched", e);
    }
  }

  private void walk(Entry directory, String path, List<RepositoryFile> files) throws IOException {
    try (TreeWalk walk = new TreeWalk(reader)) {
      walk.addTree(directory.id());
      while (walk.next()) {
        String name = walk.getPathString();
        entry(walk, directory.inner(), path.isEmpty() ? name : path + "/" + name, files);
      }
    }
  }

  private void entry(TreeWalk walk, boolean inner, String path, List<RepositoryFile> files)
      throws IOException {
    if (++entries > MAX_ENTRIES) {
      throw tooLarge("more than " + MAX_ENTRIES + " entries below spec.path");
    }
    String name = walk.getNameString();
    if (name.startsWith(".")) {
      return;
    }
    Entry entry = entered(walk.getObjectId(0), walk.getFileMode(0), inner, path);
    if (FileMode.TREE.equals(walk.getFileMode(0))) {
      if (walk.getDepth() >= MAX_DEPTH) {
        throw tooLarge(path + ": directories deeper than " + MAX_DEPTH);
      }
      walk.enterSubtree();
    } else if (entry.isDirectory()) {
      walk(entry, path, files);
    } else if (!FileMode.GITLINK.equals(entry.mode()) && name.matches(".*\\.(yaml|yml|json)")) {
      if (files.size() == MAX_FILES) {
        throw tooLarge("more than " + MAX_FILES + " manifests below spec.path");
      }
      files.add(new RepositoryFile(path, text(entry.id(), entry.mode(), path)));
    }
  }

  private String text(ObjectId id, FileMode mode, String path) throws IOException {
    if (FileMode.SYMLINK.equals(mode)) {
      throw bad(path + " is a symbolic link; put a copy of the file there, or set spec.path");
    }
    if (FileMode.GITLINK.equals(mode)) {
      throw bad(path + " is a submodule; set spec.submodules to have it fetched");
    }
    byte[] content = content(id, path);
    bytes += content.length;
    if (bytes > MAX_BYTES) {
      throw tooLarge("more than " + (MAX_BYTES >> 20) + " MiB of files are read");
    }
    return text(content, path);
  }

  private byte[] content(ObjectId id, String path) throws IOException {
    ObjectLoader loader = opened(id, path);
    if (loader.getSize() > MAX_FILE_BYTES) {
      throw tooLarge(path + " is larger than " + (MAX_FILE_BYTES >> 20) + " MiB");
    }
    return loader.getBytes(MAX_FILE_BYTES);
  }

  private ObjectLoader opened(ObjectId id, String path) throws IOException {
    try {
      return reader.open(id);
    } catch (MissingObjectException e) {
      throw new GitException(
          Reason.NO_SUCH_PATH, path + " was not fetched with this commit; reconcile it", e);
    }
  }

  private static String text(byte[] content, String path) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
      if (text.startsWith(LFS_POINTER)) {
        throw bad(path + " is a pointer of Git LFS; keep manifests in git itself");
      }
      return text;
    } catch (CharacterCodingException e) {
      throw bad(path + " is no text in UTF-8");
    }
  }

  private static GitException bad(String message) {
    return new GitException(Reason.BAD_CONTENT, message);
  }

  private static GitException tooLarge(String message) {
    return new GitException(Reason.TOO_LARGE, message);
  }
}
