package dev.jctl.shim.nftables;

import dev.jctl.shim.nftables.Ruleset.Box;
import dev.jctl.shim.nftables.Ruleset.Bridge;
import dev.jctl.shim.nftables.Ruleset.Forward;
import dev.jctl.shim.nftables.Ruleset.Reach;
import dev.jctl.shim.nftables.Ruleset.Restricted;
import dev.jctl.shim.nftables.Ruleset.Service;
import dev.jctl.shim.nftables.Ruleset.ServicePort;
import dev.jctl.shim.spec.Exposure;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Sorts what is wanted into the sets and maps of {@link Skeleton}. */
final class Elements {
  private final SortedMap<String, SortedSet<String>> bySet = new TreeMap<>();

  SortedMap<String, SortedSet<String>> bySet() {
    return bySet;
  }

  void add(Bridge bridge) {
    String device = '"' + bridge.device() + '"';
    put("bridges", device);
    put("within", device + " . " + device);
    switch (bridge.reach()) {
      case OUTWARD -> {}
      case INTERNAL -> put("internal", device);
      case NAMES -> {
        put("internal", device);
        put("aside", device);
      }
    }
    for (String subnet : bridge.subnets()) {
      put("subnets" + family(subnet), subnet);
      if (bridge.reach() == Reach.OUTWARD) {
        put("outward" + family(subnet), subnet);
      }
    }
    bridge.gateways().stream()
        .filter(gateway -> family(gateway).equals("6"))
        .findFirst()
        .ifPresent(gateway -> put(Skeleton.GATEWAYS6, device + " : " + gateway));
  }

  void add(Forward forward) {
    put(forward.map(), forward.element());
    expose(forward.map(), forward.key(), forward.exposure());
  }

  void add(Service service) {
    for (String address : service.addresses()) {
      put("virtual" + family(address), address);
    }
    for (ServicePort port : service.ports()) {
      for (String address : service.addresses()) {
        if (!port.targets(family(address).equals("6")).isEmpty()) {
          String key = port.protocol() + " . " + address + " . " + port.port();
          put("services" + family(address), key + " : goto " + port.chain());
        }
      }
      for (String address : service.external()) {
        if (!port.targets(family(address).equals("6")).isEmpty()) {
          String map = "external" + family(address);
          String key = port.protocol() + " . " + address + " . " + port.port();
          put(map, key + " : goto " + port.chain());
          expose(map, key, service.exposure());
        }
      }
      if (port.nodePort() > 0 && !port.targets().isEmpty()) {
        String key = port.protocol() + " . " + port.nodePort();
        put("nodeports", key + " : goto " + port.chain());
        expose("nodeports", key, service.exposure());
      }
    }
  }

  /** The machine itself needs no element. */
  private void expose(String map, String key, Exposure exposure) {
    switch (exposure.scope()) {
      case LOCALHOST -> {}
      case NETWORK -> put(Skeleton.network(map), key);
      case WORLD -> put(Skeleton.world(map), key);
      case SOURCES ->
          exposure
              .sources()
              .forEach(
                  source ->
                      put(Skeleton.sources(map, family(source)), key + " . " + plain(source)));
    }
  }

  void add(Restricted restricted) {
    String family = family(restricted.ip());
    put("through" + family, restricted.ip() + " : " + restricted.gatewayMac());
    allow("in", restricted.ip(), restricted.ingress());
    allow("out", restricted.ip(), restricted.egress());
  }

  private void allow(String direction, String ip, @Nullable List<Box> boxes) {
    if (boxes == null) {
      return;
    }
    String family = family(ip);
    put(Skeleton.limited(direction, family), ip);
    for (Box box : boxes) {
      String peer = ip + " . " + box.addresses();
      if (box.protocol() == null) {
        put(Skeleton.anything(direction, family), peer);
      } else {
        put(Skeleton.ports(direction, family), peer + " . " + box.protocol() + " . " + box.ports());
      }
    }
  }

  private void put(String set, String element) {
    bySet.computeIfAbsent(set, name -> new TreeSet<>()).add(element);
  }

  private static String family(String address) {
    return address.indexOf(':') >= 0 ? "6" : "4";
  }

  /** As nft lists a block of one address. */
  private static String plain(String block) {
    int slash = block.indexOf('/');
    String whole = family(block).equals("6") ? "/128" : "/32";
    return slash >= 0 && block.endsWith(whole) ? block.substring(0, slash) : block;
  }
}
