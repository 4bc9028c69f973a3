package dev.jctl.controller.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.network.Cidr;
import dev.jctl.shim.spec.ServiceSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * Fills in what a Service's author leaves open: addresses and node ports, as kube-apiserver does.
 * Pure.
 */
final class Allocation {
  /** The first that the machine has no route to, unless Services have addresses of another. */
  static final List<Cidr> POOLS4 = pools4();

  static final Cidr POOL6 = Cidr.parse(ServiceSpec.ADDRESSES6);

  private static List<Cidr> pools4() {
    Cidr all = Cidr.parse(ServiceSpec.ADDRESSES4);
    List<Cidr> pools = new ArrayList<>();
    for (int n = 0; n < 16; n++) {
      pools.add(all.block(n, 16));
    }
    return pools;
  }

  /** The reason of a Service that asks for a node port which another has. */
  static final String NODE_PORT_TAKEN = "NodePortTaken";

  private static final int POOL_SIZE = (1 << 16) - 2;
  private static final int FIRST_NODE_PORT = 30_000;
  private static final int NODE_PORTS = 2_768;

  /**
   * What others have.
   *
   * @param addresses by address, whose it is
   * @param nodePorts by protocol and number, whose it is
   * @param inUse the same, by containers and processes of the machine: nobody gets them who does
   *     not ask for them
   * @param avoided what the machine uses otherwise
   */
  record Taken(
      Map<String, String> addresses,
      Map<String, String> nodePorts,
      Set<String> inUse,
      List<Cidr> avoided) {
    Taken {
      addresses = Map.copyOf(addresses);
      nodePorts = Map.copyOf(nodePorts);
      inUse = Set.copyOf(inUse);
      avoided = List.copyOf(avoided);
    }
  }

  /** What became of it. */
  sealed interface Result {
    /** {@code spec}: complete. */
    record Allocated(ObjectNode spec) implements Result {}

    record Refused(String reason, String message) implements Result {}
  }

  private final String owner;
  private final ObjectNode spec;
  private final Taken taken;

  private Allocation(String owner, JsonNode spec, Taken taken) {
    this.owner = owner;
    this.spec = spec.deepCopy();
    this.taken = taken;
  }

  /**
   * @param owner namespace and name: the same Service gets the same address again, if it is free
   */
  static Result of(String owner, JsonNode spec, Taken taken) {
    return new Allocation(owner, spec, taken).run();
  }

  private Result run() {
    String type = spec.path("type").asText("ClusterIP");
    if (type.equals("ExternalName")) {
      spec.remove(List.of("clusterIP", "clusterIPs"));
      return new Result.Allocated(spec);
    }
    Optional<Result.Refused> refused = addresses();
    if (refused.isEmpty() && hasNodePorts(spec)) {
      refused = nodePorts();
    }
    return refused.<Result>map(r -> r).orElseGet(() -> new Result.Allocated(spec));
  }

  private Optional<Result.Refused> addresses() {
    String asked = spec.path("clusterIP").asText("");
    if (asked.equals(RuntimeServices.HEADLESS)) {
      set(List.of(asked), List.of("IPv4"));
      return Optional.empty();
    }
    boolean dual = !spec.path("ipFamilyPolicy").asText("SingleStack").equals("SingleStack");
    List<String> families =
        dual ? List.of("IPv4", "IPv6") : List.of(spec.path("ipFamilies").path(0).asText("IPv4"));
    List<String> addresses = new ArrayList<>();
    for (String family : families) {
      boolean ipv6 = family.equals("IPv6");
      Optional<String> own = declared(ipv6);
      if (own.isPresent() && taken.addresses().containsKey(own.get())) {
        return Optional.of(
            new Result.Refused(
                "AddressTaken",
                own.get()
                    + " is held by Service "
                    + taken.addresses().get(own.get())
                    + "; remove spec.clusterIP or choose another"));
      }
      Optional<String> address = own.or(() -> free(ipv6));
      if (address.isEmpty()) {
        return Optional.of(
            new Result.Refused(
                "PoolExhausted", "no " + family + " address is left for Services; delete some"));
      }
      addresses.add(address.get());
    }
    set(addresses, families);
    return Optional.empty();
  }

