package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Subnets are subnets, with room for a gateway and one container, and do not overlap. */
final class NetworkRules {
  private NetworkRules() {}

  static void check(JsonNode spec, Findings findings) {
    Map<String, Cidr> earlier = new LinkedHashMap<>();
    for (Findings.Item item : Findings.items("spec", spec, "subnets")) {
      if (item.node().isTextual()) {
        String text = item.node().textValue();
        Optional<Cidr> cidr = Cidr.parse(text);
        if (cidr.isEmpty()) {
          findings.invalid(item.path(), text, "a subnet such as 10.90.0.0/24");
        }
        cidr.ifPresent(c -> subnet(item.path(), text, c, earlier, findings));
      }
    }
  }

  private static void subnet(
      String path, String text, Cidr cidr, Map<String, Cidr> earlier, Findings findings) {
    if (cidr.hasHostBits()) {
      findings.invalid(path, text, "no bits after the prefix; write " + cidr.network());
    }
    if (cidr.hostBits() < 2) {
      findings.invalid(
          path, text, "room for a gateway and a container, so at least four addresses");
    }
    earlier.forEach(
        (otherPath, other) -> {
          if (cidr.overlaps(other)) {
            findings.invalid(path, text, "no overlap with " + otherPath + ", " + other.network());
          }
        });
    earlier.put(path, cidr);
  }
}
