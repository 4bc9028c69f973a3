package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Subnets are subnets, with room for a gateway and one container, and do not overlap; gateways and
 * ranges are inside of them; a driver has what it needs.
 */
final class NetworkRules {
  private static final Map<String, List<String>> MODES =
      Map.of(
          "bridge", List.of(),
          "macvlan", List.of("bridge", "private", "vepa", "passthru"),
          "ipvlan", List.of("l2", "l3", "l3s"));

  private static final List<String> FAMILIES = List.of("IPv4", "IPv6");

  /** A name that the kernel takes, dev_valid_name(). */
  private static final Pattern DEVICE = Pattern.compile("(?!\\.{1,2}$)[!-.0-9;-~]{1,15}");

  /** Addresses of no single device, or of the machine itself. */
  private record Special(String block, String purpose) {
    boolean overlaps(Cidr subnet) {
      return Cidr.parse(block).filter(subnet::overlaps).isPresent();
    }
  }

  private static final List<Special> UNUSABLE =
      List.of(
          new Special("0.0.0.0/8", "this network"),
          new Special("127.0.0.0/8", "loopback"),
          new Special("169.254.0.0/16", "link-local addresses"),
          new Special("224.0.0.0/3", "multicast and reserved"),
          new Special("::/127", "loopback"),
          new Special("fe80::/10", "link-local addresses"),
          new Special("ff00::/8", "multicast"));

  private NetworkRules() {}

  static void check(JsonNode spec, Findings findings) {
    driver(spec, findings);
    subnets(spec, findings);
    families(spec, findings);
    List<Cidr> subnets = new ArrayList<>();
    spec.path("subnets").forEach(text -> Cidr.parse(text.asText()).ifPresent(subnets::add));
    gateways(spec, subnets, findings);
    for (Findings.Item item : Findings.items("spec", spec, "ranges")) {
      boolean inside =
          Cidr.parse(item.node().asText())
              .filter(range -> subnets.stream().anyMatch(subnet -> subnet.holds(range)))
              .isPresent();
      if (item.node().isTextual() && !inside) {
        findings.invalid(item.path(), item.node().textValue(), "a block inside of spec.subnets");
      }
    }
  }

  private static void families(JsonNode spec, Findings findings) {
    for (Findings.Item item : Findings.items("spec", spec, "ipFamilies")) {
      if (item.node().isTextual() && !FAMILIES.contains(item.node().textValue())) {
        findings.invalid(item.path(), item.node().textValue(), "IPv4 or IPv6");
      }
    }
    if (!spec.path("ipFamilies").isEmpty() && !spec.path("subnets").isEmpty()) {
      findings.add(
          "spec.ipFamilies",
          FieldError.Type.FORBIDDEN,
          "spec.subnets say which families it has; remove one of the two");
    }
  }

  private static void driver(JsonNode spec, Findings findings) {
    String driver = spec.path("driver").asText("bridge");
    List<String> modes = MODES.get(driver);
    if (modes == null) {
      return;
    }
    Findings.text(spec, "mode")
        .filter(mode -> !modes.contains(mode))
        .ifPresent(
            mode ->
                findings.invalid(
                    "spec.mode",
                    mode,
                    modes.isEmpty() ? "none with driver bridge" : "one of " + modes));
    if (driver.equals("bridge")) {
      if (spec.hasNonNull("parent")) {
        findings.add(
            "spec.parent",
            FieldError.Type.FORBIDDEN,
            "a bridge has no parent; remove it, or choose driver macvlan or ipvlan");
      }
      return;
    }
    if (spec.hasNonNull("bigTCP")) {
      findings.add(
          "spec.bigTCP",
          FieldError.Type.FORBIDDEN,
          "with driver " + driver + " it is the parent's affair; remove it");
    }
    Findings.text(spec, "parent")
        .ifPresentOrElse(
            parent -> device(parent, findings),
            () -> needed("spec.parent", driver, "a device of the machine, such as eth0", findings));
    if (spec.path("subnets").isEmpty()) {
      needed("spec.subnets", driver, "those of the network that parent is on", findings);
    }
  }

  private static void device(String parent, Findings findings) {
    if (!DEVICE.matcher(parent).matches()) {
      findings.invalid("spec.parent", parent, "the name of a device, such as eth0");
    }
  }

  private static void needed(String path, String driver, String what, Findings findings) {
    findings.add(
        path, FieldError.Type.REQUIRED, "missing: driver " + driver + " needs it; give it " + what);
  }

  private static void gateways(JsonNode spec, List<Cidr> subnets, Findings findings) {
    List<Cidr> left = new ArrayList<>(subnets);
    for (Findings.Item item : Findings.items("spec", spec, "gateways")) {
      if (!item.node().isTextual()) {
        continue;
      }
      String text = item.node().textValue();
      Optional<Cidr> whole =
          Cidr.address(text).flatMap(bytes -> Cidr.parse(text + "/" + bytes.length * 8));
      Optional<Cidr> subnet = whole.flatMap(w -> left.stream().filter(s -> s.holds(w)).findFirst());
      if (subnet.isEmpty()) {
        findings.invalid(
            item.path(), text, "an address in one of spec.subnets, and one for each of them");
      }
      subnet.ifPresent(left::remove);
    }
  }

  private static void subnets(JsonNode spec, Findings findings) {
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
    UNUSABLE.stream()
        .filter(special -> special.overlaps(cidr))
        .findFirst()
        .ifPresent(
            special ->
                findings.invalid(
                    path,
                    text,
                    "no part of " + special.block() + ": that is for " + special.purpose()));
    earlier.forEach(
        (otherPath, other) -> {
          if (cidr.overlaps(other)) {
            findings.invalid(path, text, "no overlap with " + otherPath + ", " + other.network());
          }
        });
    earlier.put(path, cidr);
  }
}
