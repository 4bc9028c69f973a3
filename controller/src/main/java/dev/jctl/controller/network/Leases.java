package dev.jctl.controller.network;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.ResourceKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who has which address: what all Pods' annotations say, and what was given out and is not yet
 * written there. One allocation at a time.
 */
public final class Leases {
  /**
   * A network that addresses are wanted of.
   *
   * @param gateways which nobody gets
   * @param ranges blocks that they are chosen from; none: all of the subnets
   * @param ips particular ones, at most one of a subnet
   * @param mac the same of hardware addresses
   */
  public record Wanted(
      ObjectRef network,
      List<String> subnets,
      List<String> gateways,
      List<String> ranges,
      List<String> ips,
      @Nullable String mac) {
    public Wanted {
      subnets = List.copyOf(subnets);
      gateways = List.copyOf(gateways);
      ranges = List.copyOf(ranges);
      ips = ips.stream().map(Cidr::plain).toList();
      mac = mac == null ? null : mac.toLowerCase(Locale.ROOT);
    }

    private boolean offers(Cidr subnet, String address) {
      return !AddressPool.reserved(subnet, gateways, address)
          && (ranges.isEmpty() || ranges.stream().anyMatch(r -> Cidr.parse(r).contains(address)));
    }
  }

  /** What came of a request for addresses. */
  public sealed interface Grant {
    /**
     * @param kept what the Pod still has beside these
     */
    record Granted(List<Lease> leases, List<Lease> kept) implements Grant {
      public Granted {
        leases = List.copyOf(leases);
        kept = List.copyOf(kept);
      }

      /** To be written into the annotation. */
      public List<Lease> all() {
        return Stream.concat(leases.stream(), kept.stream()).toList();
      }
    }

    /** {@code message}: which network or address, and who has it. */
    record Refused(String reason, String message) implements Grant {}
  }

  private record Search(
      ObjectRef network, Cidr subnet, List<String> gateways, List<String> ranges) {}

  // before this place all is taken; forgotten when an address of the network becomes free
  private final Map<Search, Long> begin = new HashMap<>();

  private record Holder(ObjectRef pod, List<Lease> leases) {}

  private final Map<String, Holder> byPodUid = new HashMap<>();
  // network → address or MAC → uid of the Pod
  private final Map<ObjectRef, Map<String, String>> used = new HashMap<>();

  /** Knows all leases when it returns. */
  public static Leases of(ResourceCache cache) {
    Leases leases = new Leases();
    cache.list(ResourceKind.POD, null).forEach(leases::seen);
    cache.addListener(leases::changed);
    return leases;
  }

  private void changed(@Nullable StoredObject before, @Nullable StoredObject after) {
    if (after != null && after.ref().kind() == ResourceKind.POD) {
      seen(after);
    } else if (after == null && before != null && before.ref().kind() == ResourceKind.POD) {
      release(before.uid());
    }
  }

  // A Pod without the annotation may have leases that are on their way into it.
  private synchronized void seen(StoredObject pod) {
    List<Lease> leases = Lease.of(pod.tree());
    if (!leases.isEmpty()) {
      hold(pod.uid(), new Holder(pod.ref(), leases));
    }
  }

  /**
   * Addresses for a Pod: those it has as far as they still fit, else free ones. The caller writes
   * them into the annotation before they are used, or gives them back.
   *
   * @param inUse what its sandbox has: nobody else gets that before the sandbox has let go of it
   */
  public synchronized Grant allocate(StoredObject pod, List<Wanted> wanted, List<Lease> inUse) {
    List<Lease> granted = new ArrayList<>();
    List<Lease> had = Lease.of(pod.tree());
    for (Wanted w : wanted) {
      switch (allocate(pod.uid(), w, had)) {
        case Grant.Granted g -> granted.addAll(g.leases());
        case Grant.Refused refused -> {
          return refused;
        }
      }
    }
    List<Lease> kept = inUse.stream().filter(lease -> !granted.contains(lease)).toList();
    Grant.Granted grant = new Grant.Granted(granted, kept);
    hold(pod.uid(), new Holder(pod.ref(), grant.all()));
    return grant;
  }

  private Grant allocate(String uid, Wanted wanted, List<Lease> had) {
    List<String> addresses = new ArrayList<>();
    for (String text : wanted.subnets()) {
      Cidr subnet = Cidr.parse(text);
      Optional<String> ip = choose(uid, wanted, subnet, had);
      Optional<Grant.Refused> refused =
          ip.isEmpty() ? Optional.of(full(wanted, subnet)) : refusal(uid, wanted, subnet, ip.get());
      if (refused.isPresent()) {
        return refused.get();
      }
      addresses.add(ip.orElseThrow() + "/" + subnet.prefix());
    }
    Optional<String> outside = outside(wanted, addresses);
    if (outside.isPresent()) {
      return new Grant.Refused(
          "AddressOutsideSubnet",
          outside.get()
              + " is in no subnet of network "
              + wanted.network().name()
              + " "
              + wanted.subnets()
              + "; ask for one inside, or for none in particular");
    }
    Optional<String> mac = mac(wanted, addresses);
    Optional<String> holder = mac.flatMap(m -> holder(uid, wanted.network(), m));
    if (holder.isPresent()) {
      return taken(wanted, "MAC address " + mac.orElseThrow(), holder.get());
    }
    return new Grant.Granted(
        List.of(new Lease(wanted.network().name(), addresses, wanted.mac())), List.of());
  }

