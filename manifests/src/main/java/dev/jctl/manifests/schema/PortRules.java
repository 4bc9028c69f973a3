package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.model.PublishedRange;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Names and published ports, each once. */
final class PortRules {
  private static final Set<String> SCOPES = Set.of("", "localhost", "network", "world");

  static final String ON_HOST =
      "hostNetwork is true, so its ports are the machine's already; remove one of the two";

  private PortRules() {}

  /** With the machine's network a port is the same there. */
  static void onHost(String path, JsonNode container, Findings findings) {
    for (Findings.Item port : Findings.items(path, container, "ports")) {
      int host = port.node().path("hostPort").asInt();
      if (host != 0 && host != port.node().path("containerPort").asInt()) {
        findings.invalid(
            port.path("hostPort"),
            Integer.toString(host),
            "the containerPort, as hostNetwork is true; or leave it out");
      }
    }
  }

  /**
   * @param names of ports to paths, for the whole Pod's containers one map each
   * @param published host ports to paths, one map for the whole Pod
   */
  static void check(
      String path,
      JsonNode container,
      Map<String, String> names,
      Map<String, String> published,
      Findings findings) {
    for (Findings.Item port : Findings.items(path, container, "ports")) {
      Findings.text(port.node(), "name").ifPresent(n -> name(port, n, names, findings));
      Findings.text(port.node(), "hostIP")
          .filter(ip -> !ip.isEmpty() && Cidr.address(ip).isEmpty())
          .ifPresent(
              ip -> findings.invalid(port.path("hostIP"), ip, "an address such as 127.0.0.1"));
      published(port, published, findings);
    }
  }

  /** One text of {@code publish}. */
  static void range(Findings.Item item, Map<String, String> published, Findings findings) {
    if (!item.node().isTextual()) {
      return;
    }
    String text = item.node().textValue();
    PublishedRange range;
    try {
      range = PublishedRange.parse(text);
    } catch (IllegalArgumentException e) {
      findings.invalid(item.path(), text, String.valueOf(e.getMessage()));
      return;
    }
    for (int port = range.hostPort(); port < range.hostPort() + range.count(); port++) {
      String key = port + "/" + range.protocol() + "/" + range.hostIp();
      String what = "host port " + port + "/" + range.protocol();
      if (!findings.unique(item.path(), what, key, published)) {
        return;
      }
    }
  }

  /** From where ports are reached, in a field of {@code object}. */
  static void exposure(JsonNode object, String field, String path, Findings findings) {
    Findings.text(object, field)
        .filter(text -> !SCOPES.contains(text.strip().toLowerCase(Locale.ROOT)))
        .filter(text -> !areBlocks(text))
        .ifPresent(
            text ->
                findings.invalid(
                    path,
                    text,
                    "Localhost, Network, World, or blocks such as 192.0.2.0/24 with commas"
                        + " between"));
  }

  private static boolean areBlocks(String text) {
    return Stream.of(text.split(",", -1)).allMatch(block -> Cidr.parse(block.strip()).isPresent());
  }

  private static void name(
      Findings.Item port, String name, Map<String, String> names, Findings findings) {
    if (!Names.isPortName(name)) {
      findings.invalid(
          port.path("name"), name, "1 to 15 of a-z, 0-9 and -, with at least one letter");
    }
    findings.unique(port.path("name"), "name \"" + name + "\"", name, names);
  }

  private static void published(
      Findings.Item port, Map<String, String> published, Findings findings) {
    long hostPort = port.node().path("hostPort").asLong();
    if (hostPort > 0) {
      String protocol = port.node().path("protocol").asText("TCP");
      String key = hostPort + "/" + protocol + "/" + port.node().path("hostIP").asText();
      findings.unique(
          port.path("hostPort"), "host port " + hostPort + "/" + protocol, key, published);
    }
  }
}
