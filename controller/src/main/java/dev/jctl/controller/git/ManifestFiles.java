package dev.jctl.controller.git;

import dev.jctl.controller.git.GitException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.treewalk.TreeWalk;

/** The manifests in the tree of a commit, read from its objects. */
final class ManifestFiles {
  private static final int MAX_FILE_BYTES = 1 << 20;
  private static final int MAX_FILES = 2_000;
  private static final int MAX_ENTRIES = 100_000;
  private static final int MAX_DEPTH = 50;
  private static final long MAX_BYTES = 16L << 20;
  private static final String LFS_POINTER = "version https://git-lfs.github.com/spec/";

  private final ObjectReader reader;
  private final List<RepositoryFile> files = new ArrayList<>();
  private long bytes;
  private int entries;

  private ManifestFiles(ObjectReader reader) {
    this.reader = reader;
  }

  static List<RepositoryFile> of(Repository repository, ObjectId commit, String path)
      throws IOException {
    try (RevWalk walk = new RevWalk(repository)) {
      ObjectId root = walk.parseCommit(commit).getTree();
      ManifestFiles found = new ManifestFiles(walk.getObjectReader());
      found.walk(found.directory(root, normal(path)), normal(path));
      return List.copyOf(found.files);
    }
  }

  /** Without dots and slashes at its ends: {@code deploy/web}, or empty for the root. */
  private static String normal(String path) {
    return String.join(
        "/",
        List.of(path.split("/")).stream().filter(s -> !s.isEmpty() && !s.equals(".")).toList());
  }

  private ObjectId directory(ObjectId root, String path) throws IOException {
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

  private void walk(ObjectId directory, String path) throws IOException {
    try (TreeWalk walk = new TreeWalk(reader)) {
      walk.addTree(directory);
      while (walk.next()) {
        entry(walk, path.isEmpty() ? walk.getPathString() : path + "/" + walk.getPathString());
      }
    }
  }

  private void entry(TreeWalk walk, String path) throws IOException {
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
      manifest(walk.getObjectId(0), mode, path);
    }
  }

  private void manifest(ObjectId id, FileMode mode, String path) throws IOException {
    if (FileMode.SYMLINK.equals(mode)) {
      throw bad(path + " is a symbolic link; put a copy of the file there, or set spec.path");
    }
    if (files.size() == MAX_FILES) {
      throw tooLarge("more than " + MAX_FILES + " manifests below spec.path");
    }
    byte[] content = content(id, path);
    bytes += content.length;
    if (bytes > MAX_BYTES) {
      throw tooLarge("more than " + (MAX_BYTES >> 20) + " MiB of manifests below spec.path");
    }
    files.add(new RepositoryFile(path, text(content, path)));
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
