package dev.jctl.controller.network;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the machine has routes to, from proc(5), {@code /proc/net/route} and {@code ipv6_route}. */
public final class HostRoutes {
  private static final Path IPV4 = Path.of("/proc/net/route");
  private static final Path IPV6 = Path.of("/proc/net/ipv6_route");

  private HostRoutes() {}

  /** Without default routes. Empty where there is nothing to read: then nothing is avoided. */
  public static List<Cidr> read() {
    List<Cidr> routes = new ArrayList<>();
    lines(IPV4).stream().skip(1).forEach(line -> addIpv4(routes, line));
    lines(IPV6).forEach(line -> addIpv6(routes, line));
    return routes;
  }

  /** None of a file that cannot be read. */
  static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of();
    }
  }

  /** The second field is the address and the eighth the mask, both with their lowest byte first. */
  static void addIpv4(List<Cidr> routes, String line) {
    String[] fields = line.trim().split("\\s+", -1);
    if (fields.length < 8) {
      return;
    }
    int prefix = Integer.bitCount(Integer.parseUnsignedInt(fields[7], 16));
    if (prefix > 0) {
      int address = Integer.reverseBytes(Integer.parseUnsignedInt(fields[1], 16));
      routes.add(new Cidr(BigInteger.valueOf(Integer.toUnsignedLong(address)), prefix, 32));
    }
  }

  static void addIpv6(List<Cidr> routes, String line) {
    String[] fields = line.trim().split("\\s+", -1);
    if (fields.length < 2) {
      return;
    }
    int prefix = Integer.parseInt(fields[1], 16);
    if (prefix > 0) {
      routes.add(new Cidr(new BigInteger(fields[0], 16), prefix, 128));
    }
  }
}
