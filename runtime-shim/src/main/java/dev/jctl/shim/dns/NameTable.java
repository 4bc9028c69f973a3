package dev.jctl.shim.dns;

import dev.jctl.shim.netlink.Cidr;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Who is called what on which network. Only of sandboxes in which something runs is anything told,
 * and only to who is on the same network. Safe for many threads.
 */
public final class NameTable {
  /**
   * A sandbox on one network.
   *
   * @param names in lower case without a dot at the end; the first is the one that its addresses
   *     have
   */
  public record Presence(
      String sandboxId, String networkId, List<InetAddress> addresses, List<String> names) {
    public Presence {
      addresses = List.copyOf(addresses);
      names = List.copyOf(names);
    }
  }

  /** A network: its subnets, and whether what is asked there may be asked outside. */
  public record Zone(List<Cidr> subnets, boolean internal) {
    public Zone {
      subnets = List.copyOf(subnets);
    }
  }

  /**
   * Who asks.
   *
   * @param networks that it is on
   * @param outward whether it may learn what the world's servers say
   */
  public record Asker(Set<String> networks, boolean outward) {
    public Asker {
      networks = Set.copyOf(networks);
    }
  }

  private record Key(String networkId, String name) {}

  private final Predicate<String> running;
  private final ServiceNames services = new ServiceNames();

  // all below: guarded by this
  private final Map<String, Zone> zones = new HashMap<>();
  private final Map<String, List<Presence>> bySandbox = new HashMap<>();
  private final Map<InetAddress, Presence> byAddress = new HashMap<>();
  private final Map<Key, Map<String, Presence>> byName = new HashMap<>();

  /**
   * @param running whether something runs in the sandbox of that id
   */
  public NameTable(Predicate<String> running) {
    this.running = running;
  }

  /** Names that are no sandbox's. */
  public ServiceNames services() {
    return services;
  }

  public synchronized void putNetwork(String networkId, Zone zone) {
    zones.put(networkId, zone);
  }

  public synchronized void removeNetwork(String networkId) {
    zones.remove(networkId);
  }

  /** Takes the place of what was known of the sandbox. */
  public synchronized void put(String sandboxId, List<Presence> presences) {
    remove(sandboxId);
    bySandbox.put(sandboxId, List.copyOf(presences));
    for (Presence presence : presences) {
      presence.addresses().forEach(address -> byAddress.put(address, presence));
      for (String name : presence.names()) {
        byName
            .computeIfAbsent(new Key(presence.networkId(), name), key -> new TreeMap<>())
            .put(sandboxId, presence);
      }
    }
  }

  public synchronized void remove(String sandboxId) {
    List<Presence> known = bySandbox.remove(sandboxId);
    if (known == null) {
      return;
    }
    for (Presence presence : known) {
      presence.addresses().forEach(address -> byAddress.remove(address, presence));
      for (String name : presence.names()) {
        byName.computeIfPresent(
            new Key(presence.networkId(), name),
            (key, holders) -> {
              holders.remove(sandboxId);
              return holders.isEmpty() ? null : holders;
            });
      }
    }
  }

  /** Empty for a source that is no sandbox's. */
  synchronized Optional<Asker> asker(InetAddress source) {
    Presence presence = byAddress.get(source);
    if (presence == null) {
      return Optional.empty();
    }
    Set<String> networks =
        bySandbox.getOrDefault(presence.sandboxId(), List.of()).stream()
            .map(Presence::networkId)
            .collect(Collectors.toUnmodifiableSet());
    return Optional.of(
        new Asker(networks, networks.stream().map(zones::get).anyMatch(NameTable::outward)));
  }

  private static boolean outward(Zone zone) {
    return zone != null && !zone.internal();
  }

  /** In order; empty when nobody of that name runs on these networks. */
  synchronized List<InetAddress> addresses(Set<String> networks, String name) {
    List<InetAddress> addresses = new ArrayList<>();
    for (String network : networks) {
      for (Presence holder : byName.getOrDefault(new Key(network, name), Map.of()).values()) {
        if (running.test(holder.sandboxId())) {
          addresses.addAll(holder.addresses());
        }
      }
    }
    addresses.sort(
        Comparator.comparing(InetAddress::getAddress, java.util.Arrays::compareUnsigned));
    return addresses;
  }

  /** Whether somebody's name on these networks ends with this one. */
  synchronized boolean hasBelow(Set<String> networks, String name) {
    return byName.keySet().stream()
        .anyMatch(key -> key.name().endsWith("." + name) && networks.contains(key.networkId()));
  }

  /** The name of the sandbox that has it, when that runs on one of these networks. */
  synchronized Optional<String> name(Set<String> networks, InetAddress address) {
    return Optional.ofNullable(byAddress.get(address))
        .filter(holder -> networks.contains(holder.networkId()))
        .filter(holder -> !holder.names().isEmpty() && running.test(holder.sandboxId()))
        .map(holder -> holder.names().getFirst());
  }

  /** Not those of sandboxes that are only on other networks. */
  synchronized List<InetAddress> reachable(Set<String> networks, List<InetAddress> addresses) {
    return addresses.stream()
        .filter(
            address -> {
              Presence holder = byAddress.get(address);
              return holder == null || networks.contains(holder.networkId());
            })
        .toList();
  }

  /** The subnet of ours that an address lies in, whoever may see that. */
  synchronized Optional<Cidr> subnet(InetAddress address) {
    Cidr one = new Cidr(address, address.getAddress().length * 8);
    return zones.values().stream()
        .flatMap(zone -> zone.subnets().stream())
        .filter(subnet -> subnet.overlaps(one))
        .findFirst();
  }
}
