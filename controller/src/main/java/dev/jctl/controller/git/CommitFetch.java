package dev.jctl.controller.git;

import dev.jctl.controller.git.GitException.Reason;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.eclipse.jgit.errors.TransportException;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevWalk;

/**
 * Brings what of a commit is wanted into a repository. All of it comes over one connection; of
 * parts, first the directories and then the files, where the remote can do that.
 */
final class CommitFetch {
  /** While there is a file of this name, not all that was fetched is whole. */
  static final String PARTIAL = "jctl-partial";

  private static final String HEAD = "refs/jctl/head";
  private static final String HISTORY = "refs/jctl/history";

  private final Repository repository;
  private final Path directory;
  private final Remote remote;
  private final Bounds bounds;

  CommitFetch(Repository repository, Path directory, Remote remote, Bounds bounds) {
    this.repository = repository;
    this.directory = directory;
    this.remote = remote;
    this.bounds = bounds;
  }

  private Connection connect() throws IOException, URISyntaxException {
    return new Connection(repository, directory, remote);
  }

  /** {@code isThere}: whether a commit is at hand already. */
  Revision run(Predicate<String> isThere) throws IOException, URISyntaxException {
    if (!remote.extent().isPart()) {
      return withSubmodules(whole(isThere));
    }
    Path mark = directory.resolve(PARTIAL);
    if (!Files.exists(mark)) {
      Files.createFile(mark);
    }
    try {
      return withSubmodules(part(isThere));
    } catch (TransportException e) {
      if (!Conversation.isPartRefused(e)) {
        throw e;
      }
      return withSubmodules(whole(commit -> false));
    }
  }

  /** What the reference stands for, of which nothing is fetched. */
  Revision find() throws IOException, URISyntaxException {
    if (remote.ref() instanceof GitRef.Commit commit) {
      return new Revision("", commit.id());
    }
    return whole(commit -> true);
  }

  private Revision whole(Predicate<String> isThere) throws IOException, URISyntaxException {
    try (Connection connection = connect();
        Conversation conversation = connection.converse(1)) {
      return follow(conversation, isThere);
    }
  }

  private Revision part(Predicate<String> isThere) throws IOException, URISyntaxException {
    Revision revision;
    try (Connection connection = connect();
        Conversation conversation = connection.converseWithoutFiles(1)) {
      revision = follow(conversation, isThere);
    }
    Wanted wanted = Wanted.of(repository, revision.commit(), remote.extent());
    if (!wanted.files().isEmpty()) {
      try (Connection connection = connect();
          Conversation conversation = connection.converseOfObjects()) {
        conversation.fetchObjects(wanted.files(), bounds);
      }
    }
    return revision;
  }

  private Revision follow(Conversation conversation, Predicate<String> isThere) throws IOException {
    RefChoice.Chosen chosen = RefChoice.of(remote.ref(), conversation.refs());
    Optional<String> known = chosen.commit().filter(isThere);
    if (known.isPresent()) {
      return new Revision(chosen.name(), known.get());
    }
    ObjectId fetched = conversation.fetch(chosen.source(), bounds);
    remember(HEAD, fetched);
    return new Revision(chosen.name(), commitOf(fetched));
  }

  /** {@code depth}: how many commits of the history come. */
  void history(int depth) throws IOException, URISyntaxException {
    try (Connection connection = connect()) {
      if (!remote.extent().isPart() || !isWithoutFiles(connection, depth)) {
        try (Conversation conversation = connection.converse(depth)) {
          remember(HISTORY, conversation.fetch(source(conversation), bounds));
        }
      }
    }
  }

  /** False when the remote cannot do that. */
  private boolean isWithoutFiles(Connection connection, int depth) throws IOException {
    try (Conversation conversation = connection.converseWithoutFiles(depth)) {
      conversation.fetch(source(conversation), bounds);
      return true;
    } catch (TransportException e) {
      if (Conversation.isPartRefused(e)) {
        return false;
      }
      throw e;
    }
  }

  private String source(Conversation conversation) {
    return RefChoice.of(remote.ref(), conversation.refs()).source();
  }

  /**
   * The remote sends only what is not in the history of what is remembered: nothing is, of which
   * not all files are there.
   */
  private void remember(String name, ObjectId id) throws IOException {
    if (!remote.extent().isPart()) {
      RefUpdate update = repository.updateRef(name);
      update.setNewObjectId(id);
      update.forceUpdate();
    }
  }

  /** A tag of a tag, too, becomes a commit here. */
  private String commitOf(ObjectId id) throws IOException {
    try (RevWalk walk = new RevWalk(repository)) {
      return walk.parseCommit(id).getName();
    }
  }

  private Revision withSubmodules(Revision revision) throws IOException, URISyntaxException {
    if (!remote.extent().submodules()) {
      return revision;
    }
    Map<String, ObjectId> wanted =
        Wanted.of(repository, revision.commit(), remote.extent()).submodules();
    if (wanted.size() > Submodules.MAX) {
      throw new GitException(
          Reason.TOO_LARGE,
          "more than " + Submodules.MAX + " submodules below spec.path and spec.sparse");
    }
    if (!wanted.isEmpty()) {
      Submodules all = Submodules.parse(remote, gitmodules(revision));
      for (Map.Entry<String, ObjectId> one : wanted.entrySet()) {
        Remote its = all.remote(one.getKey(), one.getValue().name());
        new CommitFetch(repository, directory, its, bounds).submodule(one.getKey(), one.getValue());
      }
    }
    return revision;
  }

  private void submodule(String path, ObjectId commit) throws URISyntaxException {
    try (Connection connection = connect();
        Conversation conversation = connection.converse(1)) {
      conversation.fetch(commit.name(), bounds);
    } catch (IOException | GitException e) {
      throw new GitException(
          Reason.FAILED, "submodule " + path + ": " + remote.url() + ": " + e.getMessage(), e);
    }
  }

  private String gitmodules(Revision revision) throws IOException {
    return CommitFiles.read(
        repository,
        ObjectId.fromString(revision.commit()),
        Extent.ALL,
        files ->
            files
                .text(".gitmodules")
                .orElseThrow(
                    () ->
                        new GitException(
                            Reason.BAD_CONTENT, "there are submodules and no .gitmodules")));
  }
}
