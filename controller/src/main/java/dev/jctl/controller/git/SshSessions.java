package dev.jctl.controller.git;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.StringReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.sshd.client.config.hosts.KnownHostEntry;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.config.keys.FilePasswordProvider;
import org.apache.sshd.common.config.keys.PublicKeyEntryResolver;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.eclipse.jgit.transport.CredentialsProvider;
import org.eclipse.jgit.transport.SshConstants;
import org.eclipse.jgit.transport.sshd.ServerKeyDatabase;
import org.eclipse.jgit.transport.sshd.SshdSessionFactory;
import org.eclipse.jgit.transport.sshd.SshdSessionFactoryBuilder;
import org.jspecify.annotations.Nullable;

/** SSH with one key, to hosts that are known; nothing of a user's ~/.ssh is read. */
final class SshSessions {
  private SshSessions() {}

  /** {@code home}: a directory without settings for SSH. */
  static SshdSessionFactory of(Credentials.SshKey key, Path home) {
    List<KeyPair> identities = identities(key);
    List<KnownHostEntry> known = knownHosts(key.knownHosts());
    return new SshdSessionFactoryBuilder()
        .setPreferredAuthentications("publickey")
        .setHomeDirectory(home.toFile())
        .setSshDirectory(home.toFile())
        .setConfigStoreFactory((ssh, config, user) -> null)
        .setDefaultIdentities(directory -> List.of())
        .setDefaultKeysProvider(directory -> identities)
        .setServerKeyDatabase((File homeDirectory, File ssh) -> new Known(known))
        .build(null);
  }

  private static List<KeyPair> identities(Credentials.SshKey key) {
    List<KeyPair> identities = new ArrayList<>();
    try (var in = new ByteArrayInputStream(key.identity().getBytes(StandardCharsets.UTF_8))) {
      Iterable<KeyPair> read =
          SecurityUtils.loadKeyPairIdentities(
              null,
              NamedResource.ofName("identity"),
              in,
              FilePasswordProvider.of(key.passphrase()));
      if (read != null) {
        read.forEach(identities::add);
      }
    } catch (IOException | GeneralSecurityException e) {
      throw bad("identity is no private key that can be read: " + e.getMessage(), e);
    }
    if (identities.isEmpty()) {
      throw new GitException(
          GitException.Reason.BAD_CREDENTIALS,
          "identity holds no private key in OpenSSH's or PEM form");
    }
    return identities;
  }

  private static List<KnownHostEntry> knownHosts(String lines) {
    try (StringReader in = new StringReader(lines)) {
      return KnownHostEntry.readKnownHostEntries(in, true);
    } catch (IOException | RuntimeException e) {
      throw bad("known_hosts has no lines as ssh-keyscan prints them: " + e.getMessage(), e);
    }
  }

  private static GitException bad(String message, Exception e) {
    return new GitException(GitException.Reason.BAD_CREDENTIALS, message, e);
  }

  private record Known(List<KnownHostEntry> entries) implements ServerKeyDatabase {
    @Override
    public List<PublicKey> lookup(
        String connectAddress, InetSocketAddress remote, Configuration config) {
      List<PublicKey> keys = new ArrayList<>();
      for (KnownHostEntry entry : entries) {
        if (isMatch(entry, connectAddress)) {
          keys.add(key(entry));
        }
      }
      return keys.stream().filter(Objects::nonNull).toList();
    }

    @Override
    public boolean accept(
        String connectAddress,
        InetSocketAddress remote,
        PublicKey serverKey,
        Configuration config,
        CredentialsProvider provider) {
      return lookup(connectAddress, remote, config).contains(serverKey);
    }

    /** {@code address}: {@code host:port}. */
    private static boolean isMatch(KnownHostEntry entry, String address) {
      int colon = address.lastIndexOf(':');
      String host = address.substring(0, colon).replaceAll("[\\[\\]]", "");
      int port = Integer.parseInt(address.substring(colon + 1));
      return !"revoked".equals(entry.getMarker())
          && entry.isHostMatch(host, port == SshConstants.SSH_DEFAULT_PORT ? 0 : port);
    }

    private static @Nullable PublicKey key(KnownHostEntry entry) {
      try {
        return entry.getKeyEntry().resolvePublicKey(null, PublicKeyEntryResolver.IGNORING);
      } catch (IOException | GeneralSecurityException e) {
        return null; // a kind of key that is not known here matches nothing
      }
    }
  }
}
