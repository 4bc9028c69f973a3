package dev.jctl.shim.nftables;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Everything the instance wants of nftables. The rules are the same for every instance and never
 * change while it lives; networks and ports are only elements of their sets and maps.
 *
 * @param table its name, in family inet
 */
public record Ruleset(String table, Set<Bridge> bridges, Set<Forward> forwards) {
  public Ruleset {
    bridges = Set.copyOf(bridges);
    forwards = Set.copyOf(forwards);
  }

  /**
   * A network of ours.
   *
   * @param subnets in CIDR form without host bits
   */
  public record Bridge(String device, boolean internal, List<String> subnets) {
    public Bridge {
      subnets = List.copyOf(subnets);
    }
  }

  /**
   * A published port.
   *
   * @param protocol {@code tcp} or {@code udp}
   * @param hostIp literal; the unspecified address for every address of the host
   */
  public record Forward(
      String protocol, String hostIp, int hostPort, String targetIp, int targetPort) {
    boolean ipv6() {
      return targetIp.indexOf(':') >= 0;
    }

    boolean anyHostIp() {
      return hostIp.equals("0.0.0.0") || hostIp.equals("::");
    }

    String map() {
      return (anyHostIp() ? "any" : "dnat") + (ipv6() ? "6" : "4");
    }

    String element() {
      String address = anyHostIp() ? "" : hostIp + " . ";
      return protocol + " . " + address + hostPort + " : " + targetIp + " . " + targetPort;
    }
  }

  public boolean isEmpty() {
    return bridges.isEmpty() && forwards.isEmpty();
  }

  /** The elements of every set and map, as libnftables writes them. */
  Map<String, SortedSet<String>> elements() {
    Map<String, SortedSet<String>> elements = new TreeMap<>();
    for (RulesetText.NamedSet set : RulesetText.SETS) {
      elements.put(set.name(), new TreeSet<>());
    }
    bridges.forEach(bridge -> addTo(elements, bridge));
    forwards.forEach(forward -> add(elements, forward.map(), forward.element()));
    return elements;
  }

  private static void addTo(Map<String, SortedSet<String>> elements, Bridge bridge) {
    String device = '"' + bridge.device() + '"';
    add(elements, "bridges", device);
    add(elements, "within", device + " . " + device);
    if (bridge.internal()) {
      add(elements, "internal", device);
    }
    for (String subnet : bridge.subnets()) {
      String family = subnet.indexOf(':') >= 0 ? "6" : "4";
      add(elements, "subnets" + family, subnet);
      if (!bridge.internal()) {
        add(elements, "outward" + family, subnet);
      }
    }
  }

  private static void add(Map<String, SortedSet<String>> elements, String set, String element) {
    elements.computeIfAbsent(set, name -> new TreeSet<>()).add(element);
  }
}
