package dev.jctl.controller.git;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.transport.FilterSpec;
import org.eclipse.jgit.transport.RemoteRefUpdate;
import org.eclipse.jgit.transport.SshTransport;
import org.eclipse.jgit.transport.TagOpt;
import org.eclipse.jgit.transport.Transport;
import org.eclipse.jgit.transport.TransportHttp;
import org.eclipse.jgit.transport.URIish;
import org.eclipse.jgit.transport.sshd.SshdSessionFactory;

/** The way to a remote, with what it asks for. */
final class Connection implements AutoCloseable {
  private final Transport transport;
  private final Optional<SshdSessionFactory> sessions;

  /** {@code directory}: of the repository that is fetched into. */
  Connection(Repository repository, Path directory, Remote remote)
      throws IOException, URISyntaxException {
    URIish uri = new URIish(remote.url());
    if (remote.credentials() instanceof Credentials.Bearer) {
      // a token would be told to whomever this one redirects to
      repository.getConfig().setString("http", null, "followRedirects", "false");
    }
    this.transport = Transport.open(repository, uri);
    transport.setTagOpt(TagOpt.NO_TAGS);
    transport.setTimeout((int) Math.max(1, remote.timeout().toSeconds()));
    if (transport instanceof TransportHttp http && !remote.authorities().isEmpty()) {
      http.setHttpConnectionFactory(HttpSessions.trusting(remote.authorities()));
    }
    this.sessions = prove(uri, remote.credentials(), directory);
  }

  /** {@code depth}: how many commits of a history come. */
  Conversation converse(int depth) throws IOException {
    transport.setDepth(depth);
    transport.setFilterSpec(FilterSpec.NO_FILTER);
    return new Conversation(transport.openFetch());
  }

  /** The same for commits and directories alone. */
  Conversation converseWithoutFiles(int depth) throws IOException {
    transport.setDepth(depth);
    transport.setFilterSpec(FilterSpec.fromFilterLine("blob:none"));
    return new Conversation(transport.openFetch());
  }

  /** The same for single objects. */
  Conversation converseOfObjects() throws IOException {
    transport.setDepth((Integer) null);
    transport.setFilterSpec(FilterSpec.NO_FILTER);
    return new Conversation(transport.openFetch());
  }

  /**
   * Moves a branch of the remote on, if it is still where it was.
   *
   * @throws GitException when the remote does not take it
   */
  void push(Repository repository, ObjectId commit, String branch, ObjectId was, Bounds bounds)
      throws IOException {
    RemoteRefUpdate update =
        new RemoteRefUpdate(repository, null, commit, branch, false, null, was);
    RemoteRefUpdate done = transport.push(bounds, List.of(update)).getRemoteUpdate(branch);
    if (done.getStatus() != RemoteRefUpdate.Status.OK) {
      throw new GitException(
          GitException.Reason.PUSH_REFUSED,
          "%s does not take a commit: %s %s"
              .formatted(
                  branch, done.getStatus(), Objects.requireNonNullElse(done.getMessage(), "")));
    }
  }

  private Optional<SshdSessionFactory> prove(URIish uri, Credentials credentials, Path directory) {
    return switch (credentials) {
      case Credentials.Password password -> {
        transport.setCredentialsProvider(new HttpSessions.PasswordFor(uri, password));
        yield Optional.empty();
      }
      case Credentials.Bearer bearer -> {
        if (transport instanceof TransportHttp http) {
          http.setAdditionalHeaders(Map.of("Authorization", "Bearer " + bearer.token()));
        }
        yield Optional.empty();
      }
      case Credentials.SshKey key -> ssh(key, directory);
      case Credentials.None none -> ssh(new Credentials.SshKey("", "", ""), directory);
    };
  }

  private Optional<SshdSessionFactory> ssh(Credentials.SshKey key, Path directory) {
    if (!(transport instanceof SshTransport ssh)) {
      return Optional.empty();
    }
    if (key.identity().isEmpty() || key.knownHosts().isEmpty()) {
      throw new GitException(
          GitException.Reason.BAD_CREDENTIALS,
          "SSH needs a Secret with identity (a private key) and known_hosts (from ssh-keyscan);"
              + " name it in spec.secretRef");
    }
    SshdSessionFactory factory = SshSessions.of(key, directory);
    ssh.setSshSessionFactory(factory);
    return Optional.of(factory);
  }

  @Override
  public void close() {
    try {
      transport.close();
    } finally {
      sessions.ifPresent(SshdSessionFactory::close);
    }
  }
}
