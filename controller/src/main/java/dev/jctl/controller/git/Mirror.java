package dev.jctl.controller.git;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.util.SystemReader;

/**
 * What was fetched of one remote, in a directory of its own: a bare repository that is made when it
 * is first needed and may be removed at any time. One thread at a time.
 */
public final class Mirror {
  /** Each fetch leaves a pack; more than these and all is fetched anew. */
  private static final int MAX_PACKS = 32;

  /** More files of snapshots than these, and only the next one is kept. */
  private static final long MAX_LOOSE = 50_000;

  /** How many commits are fetched to find one of them; then it is taken not to be there. */
  private static final List<Integer> DEPTHS = List.of(20, 500, 10_000);

  private final Path directory;

  /** {@code directory}: need not be there. */
  public Mirror(Path directory) {
    this.directory = directory;
  }

  /** JGit reads no settings of this machine or its users. */
  private static void isolate() {
    if (!(SystemReader.getInstance() instanceof IsolatedSystem)) {
      SystemReader.setInstance(new IsolatedSystem(SystemReader.getInstance()));
    }
  }

  /**
   * What the reference stands for now, with its files at hand.
   *
   * @throws GitException why not
   */
  public Revision fetch(Remote remote) {
    boolean partial = Files.exists(directory.resolve(CommitFetch.PARTIAL));
    if (packs() > MAX_PACKS || (partial && !remote.extent().isPart())) {
      remove();
    }
    Bounds bounds = new Bounds(directory, remote.timeout());
    return BoundedCall.run(remote, bounds, () -> fetch(remote, bounds));
  }

  /**
   * What the reference stands for now, without its files.
   *
   * @throws GitException why not
   */
  public Revision find(Remote remote) {
    Bounds bounds = new Bounds(directory, remote.timeout());
    return BoundedCall.run(
        remote,
        bounds,
        () -> {
          try (Repository repository = open()) {
            return new CommitFetch(repository, directory, remote, bounds).find();
          }
        });
  }

  private Revision fetch(Remote remote, Bounds bounds) throws IOException, URISyntaxException {
    try (Repository repository = open()) {
      return new CommitFetch(repository, directory, remote, bounds).run(this::has);
    }
  }

  /**
   * Puts a commit on top of a branch's that was fetched.
   *
   * @param files texts by path, which are there already
   * @throws GitException when the remote does not take it
   */
  public Revision push(
      Remote remote, Revision head, Map<String, String> files, ChangedCommit change) {
    Bounds bounds = new Bounds(directory, remote.timeout());
    return BoundedCall.run(remote, bounds, () -> push(remote, bounds, head, files, change));
  }

  private Revision push(
      Remote remote, Bounds bounds, Revision head, Map<String, String> files, ChangedCommit change)
      throws IOException, URISyntaxException {
    try (Repository repository = open();
        Connection connection = new Connection(repository, directory, remote)) {
      ObjectId was = ObjectId.fromString(head.commit());
      ObjectId commit = change.write(repository, was, files);
      connection.push(repository, commit, Constants.R_HEADS + head.name(), was, bounds);
      return new Revision(head.name(), commit.getName());
    }
  }

  /**
   * Keeps files that are from no git repository, as if they had been fetched.
   *
   * @param name for people: what they are of
   * @throws GitException for names that git has no place for
   */
  public Revision store(String name, List<SnapshotFile> files) {
    if (looseObjects() > MAX_LOOSE) {
      remove();
    }
    try (Repository repository = open()) {
      return new Revision(name, SnapshotCommit.write(repository, name, files).getName());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As {@code git gc --auto} guesses it: from one of the 256 directories. */
  private long looseObjects() {
    Path one = directory.resolve("objects").resolve("17");
    if (!Files.isDirectory(one)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(one)) {
      return files.count() * 256;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Whether a commit has another in its history. That is fetched as far as it takes, to a bound.
   *
   * @throws GitException when the remote cannot be asked
   */
  public boolean descends(Remote remote, Revision revision, String ancestor) {
    Bounds bounds = new Bounds(directory, remote.timeout());
    return BoundedCall.run(remote, bounds, () -> descends(remote, bounds, revision, ancestor));
  }

  private boolean descends(Remote remote, Bounds bounds, Revision revision, String ancestor)
      throws IOException, URISyntaxException {
    ObjectId from = ObjectId.fromString(revision.commit());
    ObjectId to = ObjectId.fromString(ancestor);
    try (Repository repository = open()) {
      Ancestry.Answer answer = Ancestry.of(repository, to, from);
      for (int i = 0; i < DEPTHS.size() && answer == Ancestry.Answer.NOT_SEEN; i++) {
        new CommitFetch(repository, directory, remote, bounds).history(DEPTHS.get(i));
        answer = Ancestry.of(repository, to, from);
      }
      return answer == Ancestry.Answer.YES;
    }
  }

  /**
   * Who signed a commit that was fetched.
   *
   * @throws GitException when nobody did whose key is among these
   */
  public String signer(String commit, TrustedKeys keys) {
    try (Repository repository = open()) {
      return new CommitSignatures(repository, keys).signer(ObjectId.fromString(commit));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Uses the files of a commit that was fetched, as far as it was. */
  public <T> T read(String commit, Extent extent, Function<CommitFiles, T> use) {
    try (Repository repository = open()) {
      return CommitFiles.read(repository, ObjectId.fromString(commit), extent, use);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Uses all files of a directory of a commit that was fetched, submodules' too.
   *
   * @param directory empty: the root
   * @throws GitException without such a directory, and while they are read
   */
  public <T> T readTree(String commit, String directory, Function<CommitTree, T> use) {
    try (Repository repository = open();
        RevWalk walk = new RevWalk(repository)) {
      RevCommit parsed = walk.parseCommit(ObjectId.fromString(commit));
      return use.apply(CommitTree.of(walk.getObjectReader(), parsed, directory));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Uses what a work tree of a commit that was fetched has as its {@code .git}: nothing is checked
   * out of anything else, and no setting of a remote is in it but its address.
   */
  public <T> T readGitDirectory(
      String commit, String url, Function<Iterator<CommitTree.Entry>, T> use) {
    try (Repository repository = open()) {
      return use.apply(
          GitDirectory.of(repository, this.directory, ObjectId.fromString(commit), url));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether its files are at hand. */
  public boolean has(String commit) {
    if (!Files.isDirectory(directory)) {
      return false;
    }
    try (Repository repository = open()) {
      return repository.getObjectDatabase().has(ObjectId.fromString(commit));
    } catch (IOException e) {
      return false;
    }
  }

  public void remove() {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long packs() {
    Path packs = directory.resolve("objects").resolve("pack");
    if (!Files.isDirectory(packs)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(packs)) {
      return files.filter(file -> file.toString().endsWith(".pack")).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Repository open() throws IOException {
    isolate();
    FileRepository repository =
        (FileRepository)
            new FileRepositoryBuilder().setBare().setGitDir(directory.toFile()).build();
    if (!Files.exists(directory.resolve(Constants.HEAD))) {
      repository.create(true);
    }
    return repository;
  }
}
