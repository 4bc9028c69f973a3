package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/** What Kubernetes' validation of a NetworkPolicy says. */
final class NetworkPolicyRules {
  private NetworkPolicyRules() {}

  static void check(JsonNode spec, Findings findings) {
    selector("spec.podSelector", spec.path("podSelector"), findings);
    rules(spec, "ingress", "from", findings);
    rules(spec, "egress", "to", findings);
  }

  private static void rules(JsonNode spec, String direction, String peers, Findings findings) {
    for (Findings.Item rule : Findings.items("spec", spec, direction)) {
      for (Findings.Item port : Findings.items(rule.path(), rule.node(), "ports")) {
        port(port, findings);
      }
      for (Findings.Item peer : Findings.items(rule.path(), rule.node(), peers)) {
        peer(peer, findings);
      }
    }
  }

  private static void port(Findings.Item item, Findings findings) {
    JsonNode port = item.node().path("port");
    if (port.isTextual() && !Names.isPortName(port.textValue())) {
      findings.invalid(
          item.path("port"), port.textValue(), "a number, or the name of a container port");
    } else if (port.isInt() && (port.intValue() < 1 || port.intValue() > 65_535)) {
      findings.invalid(item.path("port"), port.asText(), "a number from 1 to 65535");
    }
    JsonNode end = item.node().path("endPort");
    if (end.isInt() && (!port.isInt() || end.intValue() < port.intValue())) {
      findings.invalid(
          item.path("endPort"), end.asText(), "a number not below port, which is a number too");
    }
  }

  private static void selector(String path, JsonNode selector, Findings findings) {
    MetadataRules.labels(
        FieldPath.child(path, "matchLabels"), selector.path("matchLabels"), findings);
  }

  private static void peer(Findings.Item peer, Findings findings) {
    for (String selector : List.of("podSelector", "namespaceSelector")) {
      selector(peer.path(selector), peer.node().path(selector), findings);
    }
    JsonNode block = peer.node().path("ipBlock");
    boolean selects =
        peer.node().hasNonNull("podSelector") || peer.node().hasNonNull("namespaceSelector");
    if (!block.isObject() && !selects) {
      findings.add(
          peer.path(),
          FieldError.Type.REQUIRED,
          "expected podSelector, namespaceSelector or ipBlock; for everybody leave the list out");
      return;
    }
    if (block.isObject() && selects) {
      findings.add(
          peer.path("ipBlock"),
          FieldError.Type.FORBIDDEN,
          "cannot be together with a selector; make it another item of the list");
    }
    if (block.isObject()) {
      block(peer.path("ipBlock"), block, findings);
    }
  }

  private static void block(String path, JsonNode block, Findings findings) {
    Optional<Cidr> whole = cidr(FieldPath.child(path, "cidr"), block.path("cidr"), findings);
    for (Findings.Item except : Findings.items(path, block, "except")) {
      Optional<Cidr> part = cidr(except.path(), except.node(), findings);
      if (whole.isPresent() && part.isPresent() && !within(part.get(), whole.get())) {
        findings.invalid(
            except.path(), except.node().asText(), "a part of " + block.path("cidr").asText());
      }
    }
  }

  private static boolean within(Cidr part, Cidr whole) {
    return part.overlaps(whole) && part.hostBits() < whole.hostBits();
  }

  private static Optional<Cidr> cidr(String path, JsonNode node, Findings findings) {
    if (!node.isTextual()) {
      return Optional.empty();
    }
    Optional<Cidr> cidr = Cidr.parse(node.textValue());
    if (cidr.isEmpty()) {
      findings.invalid(path, node.textValue(), "a block such as 10.0.0.0/8 or fd00::/8");
    }
    return cidr;
  }
}
