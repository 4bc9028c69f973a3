package dev.jctl.controller.policy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.network.Cidr;
import dev.jctl.controller.network.Lease;
import dev.jctl.controller.resources.LabelMatch;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.shim.spec.Restriction;
import dev.jctl.shim.spec.Restriction.Allowed;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Policies and Pods → what each Pod may. Pure. As networking.k8s.io/v1 has it: a Pod that no policy
 * selects may everything; one that some do may what any of them allows.
 */
final class PolicyPlanner {
  private static final int LAST_PORT = 65_535;

  private final List<Member> members;
  private final List<StoredObject> policies;

  /** A Pod that has addresses. */
  private record Member(
      StoredObject pod, JsonNode labels, JsonNode namespaceLabels, List<String> ips) {}

  private PolicyPlanner(
      List<StoredObject> policies, List<StoredObject> pods, Map<String, JsonNode> namespaces) {
    this.policies = policies;
    this.members = new ArrayList<>();
    JsonNode none = com.fasterxml.jackson.databind.node.MissingNode.getInstance();
    for (StoredObject pod : pods) {
      List<String> ips =
          Lease.of(pod.tree()).stream()
              .flatMap(lease -> lease.addresses().stream())
              .map(Lease::ip)
              .toList();
      if (!ips.isEmpty()) {
        members.add(
            new Member(
                pod,
                pod.tree().at("/metadata/labels"),
                namespaces.getOrDefault(pod.ref().namespace(), none),
                ips));
      }
    }
  }

  /**
   * By the Pods' uids, of those that any policy selects.
   *
   * @param namespaces labels by name
   */
  static Map<String, Restriction> plan(
      List<StoredObject> policies, List<StoredObject> pods, Map<String, JsonNode> namespaces) {
    PolicyPlanner planner = new PolicyPlanner(policies, pods, namespaces);
    Map<String, Restriction> restrictions = new TreeMap<>();
    for (Member member : planner.members) {
      planner.restriction(member).ifPresent(r -> restrictions.put(r.id(), r));
    }
    return restrictions;
  }

  private Optional<Restriction> restriction(Member member) {
    List<StoredObject> own =
        policies.stream()
            .filter(p -> p.ref().namespace().equals(member.pod().ref().namespace()))
            .filter(p -> LabelMatch.selects(p.tree().at("/spec/podSelector"), member.labels()))
            .toList();
    List<Allowed> ingress = allowed(own, member, Direction.INGRESS);
    List<Allowed> egress = allowed(own, member, Direction.EGRESS);
    return ingress == null && egress == null
        ? Optional.empty()
        : Optional.of(new Restriction(member.pod().uid(), member.ips(), ingress, egress));
  }

  private enum Direction {
    INGRESS("Ingress", "ingress", "from"),
    EGRESS("Egress", "egress", "to");

    final String type;
    final String rules;
    final String peers;

    Direction(String type, String rules, String peers) {
      this.type = type;
      this.rules = rules;
      this.peers = peers;
    }

    /** Without policyTypes: Ingress always, Egress when there are rules for it. */
    boolean concerns(JsonNode spec) {
      JsonNode types = spec.path("policyTypes");
      return types.isEmpty()
          ? this == INGRESS || !spec.path(rules).isEmpty()
          : types.valueStream().anyMatch(t -> t.asText().equals(type));
    }
  }

  /** Null when no policy limits that direction. */
  private @Nullable List<Allowed> allowed(
      List<StoredObject> own, Member member, Direction direction) {
    Set<Allowed> allowed = new LinkedHashSet<>();
    boolean limited = false;
    for (StoredObject policy : own) {
      JsonNode spec = policy.tree().path("spec");
      if (direction.concerns(spec)) {
        limited = true;
        for (JsonNode rule : spec.path(direction.rules)) {
          add(allowed, policy, rule, member, direction);
        }
      }
    }
    return limited ? List.copyOf(allowed) : null;
  }

