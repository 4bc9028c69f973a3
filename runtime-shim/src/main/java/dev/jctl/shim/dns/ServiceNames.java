package dev.jctl.shim.dns;

import dev.jctl.shim.spec.ServiceSpec;
import dev.jctl.shim.spec.ServiceSpec.Member;
import dev.jctl.shim.spec.ServiceSpec.Port;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What services are called, as Kubernetes' DNS specification has it. Safe for many threads.
 *
 * @see <a href="https://github.com/kubernetes/dns/blob/master/docs/specification.md">Kubernetes
 *     DNS-Based Service Discovery</a>
 */
public final class ServiceNames {
  /** What a name of a service stands for. */
  sealed interface Entry {
    /**
     * @param virtual whether every sandbox reaches them, on whatever network it is
     */
    record Host(List<InetAddress> addresses, boolean virtual) implements Entry {}

    record Alias(String target) implements Entry {}

    record Places(List<Place> places) implements Entry {}
  }

  /** For an SRV record (RFC 2782). */
  record Place(String host, int port) {}

  // guarded by this, as is all below
  private final Map<String, Map<String, Entry>> byService = new HashMap<>();
  private final Map<String, Entry> byName = new HashMap<>();
  private final Map<InetAddress, String> byAddress = new HashMap<>();

  /** Takes the place of what was known of it. */
  public synchronized void put(ServiceSpec service) {
    remove(service.id());
    Map<String, Entry> entries = entries(service);
    byService.put(service.id(), entries);
    byName.putAll(entries);
    service.addresses().forEach(ip -> byAddress.put(InetAddress.ofLiteral(ip), service.domain()));
  }

  public synchronized void remove(String serviceId) {
    Map<String, Entry> known = byService.remove(serviceId);
    if (known == null) {
      return;
    }
    known.forEach(byName::remove);
    byAddress.values().removeIf(known::containsKey);
  }

  synchronized Optional<Entry> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** Whether a service's name ends with this one. */
  synchronized boolean hasBelow(String name) {
    return byName.keySet().stream().anyMatch(known -> known.endsWith("." + name));
  }

  synchronized Optional<String> name(InetAddress address) {
    return Optional.ofNullable(byAddress.get(address));
  }

  private static Map<String, Entry> entries(ServiceSpec service) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    Entry own = own(service);
    service.names().forEach(name -> entries.put(name, own));
    if (!(own instanceof Entry.Host)) {
      return entries;
    }
    Map<String, List<InetAddress>> members = new LinkedHashMap<>();
    for (Member member : service.members()) {
      members
          .computeIfAbsent(below(member.name(), service), name -> new ArrayList<>())
          .addAll(literals(member.addresses()));
    }
    members.forEach((name, all) -> entries.put(name, new Entry.Host(all, false)));
    for (Port port : service.ports()) {
      if (!port.name().isEmpty()) {
        String protocol = port.protocol().toLowerCase(Locale.ROOT);
        entries.put(below("_" + port.name() + "._" + protocol, service), places(service, port));
      }
    }
    return entries;
  }

  private static Entry own(ServiceSpec service) {
    if (service.externalName() != null) {
      return new Entry.Alias(service.externalName());
    }
    if (!service.addresses().isEmpty()) {
      return new Entry.Host(literals(service.addresses()), true);
    }
    return new Entry.Host(
        service.members().stream().flatMap(m -> literals(m.addresses()).stream()).toList(), false);
  }

  /** Of a service without an address: each member with the port that it listens on. */
  private static Entry places(ServiceSpec service, Port port) {
    if (!service.addresses().isEmpty()) {
      return new Entry.Places(List.of(new Place(service.domain(), port.port())));
    }
    List<Place> places = new ArrayList<>();
    for (Member member : service.members()) {
      port.targets().stream()
          .filter(target -> member.addresses().contains(target.ip()))
          .map(target -> new Place(below(member.name(), service), target.port()))
          .distinct()
          .forEach(places::add);
    }
    return new Entry.Places(places);
  }

  private static String below(String label, ServiceSpec service) {
    return label + "." + service.domain();
  }

  private static List<InetAddress> literals(List<String> addresses) {
    return addresses.stream().map(InetAddress::ofLiteral).toList();
  }
}
