package dev.jctl.cli.e2e;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The servers that git is reached by, on loopback, all of the same directory: git-daemon(1), a web
 * server that runs git-http-backend(1) for whoever has a password, and Debian's sshd(8) with a
 * configuration of its own.
 */
final class GitServers implements AutoCloseable {
  static final String USER = "machine";
  static final String PASSWORD = "s3cret";

  private final Path repositories;
  private final Path home;
  private final List<Subprocess> servers = new ArrayList<>();
  private final int daemonPort = Host.freePort();
  private final int httpPort = Host.freePort();
  private final int sshPort = Host.freePort();

  /** {@code repositories}: the directory with them; {@code home}: for what the servers need. */
  GitServers(Path repositories, Path home) throws IOException {
    this.repositories = repositories;
    this.home = Files.createDirectories(home);
    startDaemon();
    startHttp();
    startSsh();
    TestEngine.eventually()
        .until(() -> List.of(daemonPort, httpPort, sshPort).stream().allMatch(GitServers::listens));
  }

  private static boolean listens(int port) {
    try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return true;
    } catch (IOException notYet) {
      return false;
    }
  }

  private void start(String... command) {
    servers.add(Subprocess.start(List.of(command), home, Map.of(), ""));
  }

  private void startDaemon() {
    start(
        "git",
        "daemon",
        "--listen=127.0.0.1",
        "--port=" + daemonPort,
        "--base-path=" + repositories,
        "--export-all");
  }

  private void startHttp() throws IOException {
    Path script = Files.createDirectories(home.resolve("www/cgi-bin")).resolve("git");
    Files.writeString(
        script,
        """
        #!/bin/sh
        export GIT_PROJECT_ROOT=%s GIT_HTTP_EXPORT_ALL=1
        exec git http-backend
        """
            .formatted(repositories));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path access = home.resolve("httpd.conf");
    Files.writeString(access, "/:" + USER + ":" + PASSWORD + "\n");
    String address = "127.0.0.1:" + httpPort;
    start("busybox", "httpd", "-f", "-p", address, "-h", home + "/www", "-c", access.toString());
  }

  /** Its directory for privilege separation is on a mount that nobody else sees. */
  private void startSsh() throws IOException {
    for (String key : List.of("host", "client")) {
      Host.run("ssh-keygen", "-q", "-N", "", "-t", "ed25519", "-f", home.resolve(key) + "").ok();
    }
    Path configuration = home.resolve("sshd_config");
    Files.writeString(
        configuration,
        """
        ListenAddress 127.0.0.1
        Port %d
        HostKey %s/host
        AuthorizedKeysFile %2$s/client.pub
        StrictModes no
        UsePAM no
        PasswordAuthentication no
        PidFile none
        """
            .formatted(sshPort, home));
    String alone = "mount -t tmpfs none /run && mkdir /run/sshd && exec /usr/sbin/sshd -D -e -f ";
    start("unshare", "--mount", "sh", "-c", alone + configuration);
  }

  String daemonUrl(String repository) {
    return "git://127.0.0.1:" + daemonPort + "/" + repository;
  }

  String httpUrl(String repository) {
    return "http://127.0.0.1:" + httpPort + "/cgi-bin/git/" + repository;
  }

  String sshUrl(String repository) {
    return "ssh://root@127.0.0.1:" + sshPort + repositories + "/" + repository;
  }

  String identity() throws IOException {
    return Files.readString(home.resolve("client"));
  }

  String knownHosts() throws IOException {
    return "[127.0.0.1]:" + sshPort + " " + Files.readString(home.resolve("host.pub"));
  }

  @Override
  public void close() {
    servers.forEach(Subprocess::close);
  }
}
