package dev.jctl.cli.e2e;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The machine that the tests run on. */
final class Host {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /**
   * Each process that runs tests has a range of its own: who publishes a port does not listen on
   * it, so that others would take it for free. Where in it they begin differs, as connections of
   * the run before may still hold theirs. Below are those of {@code bench/}, above node ports.
   */
  private static final AtomicInteger NEXT_PORT =
      new AtomicInteger(
          23_000
              + 1_750 * (Integer.getInteger("jctl.fork", 1) % 4)
              + ThreadLocalRandom.current().nextInt(750));

  private Host() {}

  static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  /** Skips where it is older or missing: what an older one can do has a test of its own. */
  static void requireKubectl() throws IOException {
    assumeTrue(kubectlMinor() >= 31, "needs kubectl 1.31 or later on the PATH");
  }

  /** Of exactly that version: what it says is compared to the letter. */
  static void requireKubectl(int minor) throws IOException {
    assumeTrue(kubectlMinor() == minor, "needs kubectl 1." + minor);
  }

  /** 0 when there is none. */
  private static int kubectlMinor() throws IOException {
    Ran version = run("sh", "-c", "kubectl version --client -o json");
    return version.code() != 0
        ? 0
        : new ObjectMapper()
            .readTree(version.out())
            .at("/clientVersion/minor")
            .asText()
            .replaceAll("\\D", "")
            .transform(Integer::parseInt);
  }

  /**
   * Debian's kubectl, which may be years older than the one on the PATH, unpacked into {@code
   * directory}. Skips where Debian's archive cannot be reached.
   */
  static Path debianKubectl(Path directory) {
    Ran unpacked =
        run(
            "sh",
            "-c",
            "cd " + directory + " && apt-get download kubernetes-client && dpkg-deb -x *.deb .");
    assumeTrue(unpacked.code() == 0, "needs Debian's package kubernetes-client: " + unpacked.err());
    return directory.resolve("usr/bin/kubectl");
  }

  /** Runs a command of the host. */
  static Ran run(String... command) {
    return Subprocess.start(List.of(command), Path.of("/"), Map.of(), "").await(PATIENCE);
  }

  /**
   * A TCP port that nobody listens on. Below those that the kernel hands out, so that it stays
   * free, and no port that a test beside this one is given.
   */
  static int freePort() {
    return freePorts(1);
  }

  /** The first of {@code count} such ports that follow each other. */
  static int freePorts(int count) {
    while (true) {
      int first = NEXT_PORT.getAndAdd(count);
      if (IntStream.range(first, first + count).allMatch(Host::isFree)) {
        return first;
      }
    }
  }

  /** Nor is one that a connection which has just ended still has: who publishes cannot have it. */
  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(false);
      socket.bind(new InetSocketAddress(port));
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  /**
   * The first three bytes, as in {@code 10.217.4}, of a /24 that no interface of this machine has
   * an address of.
   */
  static String freeSubnet() throws IOException {
    List<String> taken =
        NetworkInterface.networkInterfaces()
            .flatMap(link -> link.getInterfaceAddresses().stream())
            .map(InterfaceAddress::getAddress)
            .map(InetAddress::getHostAddress)
            .toList();
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return Stream.generate(() -> "10." + random.nextInt(100, 250) + "." + random.nextInt(256))
        .filter(prefix -> taken.stream().noneMatch(address -> address.startsWith(prefix + ".")))
        .findFirst()
        .orElseThrow();
  }

  /**
   * The body of what {@code url} answers with 200. A connection is made again when there is none
   * after a second: TCP would wait longer each time when what it sent went to nobody.
   */
  static String fetch(String url) throws IOException, InterruptedException {
    Instant end = Instant.now().plus(PATIENCE);
    while (true) {
      try {
        return fetchOnce(url);
      } catch (HttpConnectTimeoutException e) {
        if (Instant.now().isAfter(end)) {
          throw e;
        }
      }
    }
  }

  private static String fetchOnce(String url) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(PATIENCE).build();
    try (HttpClient client =
        HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build()) {
      HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() != 200) {
        throw new IOException(url + ": " + response.statusCode() + " " + response.body());
      }
      return response.body();
    }
  }
}