  private void add(
      Set<Allowed> allowed,
      StoredObject policy,
      JsonNode rule,
      Member member,
      Direction direction) {
    JsonNode peers = rule.path(direction.peers);
    JsonNode ports = rule.path("ports");
    if (peers.isEmpty()) {
      List<Range> everybody =
          List.of(Range.of(Cidr.parse("0.0.0.0/0")), Range.of(Cidr.parse("::/0")));
      Member named = direction == Direction.INGRESS ? member : null;
      everybody.forEach(range -> add(allowed, range, ports, named));
      if (direction == Direction.EGRESS) {
        // a port's name means another number with each of them
        members.forEach(m -> m.ips().forEach(ip -> addNamed(allowed, Range.of(ip), ports, m)));
      }
      return;
    }
    for (JsonNode peer : peers) {
      if (peer.path("ipBlock").isObject()) {
        Member named = direction == Direction.INGRESS ? member : null;
        blocks(peer.path("ipBlock")).forEach(range -> add(allowed, range, ports, named));
      } else {
        for (Member other : selected(policy, peer)) {
          Member named = direction == Direction.INGRESS ? member : other;
          other.ips().forEach(ip -> add(allowed, Range.of(ip), ports, named));
        }
      }
    }
  }

  private List<Member> selected(StoredObject policy, JsonNode peer) {
    return members.stream()
        .filter(
            m ->
                peer.path("namespaceSelector").isObject()
                    ? LabelMatch.selects(peer.path("namespaceSelector"), m.namespaceLabels())
                    : m.pod().ref().namespace().equals(policy.ref().namespace()))
        .filter(m -> LabelMatch.selects(peer.path("podSelector"), m.labels()))
        .toList();
  }

  /** Addresses one after the other. */
  private record Range(String first, String last) {
    static Range of(String ip) {
      return new Range(ip, ip);
    }

    static Range of(Cidr block) {
      return new Range(block.address(0), block.last());
    }
  }

  /** What is left of a block without its exceptions. */
  private static List<Range> blocks(JsonNode block) {
    List<Cidr> rest = new ArrayList<>(List.of(Cidr.parse(block.path("cidr").asText())));
    for (JsonNode except : block.path("except")) {
      Cidr hole = Cidr.parse(except.asText());
      rest = rest.stream().flatMap(part -> part.without(hole).stream()).toList();
    }
    return rest.stream().map(Range::of).toList();
  }

  /**
   * @param named whose ports are meant by their names, or null
   */
  private static void add(
      Set<Allowed> allowed, Range range, JsonNode ports, @Nullable Member named) {
    if (ports.isEmpty()) {
      allowed.add(new Allowed(range.first(), range.last(), null, 0, LAST_PORT));
      return;
    }
    for (JsonNode port : ports) {
      JsonNode number = port.path("port");
      String protocol = port.path("protocol").asText("TCP");
      if (number.isMissingNode() || number.isNull()) {
        allowed.add(new Allowed(range.first(), range.last(), protocol, 0, LAST_PORT));
      } else if (number.isInt()) {
        int last = port.path("endPort").asInt(number.asInt());
        allowed.add(new Allowed(range.first(), range.last(), protocol, number.asInt(), last));
      }
    }
    if (named != null) {
      addNamed(allowed, range, ports, named);
    }
  }

  private static void addNamed(Set<Allowed> allowed, Range range, JsonNode ports, Member named) {
    for (JsonNode port : ports) {
      if (port.path("port").isTextual()) {
        String protocol = port.path("protocol").asText("TCP");
        numbers(named, port.path("port").asText(), protocol)
            .forEach(n -> allowed.add(new Allowed(range.first(), range.last(), protocol, n, n)));
      }
    }
  }

  private static List<Integer> numbers(Member member, String name, String protocol) {
    JsonNode spec = member.pod().tree().path("spec");
    return Stream.of("containers", "initContainers")
        .flatMap(list -> spec.path(list).valueStream())
        .flatMap(container -> container.path("ports").valueStream())
        .filter(port -> port.path("name").asText("").equals(name))
        .filter(port -> port.path("protocol").asText("TCP").equals(protocol))
        .map(port -> port.path("containerPort").asInt())
        .toList();
  }
}
