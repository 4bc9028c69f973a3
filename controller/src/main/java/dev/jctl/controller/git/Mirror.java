package dev.jctl.controller.git;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.eclipse.jgit.errors.TransportException;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.transport.FetchConnection;
import org.eclipse.jgit.transport.RefSpec;
import org.eclipse.jgit.transport.SshTransport;
import org.eclipse.jgit.transport.TagOpt;
import org.eclipse.jgit.transport.Transport;
import org.eclipse.jgit.transport.TransportHttp;
import org.eclipse.jgit.transport.URIish;
import org.eclipse.jgit.transport.sshd.SshdSessionFactory;
import org.eclipse.jgit.util.SystemReader;

/**
 * What was fetched of one remote, in a directory of its own: a bare repository that is made when it
 * is first needed and may be removed at any time. One thread at a time.
 */
public final class Mirror {
  private static final String HEAD = "refs/jctl/head";

  /** Each fetch leaves a pack; more than these and all is fetched anew. */
  private static final int MAX_PACKS = 32;

  private static final Duration END_PATIENCE = Duration.ofSeconds(2);

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
    if (packs() > MAX_PACKS) {
      remove();
    }
    Bounds bounds = new Bounds(directory, remote.timeout());
    FutureTask<Revision> task = new FutureTask<>(() -> fetch(remote, bounds));
    // reads of a socket are ended by an interrupt on virtual threads alone
    Thread thread = Thread.ofVirtual().name("git-fetch").start(task);
    try {
      return task.get(remote.timeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw end(task, thread, TransportFailures.of(remote, e, bounds));
    } catch (ExecutionException e) {
      throw e.getCause() instanceof GitException known
          ? known
          : TransportFailures.of(remote, Objects.requireNonNullElse(e.getCause(), e), bounds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw end(task, thread, TransportFailures.of(remote, e, bounds));
    }
  }

  /** Waits a little, so that the next one does not find it at work. */
  private static GitException end(FutureTask<?> task, Thread thread, GitException failure) {
    task.cancel(true);
    try {
      thread.join(END_PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return failure;
  }

  private Revision fetch(Remote remote, Bounds bounds) throws IOException, URISyntaxException {
    try (Repository repository = open()) {
      return fetch(repository, remote, bounds);
    }
  }

  /**
   * The manifests of a commit that was fetched: files of the directory and below it with a name in
   * .yaml, .yml or .json, in the order of their paths. Hidden ones and submodules are left out.
   *
   * @throws GitException when there are too many, or one is no plain text
   */
  public List<RepositoryFile> manifests(String commit, String path) {
    try (Repository repository = open()) {
      return ManifestFiles.of(repository, ObjectId.fromString(commit), path);
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

  private Revision fetch(Repository repository, Remote remote, Bounds bounds)
      throws IOException, URISyntaxException {
    URIish uri = new URIish(remote.url());
    try (Transport transport = Transport.open(repository, uri)) {
      Optional<SshdSessionFactory> ssh = prepare(transport, uri, remote);
      try {
        return fetch(repository, transport, remote, bounds);
      } finally {
        ssh.ifPresent(SshdSessionFactory::close);
      }
    }
  }

  private Revision fetch(Repository repository, Transport transport, Remote remote, Bounds bounds)
      throws IOException {
    RefChoice.Chosen chosen;
    try (FetchConnection connection = transport.openFetch()) {
      chosen = RefChoice.of(remote.ref(), connection.getRefsMap());
    }
    if (chosen.commit().filter(this::has).isEmpty()) {
      transport.fetch(bounds, List.of(new RefSpec("+" + chosen.source() + ":" + HEAD)));
      if (bounds.isCancelled()) {
        throw new TransportException("cancelled");
      }
      return new Revision(chosen.name(), commitAt(repository, HEAD));
    }
    return new Revision(chosen.name(), chosen.commit().get());
  }

  private static String commitAt(Repository repository, String ref) throws IOException {
    try (RevWalk walk = new RevWalk(repository)) {
      // a tag of a tag, too, becomes a commit here
      return walk.parseCommit(repository.resolve(ref)).getName();
    }
  }

  private Optional<SshdSessionFactory> prepare(Transport transport, URIish uri, Remote remote) {
    transport.setTagOpt(TagOpt.NO_TAGS);
    transport.setDepth(1);
    transport.setTimeout((int) Math.max(1, remote.timeout().toSeconds()));
    if (transport instanceof TransportHttp http && !remote.authorities().isEmpty()) {
      http.setHttpConnectionFactory(HttpSessions.trusting(remote.authorities()));
    }
    return switch (remote.credentials()) {
      case Credentials.Password password -> {
        transport.setCredentialsProvider(new HttpSessions.PasswordFor(uri, password));
        yield Optional.empty();
      }
      case Credentials.Bearer bearer -> {
        if (transport instanceof TransportHttp http) {
          http.setAdditionalHeaders(java.util.Map.of("Authorization", "Bearer " + bearer.token()));
        }
        yield Optional.empty();
      }
      case Credentials.SshKey key -> ssh(transport, key);
      case Credentials.None none -> ssh(transport, new Credentials.SshKey("", "", ""));
    };
  }

  private Optional<SshdSessionFactory> ssh(Transport transport, Credentials.SshKey key) {
    if (!(transport instanceof SshTransport ssh)) {
      return Optional.empty();
    }
    if (key.identity().isEmpty() || key.knownHosts().isEmpty()) {
      throw new GitException(
          GitException.Reason.BAD_CREDENTIALS,
          "SSH needs a Secret with identity (a private key) and known_hosts (from ssh-keyscan);"
              + " name it in spec.secretRef");
    }
    SshdSessionFactory sessions = SshSessions.of(key, directory);
    ssh.setSshSessionFactory(sessions);
    return Optional.of(sessions);
  }
}