  private Optional<String> declared(boolean ipv6) {
    List<String> all = new ArrayList<>();
    spec.path("clusterIPs").forEach(ip -> all.add(ip.asText()));
    all.add(spec.path("clusterIP").asText(""));
    return all.stream().filter(ip -> !ip.isEmpty() && (ip.indexOf(':') >= 0) == ipv6).findFirst();
  }

  private Optional<String> free(boolean ipv6) {
    return pool(ipv6)
        .flatMap(
            pool -> {
              int start = Math.floorMod(owner.hashCode(), POOL_SIZE);
              for (int i = 0; i < POOL_SIZE; i++) {
                String address = pool.address(1 + (start + i) % POOL_SIZE);
                if (!taken.addresses().containsKey(address)) {
                  return Optional.of(address);
                }
              }
              return Optional.empty();
            });
  }

  private Optional<Cidr> pool(boolean ipv6) {
    if (ipv6) {
      return Optional.of(POOL6);
    }
    Optional<Cidr> inUse =
        POOLS4.stream()
            .filter(pool -> taken.addresses().keySet().stream().anyMatch(pool::contains))
            .findFirst();
    return inUse.or(
        () ->
            POOLS4.stream()
                .filter(pool -> taken.avoided().stream().noneMatch(pool::overlaps))
                .findFirst());
  }

  private void set(List<String> addresses, List<String> families) {
    spec.put("clusterIP", addresses.getFirst());
    ArrayNode all = spec.putArray("clusterIPs");
    addresses.forEach(all::add);
    ArrayNode kinds = spec.putArray("ipFamilies");
    families.forEach(kinds::add);
    if (!spec.hasNonNull("ipFamilyPolicy")) {
      spec.put("ipFamilyPolicy", "SingleStack");
    }
  }

  private Optional<Result.Refused> nodePorts() {
    Map<String, String> used = new HashMap<>(taken.nodePorts());
    for (JsonNode port : spec.path("ports")) {
      String protocol = port.path("protocol").asText("TCP");
      int asked = port.path("nodePort").asInt();
      String holder = used.get(key(protocol, asked));
      if (asked > 0 && holder != null) {
        return Optional.of(
            new Result.Refused(
                NODE_PORT_TAKEN,
                "node port "
                    + asked
                    + " is held by Service "
                    + holder
                    + "; remove spec.ports[].nodePort or choose another"));
      }
      if (asked == 0 && !allocatesNodePorts(spec)) {
        continue;
      }
      int number = asked > 0 ? asked : freePort(protocol, port.path("port").asInt(), used);
      if (number == 0) {
        return Optional.of(
            new Result.Refused("NodePortsExhausted", "no node port is left; delete some Services"));
      }
      used.put(key(protocol, number), owner);
      ((ObjectNode) port).put("nodePort", number);
    }
    return Optional.empty();
  }

  /** Whether it will be given a node port. */
  static boolean choosesNodePort(JsonNode spec) {
    return hasNodePorts(spec)
        && allocatesNodePorts(spec)
        && StreamSupport.stream(spec.path("ports").spliterator(), false)
            .anyMatch(port -> port.path("nodePort").asInt() == 0);
  }

  private static boolean hasNodePorts(JsonNode spec) {
    return Set.of("NodePort", "LoadBalancer").contains(spec.path("type").asText(""));
  }

  /** Also where the author names none. */
  private static boolean allocatesNodePorts(JsonNode spec) {
    return spec.path("type").asText("").equals("NodePort")
        || spec.path("allocateLoadBalancerNodePorts").asBoolean(true);
  }

  static String key(String protocol, int number) {
    return protocol + " " + number;
  }

  private int freePort(String protocol, int port, Map<String, String> used) {
    int start = Math.floorMod((owner + port).hashCode(), NODE_PORTS);
    for (int i = 0; i < NODE_PORTS; i++) {
      int number = FIRST_NODE_PORT + (start + i) % NODE_PORTS;
      String key = key(protocol, number);
      if (!used.containsKey(key) && !taken.inUse().contains(key)) {
        return number;
      }
    }
    return 0;
  }
}
