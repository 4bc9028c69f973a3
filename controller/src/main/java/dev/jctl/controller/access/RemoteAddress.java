package dev.jctl.controller.access;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Where remote clients are served.
 *
 * @param host an IP address or a name of this machine
 */
public record RemoteAddress(String host, int port) {
  private static final String LOOPBACK = "127.0.0.1";
  private static final int FIRST_PORT = 7443;
  private static final int PORTS = 100;
  private static final int MAX_PORT = 65535;

  /**
   * @param text {@code HOST:PORT}, an IPv6 address in brackets
   * @throws IllegalArgumentException when it is something else
   */
  public static RemoteAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "" : text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    String port = text.substring(colon + 1);
    if (host.isEmpty() || !port.matches("\\d{1,5}") || !isPort(Integer.parseInt(port))) {
      throw new IllegalArgumentException(
          "expected HOST:PORT to listen on, such as 127.0.0.1:7443, found " + text);
    }
    return new RemoteAddress(host, Integer.parseInt(port));
  }

  private static boolean isPort(int port) {
    return port > 0 && port <= MAX_PORT;
  }

  /**
   * Where to try to listen when nobody said where: as the last time, else on the first free of a
   * hundred ports, so that several instances live side by side.
   *
   * @param remembered a file of {@link #remember}
   */
  public static List<RemoteAddress> candidates(Path remembered) throws IOException {
    Set<RemoteAddress> addresses = new LinkedHashSet<>();
    if (Files.exists(remembered)) {
      addresses.add(parse(Files.readString(remembered).strip()));
    }
    IntStream.range(FIRST_PORT, FIRST_PORT + PORTS)
        .forEach(port -> addresses.add(new RemoteAddress(LOOPBACK, port)));
    return List.copyOf(addresses);
  }

  public void remember(Path file) throws IOException {
    PrivateFiles.write(file, this + "\n");
  }

  /** By what names and addresses a client may know the server that listens here. */
  public List<CertificateAuthority.Host> hosts(String machine) throws IOException {
    Set<CertificateAuthority.Host> hosts = new LinkedHashSet<>();
    hosts.add(new CertificateAuthority.Host("localhost", false));
    if (!machine.isEmpty()) {
      hosts.add(new CertificateAuthority.Host(machine, false));
    }
    for (InetAddress address : addresses()) {
      hosts.add(new CertificateAuthority.Host(withoutScope(address), true));
    }
    if (!isLiteral()) {
      hosts.add(new CertificateAuthority.Host(host, false));
    }
    return List.copyOf(hosts);
  }

  private List<InetAddress> addresses() throws IOException {
    List<InetAddress> all = new ArrayList<>();
    all.add(InetAddress.ofLiteral(LOOPBACK));
    all.add(InetAddress.ofLiteral("::1"));
    InetAddress own = resolved();
    if (own.isAnyLocalAddress()) {
      NetworkInterface.networkInterfaces()
          .flatMap(NetworkInterface::inetAddresses)
          .forEach(all::add);
    } else {
      all.add(own);
    }
    return all;
  }

  private InetAddress resolved() throws UnknownHostException {
    return InetAddress.getByName(host);
  }

  private boolean isLiteral() {
    return host.contains(":") || host.matches("[0-9.]+");
  }

  private static String withoutScope(InetAddress address) {
    String text = address.getHostAddress();
    int scope = address instanceof Inet4Address ? -1 : text.indexOf('%');
    return scope < 0 ? text : text.substring(0, scope);
  }

  /**
   * Where containers reach it.
   *
   * @param service address of the Service that leads there
   */
  public ApiAddress behind(String service) throws UnknownHostException {
    InetAddress own = resolved();
    String literal = own.isAnyLocalAddress() ? LOOPBACK : withoutScope(own);
    return new ApiAddress(service, literal, port);
  }

  /** As clients on this machine name it: the wildcard address can be listened on, not reached. */
  public String forClients() throws UnknownHostException {
    return new RemoteAddress(resolved().isAnyLocalAddress() ? LOOPBACK : host, port).toString();
  }

  /** {@code HOST:PORT}. */
  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
