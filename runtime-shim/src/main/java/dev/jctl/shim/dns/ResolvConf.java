package dev.jctl.shim.dns;

import dev.jctl.shim.spec.SandboxSpec.Dns;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.Stream;

/** A resolv.conf(5) as values. Pure. */
public record ResolvConf(List<String> nameservers, List<String> searches, List<String> options) {
  /** MAXNS of resolv.h: further ones are not asked. */
  private static final int MAX_NAMESERVERS = 3;

  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(2);
  private static final int DEFAULT_ATTEMPTS = 2;

  public ResolvConf {
    nameservers = List.copyOf(nameservers);
    searches = List.copyOf(searches);
    options = List.copyOf(options);
  }

  /** What is not understood is left out, as by the C library. */
  public static ResolvConf parse(String text) {
    List<String> nameservers = new ArrayList<>();
    List<String> searches = List.of();
    List<String> options = new ArrayList<>();
    for (String line : text.lines().toList()) {
      String[] words = line.strip().split("\\s+");
      List<String> values = List.of(words).subList(1, words.length);
      switch (words[0]) {
        case "nameserver" -> values.stream().limit(1).forEach(nameservers::add);
        case "search", "domain" -> searches = values;
        case "options" -> options.addAll(values);
        default -> {}
      }
    }
    return new ResolvConf(nameservers, searches, options);
  }

  /**
   * What the containers of a sandbox see.
   *
   * @param host of the machine
   * @param privateNetwork whether the sandbox does not share the machine's network
   * @param neighbour where sandboxes ask for names; empty when it is on no network
   */
  public static ResolvConf of(
      Dns dns, ResolvConf host, boolean privateNetwork, List<String> neighbour) {
    ResolvConf asked = new ResolvConf(dns.nameservers(), dns.searches(), dns.options());
    return switch (dns.source()) {
      case NONE -> asked;
      case HOST -> reachable(host, privateNetwork, neighbour).and(asked);
      case NETWORKS ->
          neighbour.isEmpty()
              ? reachable(host, privateNetwork, neighbour).and(asked)
              : new ResolvConf(neighbour, List.of(), List.of())
                  .and(asked)
                  .and(new ResolvConf(List.of(), host.searches(), List.of()));
    };
  }

  /** A server on the host's loopback is not reached from another network; ours asks it. */
  private static ResolvConf reachable(
      ResolvConf host, boolean privateNetwork, List<String> neighbour) {
    if (!privateNetwork) {
      return host;
    }
    List<String> far =
        host.nameservers().stream().filter(n -> !n.startsWith("127.") && !n.equals("::1")).toList();
    return new ResolvConf(far.isEmpty() ? neighbour : far, host.searches(), host.options());
  }

  /** Its own first; of options with the same name the other's. */
  private ResolvConf and(ResolvConf other) {
    Map<String, String> named = new LinkedHashMap<>();
    Stream.concat(options.stream(), other.options.stream())
        .forEach(option -> named.put(option.replaceFirst(":.*", ""), option));
    return new ResolvConf(
        joined(nameservers, other.nameservers),
        joined(searches, other.searches),
        List.copyOf(named.values()));
  }

  private static List<String> joined(List<String> first, List<String> second) {
    LinkedHashSet<String> all = new LinkedHashSet<>(first);
    all.addAll(second);
    return List.copyOf(all);
  }

  public String text() {
    StringJoiner text = new StringJoiner("\n", "", "\n");
    nameservers.stream().limit(MAX_NAMESERVERS).forEach(n -> text.add("nameserver " + n));
    if (!searches.isEmpty()) {
      text.add("search " + String.join(" ", searches));
    }
    if (!options.isEmpty()) {
      text.add("options " + String.join(" ", options));
    }
    return text.toString();
  }

  /** For how long one server is waited for. */
  Duration timeout() {
    return option("timeout").map(Duration::ofSeconds).orElse(DEFAULT_TIMEOUT);
  }

  /** How often all servers are asked. */
  int attempts() {
    return option("attempts").orElse(DEFAULT_ATTEMPTS);
  }

  private java.util.Optional<Integer> option(String name) {
    return options.stream()
        .filter(option -> option.matches(name + ":[1-9]"))
        .map(option -> Integer.parseInt(option.substring(name.length() + 1)))
        .findFirst();
  }
}
