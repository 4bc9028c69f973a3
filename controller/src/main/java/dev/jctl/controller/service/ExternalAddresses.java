package dev.jctl.controller.service;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.network.Cidr;
import dev.jctl.controller.resources.StoredObject;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Addresses that are not a Service's own but lead to it: which cannot. Pure. */
final class ExternalAddresses {
  /** Whose addresses are left to it: who was served, then the older one, then by name. */
  static final Comparator<StoredObject> FIRST =
      Comparator.comparing((StoredObject service) -> !isServed(service))
          .thenComparing(s -> s.tree().at("/metadata/creationTimestamp").asText())
          .thenComparing(s -> RuntimeServices.id(s.ref()));

  private ExternalAddresses() {}

  private static boolean isServed(StoredObject service) {
    return !service.isDeleting()
        && service
            .tree()
            .at("/status/conditions")
            .valueStream()
            .anyMatch(
                condition ->
                    condition.path("type").asText().equals("Ready")
                        && condition.path("status").asText().equals("True"));
  }

  /** What the Service takes, such as {@code TCP 192.0.2.1 port 80}. */
  static List<String> taken(JsonNode spec) {
    List<String> taken = new ArrayList<>();
    for (JsonNode ip : spec.path("externalIPs")) {
      String address = InetAddress.ofLiteral(ip.asText()).getHostAddress();
      for (JsonNode port : spec.path("ports")) {
        String protocol = port.path("protocol").asText("TCP");
        taken.add(protocol + " " + address + " port " + port.path("port").asInt());
      }
    }
    return taken;
  }

  /**
   * @param holders of what others take, by that
   * @param networks by name, their subnets
   */
  static Optional<Allocation.Result.Refused> refusal(
      JsonNode spec, Map<String, String> holders, Map<String, List<Cidr>> networks) {
    for (JsonNode ip : spec.path("externalIPs")) {
      for (Map.Entry<String, List<Cidr>> network : networks.entrySet()) {
        if (network.getValue().stream().anyMatch(subnet -> subnet.contains(ip.asText()))) {
          return Optional.of(
              new Allocation.Result.Refused(
                  "InvalidExternalIP",
                  "external address %s is one of Network %s; choose one of the machine, or one that is routed to it"
                      .formatted(ip.asText(), network.getKey())));
        }
      }
    }
    return taken(spec).stream()
        .filter(holders::containsKey)
        .findFirst()
        .map(
            taken ->
                new Allocation.Result.Refused(
                    "ExternalIPTaken",
                    "%s leads to Service %s; choose another external address or port"
                        .formatted(taken, holders.get(taken))));
  }
}
