package dev.jctl.shim.network;

import dev.jctl.shim.dns.NameTable;
import dev.jctl.shim.dns.ResolvConf;
import dev.jctl.shim.netlink.Cidr;
import dev.jctl.shim.network.WantedLink.Way;
import dev.jctl.shim.spec.NameService;
import dev.jctl.shim.spec.NetworkSpec;
import dev.jctl.shim.spec.Observed;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The resolver's interface on every network. It is a neighbour of the sandboxes there rather than
 * the host itself, so that no firewall of the host's stands between, and has the same address on
 * all. For one thread at a time.
 */
final class ResolverLinks implements AutoCloseable {
  /** In the place of a sandbox's id, which none of theirs begins like. */
  static final String OWNER = ".resolver";

  private static final Cidr ADDRESS = Cidr.parse(NameService.ADDRESS);
  private static final Cidr ADDRESS6 = Cidr.parse(NameService.ADDRESS6);

  private final Names names;
  private final SandboxLinks links;
  private final Supplier<ResolverNamespace> made;
  private @Nullable ResolverNamespace namespace;

  ResolverLinks(
      Names names,
      SandboxLinks links,
      HostThread host,
      NameTable table,
      Supplier<ResolvConf> conf) {
    this.names = names;
    this.links = links;
    this.made = () -> new ResolverNamespace(host, table, conf);
  }

  /**
   * Makes or repairs those of these networks, whose bridges exist.
   *
   * @return the kernel's number for the namespace, when it has one
   */
  Optional<Integer> ensure(Collection<NetworkSpec> networks) {
    ResolverNamespace known = namespace;
    if (known == null) {
      known = made.get();
      namespace = known;
    }
    return links.attach(wanted(networks), known.path(), false);
  }

  void remove(String networkId) {
    links.delete(List.of(hostName(networkId)));
  }

  /** On the host. */
  String hostName(String networkId) {
    return names.veth(OWNER, networkId);
  }

  /** In words, of each network that has any. */
  Map<String, List<String>> drift(Collection<NetworkSpec> networks) {
    ResolverNamespace known = namespace;
    Map<String, List<String>> drift = new TreeMap<>();
    if (known == null || networks.isEmpty()) {
      return drift;
    }
    for (Observed.Attachment seen : links.observed(wanted(networks), known.path())) {
      if (!seen.drift().isEmpty()) {
        drift.put(
            seen.networkId(), seen.drift().stream().map(text -> "resolver: " + text).toList());
      }
    }
    return drift;
  }

  /** It is on bridges only: neighbours of an uplink are not ours alone. */
  private List<WantedLink> wanted(Collection<NetworkSpec> networks) {
    return networks.stream().map(network -> wanted(WantedBridge.of(names, network))).toList();
  }

  private WantedLink wanted(WantedBridge bridge) {
    List<Cidr> addresses = new ArrayList<>(List.of(ADDRESS));
    if (bridge.subnets().stream().anyMatch(subnet -> !subnet.ipv4())) {
      addresses.add(ADDRESS6);
    }
    return new WantedLink(
        bridge.networkId(),
        hostName(bridge.networkId()),
        names.vethAlias(OWNER, bridge.networkId()),
        bridge.device(),
        bridge.device(),
        Names.mac(ADDRESS),
        bridge.mtu(),
        addresses,
        bridge.subnets().stream().map(Way::onLink).toList());
  }

  @Override
  public void close() {
    if (namespace != null) {
      namespace.close();
    }
  }
}
