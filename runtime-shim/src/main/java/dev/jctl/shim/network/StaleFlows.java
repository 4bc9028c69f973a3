package dev.jctl.shim.network;

import dev.jctl.shim.netlink.Cidr;
import dev.jctl.shim.netlink.Flow;
import dev.jctl.shim.nftables.Ruleset;
import dev.jctl.shim.nftables.Ruleset.Forward;
import dev.jctl.shim.nftables.Ruleset.Service;
import dev.jctl.shim.nftables.Ruleset.ServicePort;
import dev.jctl.shim.nftables.Ruleset.Target;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which flows of datagrams go on to where the rules lead no new one any more: nothing ends them as
 * a connection ends, and who asks often keeps them alive for ever. Pure.
 */
final class StaleFlows {
  private static final String UDP = "udp";
  private static final Set<String> ANY = Set.of("0.0.0.0", "::");

  /** What is translated; {@code ip} may be the unspecified address: any of the machine's. */
  private record Entrance(String ip, int port) {
    boolean isAny() {
      return ANY.contains(ip);
    }
  }

  private record Change(Set<Target> before, Set<Target> now) {}

  private final Map<Entrance, Change> changes = new HashMap<>();
  private final List<Cidr> subnets;
  // all entrances; null when it is known where they led before
  private final @Nullable Map<Entrance, Set<Target>> leads;

  private StaleFlows(Ruleset before, Ruleset now, @Nullable Map<Entrance, Set<Target>> leads) {
    this.leads = leads;
    Map<Entrance, Set<Target>> was = targets(before);
    Map<Entrance, Set<Target>> is = targets(now);
    Set<Entrance> all = new HashSet<>(was.keySet());
    all.addAll(is.keySet());
    for (Entrance entrance : all) {
      Change change =
          new Change(was.getOrDefault(entrance, Set.of()), is.getOrDefault(entrance, Set.of()));
      if (!change.before().equals(change.now())) {
        changes.put(entrance, change);
      }
    }
    subnets =
        Stream.of(before, now)
            .flatMap(ruleset -> ruleset.bridges().stream())
            .flatMap(bridge -> bridge.subnets().stream())
            .distinct()
            .map(Cidr::parse)
            .toList();
  }

  /** After one has taken the place of the other; {@link #perhaps} says whether to look at flows. */
  static StaleFlows between(Ruleset before, Ruleset now) {
    return new StaleFlows(before, now, null);
  }

  /** When nobody knows any more what there was before. */
  static StaleFlows atStart(Ruleset now) {
    return new StaleFlows(Ruleset.empty(now.table()), now, targets(now));
  }

  private static Map<Entrance, Set<Target>> targets(Ruleset ruleset) {
    Map<Entrance, Set<Target>> targets = new HashMap<>();
    for (Forward forward : ruleset.forwards()) {
      if (forward.protocol().equals(UDP)) {
        put(
            targets,
            new Entrance(forward.hostIp(), forward.hostPort()),
            Set.of(new Target(forward.targetIp(), forward.targetPort())));
      }
    }
    for (Service service : ruleset.services()) {
      for (ServicePort port : service.ports()) {
        if (port.protocol().equals(UDP)) {
          Set<Target> all = Set.copyOf(port.targets());
          Stream.concat(service.addresses().stream(), service.external().stream())
              .forEach(ip -> put(targets, new Entrance(ip, port.port()), all));
          if (port.nodePort() != 0) {
            ANY.forEach(ip -> put(targets, new Entrance(ip, port.nodePort()), all));
          }
        }
      }
    }
    return targets;
  }

  private static void put(Map<Entrance, Set<Target>> targets, Entrance entrance, Set<Target> some) {
    targets.computeIfAbsent(entrance, key -> new HashSet<>()).addAll(some);
  }

  boolean perhaps() {
    return !changes.isEmpty() || (leads != null && !subnets.isEmpty());
  }

  /**
   * @param flows of datagrams
   * @param own addresses of the machine
   */
  List<Flow> among(List<Flow> flows, Set<String> own) {
    return flows.stream().filter(flow -> isStale(flow, own)).toList();
  }

  private boolean isStale(Flow flow, Set<String> own) {
    String ip = Cidr.text(flow.asked().getAddress());
    int port = flow.asked().getPort();
    String any = ip.indexOf(':') >= 0 ? "::" : "0.0.0.0";
    List<Entrance> entrances = List.of(new Entrance(ip, port), new Entrance(any, port));
    return isLeft(flow, entrances)
        || entrances.stream()
            .anyMatch(
                entrance -> {
                  Change change = changes.get(entrance);
                  return change != null
                      && isStale(flow, change, !entrance.isAny() || own.contains(ip));
                });
  }

  /** It goes to a container by a rule that is no more. */
  private boolean isLeft(Flow flow, List<Entrance> entrances) {
    Map<Entrance, Set<Target>> led = leads;
    return led != null
        && flow.isTranslated()
        && isOurs(flow.answering())
        && entrances.stream().noneMatch(e -> led.getOrDefault(e, Set.of()).contains(target(flow)));
  }

  private static Target target(Flow flow) {
    InetSocketAddress answering = flow.answering();
    return new Target(Cidr.text(answering.getAddress()), answering.getPort());
  }

  /** One that was not translated began when the port led nowhere. */
  private boolean isStale(Flow flow, Change change, boolean toIt) {
    Target target = target(flow);
    if (change.now().contains(target)) {
      return false;
    }
    return flow.isTranslated()
        ? change.before().contains(target) || isOurs(flow.answering())
        : toIt && !change.now().isEmpty();
  }

  private boolean isOurs(InetSocketAddress target) {
    Cidr address = new Cidr(target.getAddress(), target.getAddress().getAddress().length * 8);
    return subnets.stream().anyMatch(subnet -> subnet.overlaps(address));
  }
}