  private static Grant.Refused full(Wanted wanted, Cidr subnet) {
    return new Grant.Refused(
        "NetworkFull",
        "network "
            + wanted.network().name()
            + " has no free address in "
            + subnet
            + "; delete Pods that are on it, or use a network with a larger subnet");
  }

  /** Why an address of the subnet is not to be had. */
  private Optional<Grant.Refused> refusal(String uid, Wanted wanted, Cidr subnet, String ip) {
    if (AddressPool.reserved(subnet, wanted.gateways(), ip)) {
      return Optional.of(
          new Grant.Refused(
              "AddressReserved",
              ip
                  + " of network "
                  + wanted.network().name()
                  + " is that of its gateway, or of no single device; ask for another"));
    }
    return holder(uid, wanted.network(), ip).map(holder -> taken(wanted, ip, holder));
  }

  /** The first that was asked for and is none of {@code addresses}. */
  private static Optional<String> outside(Wanted wanted, List<String> addresses) {
    Set<String> granted = addresses.stream().map(Lease::ip).collect(Collectors.toSet());
    return wanted.ips().stream().filter(ip -> !granted.contains(ip)).findFirst();
  }

  /** What was asked for, or else that of the first address. */
  private static Optional<String> mac(Wanted wanted, List<String> addresses) {
    return Optional.ofNullable(wanted.mac())
        .or(() -> addresses.stream().findFirst().map(Lease::ip).flatMap(Lease::macOf));
  }

  private static Grant.Refused taken(Wanted wanted, String what, String holder) {
    return new Grant.Refused(
        "AddressTaken",
        what
            + " of network "
            + wanted.network().name()
            + " is held by "
            + holder
            + "; ask for another, or for none in particular");
  }

  private Optional<String> choose(String uid, Wanted wanted, Cidr subnet, List<Lease> had) {
    Optional<String> asked = wanted.ips().stream().filter(subnet::contains).findFirst();
    if (asked.isPresent()) {
      return asked;
    }
    Optional<String> before =
        had.stream()
            .filter(l -> l.network().equals(wanted.network().name()))
            .flatMap(l -> l.addresses().stream())
            .filter(a -> a.endsWith("/" + subnet.prefix()) && subnet.contains(Lease.ip(a)))
            .map(Lease::ip)
            .map(Cidr::plain)
            .filter(ip -> !isTaken(uid, wanted, ip))
            .filter(ip -> !AddressPool.reserved(subnet, wanted.gateways(), ip))
            .findFirst();
    return before.isPresent() ? before : free(uid, wanted, subnet);
  }

  private Optional<String> free(String uid, Wanted wanted, Cidr subnet) {
    Search search = new Search(wanted.network(), subnet, wanted.gateways(), wanted.ranges());
    OptionalLong place =
        AddressPool.free(
            subnet,
            begin.getOrDefault(search, 1L),
            ip -> !wanted.offers(subnet, ip) || isTaken(uid, wanted, ip));
    place.ifPresent(n -> begin.put(search, n));
    return place.isPresent() ? Optional.of(subnet.address(place.getAsLong())) : Optional.empty();
  }

  /** Or the MAC address that would follow from it. */
  private boolean isTaken(String uid, Wanted wanted, String ip) {
    return holder(uid, wanted.network(), ip).isPresent()
        || (wanted.mac() == null
            && Lease.macOf(ip).flatMap(mac -> holder(uid, wanted.network(), mac)).isPresent());
  }

  /** Another Pod that has the address. */
  private Optional<String> holder(String uid, ObjectRef network, String ip) {
    String by = used.getOrDefault(network, Map.of()).get(ip);
    if (by == null || by.equals(uid)) {
      return Optional.empty();
    }
    Holder holder = byPodUid.get(by);
    return Optional.of(holder == null ? "another Pod" : holder.pod().toString());
  }

  private void hold(String uid, Holder holder) {
    release(uid);
    byPodUid.put(uid, holder);
    for (Lease lease : holder.leases()) {
      Map<String, String> network =
          used.computeIfAbsent(network(holder.pod(), lease), k -> new HashMap<>());
      lease.held().forEach(what -> network.put(what, uid));
    }
  }

  /** The Pod is gone, or what it was given was not used. */
  public synchronized void release(String uid) {
    Holder holder = byPodUid.remove(uid);
    if (holder == null) {
      return;
    }
    for (Lease lease : holder.leases()) {
      ObjectRef ref = network(holder.pod(), lease);
      begin.keySet().removeIf(search -> search.network().equals(ref));
      Map<String, String> network = used.getOrDefault(ref, Map.of());
      lease.held().forEach(what -> network.remove(what, uid));
      if (network.isEmpty()) {
        used.remove(ref);
      }
    }
  }

  private static ObjectRef network(ObjectRef pod, Lease lease) {
    return new ObjectRef(ResourceKind.NETWORK, pod.namespace(), lease.network());
  }

  /** Names of the Pods that have an address there, in order. */
  public synchronized List<String> attached(ObjectRef network) {
    TreeSet<String> names = new TreeSet<>();
    for (String uid : used.getOrDefault(network, Map.of()).values()) {
      Holder holder = byPodUid.get(uid);
      if (holder != null) {
        names.add(holder.pod().name());
      }
    }
    return List.copyOf(names);
  }
}
