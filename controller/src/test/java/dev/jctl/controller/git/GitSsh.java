package dev.jctl.controller.git;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.util.List;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.shell.ProcessShellCommandFactory;

/** An SSH server on loopback that runs git's commands for whoever has a key. */
final class GitSsh implements AutoCloseable {
  private final SshServer server = SshServer.setUpDefaultServer();
  private final KeyPair host;

  GitSsh(PublicKey client) throws IOException, GeneralSecurityException {
    host = KeyUtils.generateKeyPair("ssh-rsa", 3072);
    server.setHost("127.0.0.1");
    server.setPort(0);
    server.setKeyPairProvider(KeyPairProvider.wrap(List.of(host)));
    server.setPublickeyAuthenticator((user, key, session) -> KeyUtils.compareKeys(key, client));
    server.setCommandFactory(ProcessShellCommandFactory.INSTANCE);
    server.start();
  }

  String url(Path repository) {
    return "ssh://git@127.0.0.1:" + server.getPort() + repository;
  }

  /** A line as ssh-keyscan prints it. */
  String knownHosts() {
    return "[127.0.0.1]:" + server.getPort() + " " + PublicKeyEntry.toString(host.getPublic());
  }

  @Override
  public void close() throws IOException {
    server.stop(true);
  }
}
