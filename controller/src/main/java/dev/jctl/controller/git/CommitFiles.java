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
  private long bytes;
  private int entries;

  private CommitFiles(ObjectReader reader, ObjectId root) {
    this.reader = reader;
    this.root = root;
  }

  static <T> T read(Repository repository, ObjectId commit, Function<CommitFiles, T> use)
      throws IOException {
    try (RevWalk walk = new RevWalk(repository)) {
      return use.apply(new CommitFiles(walk.getObjectReader(), walk.parseCommit(commit).getTree()));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /**
   * The manifests in a directory: files of it and below it with a name in .yaml, .yml or .json, in
   * the order of their paths. Hidden ones and submodules are left out.
   *
   * @throws GitException when there are too many, or one is no plain text
   */
  public List<RepositoryFile> manifests(String path) {
    List<RepositoryFile> files = new ArrayList<>();
    try {
      walk(directory(normal(path)), normal(path), files);
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
    try (TreeWalk at = TreeWalk.forPath(reader, normal(path), root)) {
      if (at == null || FileMode.TREE.equals(at.getFileMode(0))) {
        return Optional.empty();
      }
      return Optional.of(text(at.getObjectId(0), at.getFileMode(0), path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public boolean isDirectory(String path) {
    if (normal(path).isEmpty()) {
      return true;
    }
    try (TreeWalk at = TreeWalk.forPath(reader, normal(path), root)) {
      return at != null && FileMode.TREE.equals(at.getFileMode(0));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Without dots and slashes at its ends: {@code deploy/web}, or empty for the root. */
  private static String normal(String path) {
    return String.join(
        "/",
        List.of(path.split("/")).stream().filter(s -> !s.isEmpty() && !s.equals(".")).toList());
  }

  private ObjectId directory(String path) throws IOException {
    if (path.isEmpty()) {
      return root;
    }
    try (TreeWalk at = TreeWalk.forPath(reader, path, root)) {
      if (at == null || !FileMode.TREE.equals(at.getFileMode(0))) {
        throw new GitException(
            Reason.NO_SUCH_PATH, "there is no directory " + path + "; set spec.path to one");
      }
      return at.getObjectId(0);
    }
  }

  private void walk(ObjectId directory, String path, List<RepositoryFile> files)
      throws IOException {
    try (TreeWalk walk = new TreeWalk(reader)) {
      walk.addTree(directory);
      while (walk.next()) {
        String name = walk.getPathString();
        entry(walk, path.isEmpty() ? name : path + "/" + name, files);
      }
    }
  }

  private void entry(TreeWalk walk, String path, List<RepositoryFile> files) throws IOException {
    if (++entries > MAX_ENTRIES) {
      throw tooLarge("more than " + MAX_ENTRIES + " entries below spec.path");
    }
    String name = walk.getNameString();
    FileMode mode = walk.getFileMode(0);
    if (name.startsWith(".") || FileMode.GITLINK.equals(mode)) {
      return;
    }
    if (FileMode.TREE.equals(mode)) {
      if (walk.getDepth() >= MAX_DEPTH) {
        throw tooLarge(path + ": directories deeper than " + MAX_DEPTH);
      }
      walk.enterSubtree();
    } else if (name.matches(".*\\.(yaml|yml|json)")) {
      if (files.size() == MAX_FILES) {
        throw tooLarge("more than " + MAX_FILES + " manifests below spec.path");
      }
      files.add(new RepositoryFile(path, text(walk.getObjectId(0), mode, path)));
    }
  }

  private String text(ObjectId id, FileMode mode, String path) throws IOException {
    if (FileMode.SYMLINK.equals(mode)) {
      throw bad(path + " is a symbolic link; put a copy of the file there, or set spec.path");
    }
    if (FileMode.GITLINK.equals(mode)) {
      throw bad(path + " is a submodule; submodules are not fetched");
    }
    byte[] content = content(id, path);
    bytes += content.length;
    if (bytes > MAX_BYTES) {
      throw tooLarge("more than " + (MAX_BYTES >> 20) + " MiB of files are read");
    }
    return text(content, path);
  }

  private byte[] content(ObjectId id, String path) throws IOException {
    ObjectLoader loader = reader.open(id);
    if (loader.getSize() > MAX_FILE_BYTES) {
      throw tooLarge(path + " is larger than " + (MAX_FILE_BYTES >> 20) + " MiB");
    }
    return loader.getBytes(MAX_FILE_BYTES);
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
