package dev.jctl.controller.network;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.manifests.model.Resource;
import dev.jctl.shim.spec.NetworkSpec;
import dev.jctl.shim.spec.Observed;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Network wanted, networks there are → what to do. Pure. */
final class NetworkPlanner {
  private NetworkPlanner() {}

  /**
   * @param others subnets that other networks have, by network
   * @param refused subnets that the host uses otherwise
   * @param routes what the host has routes to, perhaps through bridges of ours
   * @param attached Pods on it
   * @param reported what others change is only to be told
   */
  record Input(
      ObjectRef ref,
      Resource.Network network,
      boolean deleting,
      Map<ObjectRef, List<Cidr>> others,
      List<Cidr> refused,
      List<Cidr> routes,
      List<String> attached,
      boolean reported,
      Optional<Observed.Network> observed) {}

  static NetworkAction plan(Input in) {
    if (in.deleting()) {
      return in.attached().isEmpty()
          ? new NetworkAction.Remove(id(in.ref()))
          : new NetworkAction.AwaitPods(in.attached());
    }
    List<String> asked = Objects.requireNonNullElse(in.network().spec().subnets(), List.of());
    try {
      return asked.isEmpty() ? fromPool(in) : asAsked(in, AddressPool.parseAll(asked));
    } catch (IllegalArgumentException e) {
      return new NetworkAction.Refuse(
          "InvalidSubnet", "spec.subnets: " + e.getMessage() + "; correct it");
    }
  }

  /** Unique in the instance: a namespace has no dot in its name. */
  static String id(ObjectRef ref) {
    return ref.namespace() + "." + ref.name();
  }

  private static NetworkAction asAsked(Input in, List<Cidr> subnets) {
    for (Cidr subnet : subnets) {
      if (subnet.bits() - subnet.prefix() < 2) {
        return new NetworkAction.Refuse(
            "InvalidSubnet", subnet + " is too small: a /30 (/126) is the least");
      }
      for (var other : in.others().entrySet()) {
        for (Cidr theirs : other.getValue()) {
          if (subnet.overlaps(theirs)) {
            return overlap(subnet, other.getKey(), theirs);
          }
        }
      }
    }
    return ensure(in, subnets);
  }

  private static NetworkAction overlap(Cidr subnet, ObjectRef other, Cidr theirs) {
    return new NetworkAction.Refuse(
        "SubnetOverlap",
        "%s overlaps %s of network %s in namespace %s; choose another subnet or delete that network"
            .formatted(subnet, theirs, other.name(), other.namespace()));
  }

  private static NetworkAction fromPool(Input in) {
    List<Cidr> taken = new ArrayList<>(in.refused());
    in.others().values().forEach(taken::addAll);
    List<Cidr> before = former(in);
    List<Cidr> avoided = Stream.concat(taken.stream(), in.routes().stream()).toList();
    List<Cidr> chosen = new ArrayList<>();
    for (int bits : families(in)) {
      Optional<Cidr> subnet =
          before.stream()
              .filter(b -> b.bits() == bits && taken.stream().noneMatch(b::overlaps))
              .findFirst()
              .or(() -> AddressPool.free(bits, avoided, in.network().metadata().getUid()));
      if (subnet.isEmpty()) {
        return new NetworkAction.Refuse(
            "PoolExhausted",
            "every "
                + AddressPool.DEFAULT_POOLS
                + " is in use or has a route; give the network spec.subnets");
      }
      chosen.add(subnet.get());
    }
    return ensure(in, chosen);
  }

  /** By the bits of their addresses, IPv4 first. */
  private static List<Integer> families(Input in) {
    List<String> asked = Objects.requireNonNullElse(in.network().spec().ipFamilies(), List.of());
    return asked.isEmpty()
        ? List.of(32)
        : asked.stream().map(family -> family.equals("IPv6") ? 128 : 32).sorted().toList();
  }

  private static List<Cidr> former(Input in) {
    var status = in.network().status();
    return status == null || status.subnets() == null
        ? in.observed().map(there -> AddressPool.parseAll(there.spec().subnets())).orElse(List.of())
        : AddressPool.parseAll(status.subnets());
  }

  private static NetworkAction ensure(Input in, List<Cidr> subnets) {
    NetworkSpec wanted = spec(in, subnets);
    if (in.observed().isEmpty()) {
      return new NetworkAction.Ensure(wanted, missing(in));
    }
    Observed.Network there = in.observed().get();
    if (!there.spec().equals(wanted)) {
      return new NetworkAction.Ensure(wanted, there.changed());
    }
    if (there.changed().isEmpty()) {
      return new NetworkAction.Keep(wanted);
    }
    return in.reported() && !there.drift().isEmpty()
        ? new NetworkAction.Report(wanted, there.drift())
        : new NetworkAction.Ensure(wanted, there.changed());
  }

  // It was Ready and Pods use it, yet the runtime does not have it: that is drift, too.
  private static List<String> missing(Input in) {
    var status = in.network().status();
    boolean wasThere = status != null && "Ready".equals(status.phase());
    return wasThere && !in.attached().isEmpty() ? List.of("network missing") : List.of();
  }

  private static NetworkSpec spec(Input in, List<Cidr> subnets) {
    var spec = in.network().spec();
    List<String> gateways = Objects.requireNonNullElse(spec.gateways(), List.of());
    boolean internal = Boolean.TRUE.equals(spec.internal());
    return new NetworkSpec(
        id(in.ref()),
        subnets.stream().map(Cidr::toString).toList(),
        subnets.stream().map(s -> gateway(s, gateways) + "/" + s.prefix()).toList(),
        internal,
        Objects.requireNonNullElse(spec.mtu(), 0),
        Objects.requireNonNullElse(spec.bigTCP(), internal),
        uplink(spec));
  }

  private static String gateway(Cidr subnet, List<String> asked) {
    return asked.stream()
        .filter(subnet::contains)
        .findFirst()
        .map(Cidr::plain)
        .orElseGet(() -> AddressPool.gateway(subnet));
  }

  private static NetworkSpec.@Nullable Uplink uplink(dev.jctl.manifests.model.NetworkSpec spec) {
    String driver = Objects.requireNonNullElse(spec.driver(), "bridge");
    String parent = spec.parent();
    if (driver.equals("bridge") || parent == null) {
      return null;
    }
    String usual = driver.equals("macvlan") ? "bridge" : "l2";
    String mode = driver + "_" + Objects.requireNonNullElse(spec.mode(), usual);
    return new NetworkSpec.Uplink(NetworkSpec.Mode.valueOf(mode.toUpperCase(Locale.ROOT)), parent);
  }
}
