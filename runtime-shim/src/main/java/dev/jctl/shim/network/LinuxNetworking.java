package dev.jctl.shim.network;

import dev.jctl.shim.RuntimeEvent;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.dns.NameTable;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.netlink.Changes.Change;
import dev.jctl.shim.netlink.Cidr;
import dev.jctl.shim.netlink.FlowSocket;
import dev.jctl.shim.netlink.Link;
import dev.jctl.shim.netlink.RouteSocket;
import dev.jctl.shim.network.Names.Owner;
import dev.jctl.shim.network.PortPlanner.Claim;
import dev.jctl.shim.nftables.NftablesException;
import dev.jctl.shim.nftables.Ruleset;
import dev.jctl.shim.spec.NetworkSpec;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.PortSpec;
import dev.jctl.shim.spec.Restriction;
import dev.jctl.shim.spec.SandboxSpec;
import dev.jctl.shim.spec.SandboxSpec.HostNamespace;
import dev.jctl.shim.spec.SandboxSpec.NetworkAttachment;
import dev.jctl.shim.spec.ServiceSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Networks through rtnetlink and nftables, in the network namespace of the thread that makes this
 * object. One lock for all: the kernel has one for links and one for tables as well.
 */
public final class LinuxNetworking implements Networking {
  private static final Logger LOG = LoggerFactory.getLogger(LinuxNetworking.class);

  private final ReentrantLock lock = new ReentrantLock();
  private final Names names;
  private final HostThread host = new HostThread();
  private final RouteSocket socket = new RouteSocket();
  private final Bridges bridges;
  private final SandboxLinks links;
  private final Firewall firewall;
  private final FlowSocket flows;
  private final HostPorts hostPorts;
  private final AttachedSandboxes sandboxes;
  private final SeenAttachments seen = new SeenAttachments();
  private Wanted wanted = Wanted.NOTHING;
  private final NameTable table;
  private final ResolverLinks resolver;
  private @Nullable DriftListener listener;

  /**
   * @param instance eight hexadecimal digits, in the names of all that is made
   * @param running whether something runs in the sandbox of that id: only then it has names
   */
  public LinuxNetworking(String instance, Predicate<String> running) {
    this(instance, running, Path.of("/etc/resolv.conf"));
  }

  /**
   * @param resolvConf how the host asks for names
   */
  LinuxNetworking(String instance, Predicate<String> running, Path resolvConf) {
    if (!instance.matches("[0-9a-f]{8}")) {
      throw new IllegalArgumentException("an instance is eight hexadecimal digits: " + instance);
    }
    names = new Names(instance);
    sandboxes = new AttachedSandboxes(names);
    bridges = new Bridges(names, host, socket);
    links = new SandboxLinks(names, socket);
    firewall = new Firewall(host, names.table());
    flows = host.run(FlowSocket::new);
    hostPorts = new HostPorts(host);
    table = new NameTable(running);
    resolver = new ResolverLinks(names, links, host, table, new HostResolvConf(resolvConf));
  }

  @Override
  public void adopt(Known known) {
    locked(
        "adopt networks",
        () -> {
          known.networks().forEach(bridges::remember);
          known.sandboxes().forEach(sandboxes::put);
          wanted = wanted(known);
          forgoLostNodePorts();
          sweep();
          known.networks().forEach(n -> tried("repair network " + n.id(), () -> bridges.repair(n)));
          links.sandboxesByNamespace().forEach(sandboxes::number);
          known.sandboxes().forEach(one -> tried("number a namespace", () -> number(one)));
          known.networks().forEach(this::nameZone);
          known.sandboxes().forEach(one -> nameSandbox(one.sandbox()));
          services().forEach(table.services()::put);
          tried("repair resolver", () -> ensureResolver(known.networks()));
          tried("repair nftables", () -> firewall.takeOver(ruleset(wanted)));
          forget(StaleFlows.atStart(firewall.wanted()));
          if (known.networks().isEmpty() && known.sandboxes().isEmpty()) {
            // we took them away ourselves
            firewall.forgetRepaired();
          }
          warn(hostPorts.take("publish port", wanted.publishedPorts()));
          return null;
        });
  }

  /** To processes that took them while nobody held them; who asks for the service again is told. */
  private void forgoLostNodePorts() {
    Map<HostPort, RuntimeFailure> lost = hostPorts.take("node port", wanted.nodePorts());
    warn(lost);
    if (!lost.isEmpty()) {
      for (ServiceSpec service : services()) {
        wanted = wanted.with(PortPlanner.without(lost.keySet(), service));
      }
    }
  }

  private static void warn(Map<HostPort, RuntimeFailure> refused) {
    refused.values().forEach(failure -> LOG.warn("{}", failure.getMessage()));
  }

  @Override
  public void forgetRepaired() {
    locked(
        "forget repairs",
        () -> {
          bridges.forgetRepaired();
          firewall.forgetRepaired();
          return null;
        });
  }

  /** Of a sandbox that shares a device: no end of a pair tells. */
  private void number(Attached attached) {
    boolean shares =
        attached.sandbox().networks().stream()
            .map(network -> bridges.specs().get(network.networkId()))
            .anyMatch(network -> network != null && network.uplink() != null);
    if (shares && Files.exists(attached.networkNamespace())) {
      sandboxes.number(links.number(attached.networkNamespace()), attached.sandbox().id());
    }
  }

  private static Wanted wanted(Known known) {
    Map<String, List<PortSpec>> ports = new TreeMap<>();
    known
        .ports()
        .forEach(p -> ports.computeIfAbsent(p.sandboxId(), id -> new ArrayList<>()).add(p));
    Wanted all = Wanted.NOTHING;
    for (Map.Entry<String, List<PortSpec>> sandbox : ports.entrySet()) {
      all = all.withPorts(sandbox.getKey(), sandbox.getValue());
    }
    for (ServiceSpec service : known.services()) {
      all = all.with(service);
    }
    for (Restriction restriction : known.restrictions()) {
      all = all.with(restriction);
    }
    return all;
  }

  /** What fails here is seen as drift later, and must not keep the rest from being adopted. */
  private static void tried(String what, Runnable work) {
    try {
      work.run();
    } catch (KernelException | NftablesException | RuntimeFailure e) {
      LOG.warn("{}: {}", what, e.getMessage());
    }
  }

  private void sweep() {
    for (Link link : socket.links()) {
      if (ownerless(link)) {
        tried("sweep " + link.name(), () -> links.delete(List.of(link.name())));
      }
    }
  }

  private boolean ownerless(Link link) {
    return switch (names.owner(link).orElse(null)) {
      case Owner.Network owner -> !bridges.specs().containsKey(owner.networkId());
      case Owner.Sandbox owner -> {
        Attached known = sandboxes.get(owner.sandboxId());
        yield known == null || !wanted(known.sandbox(), owner.networkId(), link.name());
      }
      case null -> names.unfinished(link);
    };
  }

  /** One of its interfaces; what is on a network not known may come to be known. */
  private boolean wanted(SandboxSpec sandbox, String networkId, String hostName) {
    Map<String, NetworkSpec> specs = bridges.specs();
    return specs.containsKey(networkId)
        ? WantedLink.of(names, sandbox, specs).stream()
            .anyMatch(link -> link.hostName().equals(hostName))
        : sandboxes.hostNames(sandbox).contains(hostName);
  }

  @Override
  public void ensureNetwork(NetworkSpec network) {
    locked(
        "network " + network.id(),
        () -> {
          seen.forgetAll();
          boolean created = bridges.ensure(network);
          NetworkSpec before = bridges.specs().get(network.id());
          bridges.remember(network);
          try {
            ensureResolver(List.of(network));
            firewall.apply(ruleset(wanted));
          } catch (RuntimeException e) {
            restore(network.id(), before);
            if (created) {
              resolver.remove(network.id());
              bridges.delete(network.id());
            }
            throw e;
          }
          nameZone(network);
          if (before != null && !before.equals(network)) {
            follow(network);
          }
          return null;
        });
  }

  /** Sandboxes that are on a network which has changed. */
  private void follow(NetworkSpec network) {
    for (Attached attached : sandboxes.all()) {
      SandboxSpec sandbox = attached.sandbox();
      if (sandbox.networks().stream().anyMatch(n -> n.networkId().equals(network.id()))) {
        List<WantedLink> own = WantedLink.of(names, sandbox, bridges.specs());
        tried(
            "sandbox " + sandbox.id(), () -> links.attach(own, attached.networkNamespace(), false));
      }
    }
  }

  private void ensureResolver(Collection<NetworkSpec> networks) {
    if (!networks.isEmpty()) {
      resolver.ensure(networks).ifPresent(number -> sandboxes.number(number, ResolverLinks.OWNER));
    }
  }

  private void nameZone(NetworkSpec network) {
    List<Cidr> subnets = WantedBridge.of(names, network).subnets();
    table.putNetwork(network.id(), new NameTable.Zone(subnets, network.internal()));
  }

  private void nameSandbox(SandboxSpec sandbox) {
    table.put(
        sandbox.id(),
        sandbox.networks().stream()
            .map(
                network ->
                    new NameTable.Presence(
                        sandbox.id(),
                        network.networkId(),
                        network.addresses().stream().map(a -> Cidr.parse(a).address()).toList(),
                        network.names()))
            .toList());
  }

  private void restore(String networkId, @Nullable NetworkSpec before) {
    if (before == null) {
      bridges.forget(networkId);
    } else {
      bridges.remember(before);
    }
  }

  @Override
  public void removeNetwork(String networkId) {
    locked(
        "remove network " + networkId,
        () -> {
          seen.forgetAll();
          refuseWhenShared(networkId);
          bridges.refuseWhenInUse(networkId);
          resolver.remove(networkId);
          bridges.delete(networkId);
          table.removeNetwork(networkId);
          bridges.forget(networkId);
          firewall.apply(ruleset(wanted));
          return null;
        });
  }

  /** Of an uplink no bridge's ports tell. */
  private void refuseWhenShared(String networkId) {
    NetworkSpec network = bridges.specs().get(networkId);
    if (network == null || network.uplink() == null) {
      return;
    }
    List<String> users =
        sandboxes.all().stream()
            .map(Attached::sandbox)
            .filter(s -> s.networks().stream().anyMatch(n -> n.networkId().equals(networkId)))
            .map(SandboxSpec::id)
            .toList();
    if (!users.isEmpty()) {
      throw new RuntimeFailure(
          Reason.IN_USE, "network " + networkId + " is used by " + String.join(", ", users));
    }
  }

  @Override
  public List<Observed.Network> networks() {
    return locked(
        "look at networks",
        () -> {
          Map<String, List<String>> drift = resolver.drift(bridges.specs().values());
          return bridges.observed().stream().map(network -> with(network, drift)).toList();
        });
  }

  private static Observed.Network with(
      Observed.Network network, Map<String, List<String>> resolverDrift) {
    List<String> drift = new ArrayList<>(network.drift());
    drift.addAll(resolverDrift.getOrDefault(network.spec().id(), List.of()));
    return new Observed.Network(network.spec(), network.device(), drift, network.repaired());
  }

  @Override
  public void attach(SandboxSpec sandbox, Path networkNamespace) {
    if (sandbox.hostNamespaces().contains(HostNamespace.NETWORK)) {
      return;
    }
    locked(
        "attach sandbox " + sandbox.id(),
        () -> {
          boolean isNew = !sandboxes.contains(sandbox.id());
          if (sandbox.networks().isEmpty() && isNew) {
            // it has its loopback, and needs no more
            sandboxes.put(new Attached(sandbox, networkNamespace));
            return null;
          }
          Map<String, NetworkSpec> specs = bridges.specs();
          for (NetworkAttachment attachment : sandbox.networks()) {
            NetworkSpec network = specs.get(attachment.networkId());
            if (network == null) {
              throw new RuntimeFailure(
                  Reason.NOT_FOUND,
                  "attach sandbox " + sandbox.id() + ": no network " + attachment.networkId());
            }
            if (bridges.bringBack(network)) {
              ensureResolver(List.of(network));
            }
          }
          seen.forget(sandbox.id());
          letGo(stale(sandboxes.get(sandbox.id()), sandbox), networkNamespace);
          links
              .attach(WantedLink.of(names, sandbox, specs), networkNamespace, isNew)
              .ifPresent(number -> sandboxes.number(number, sandbox.id()));
          sandboxes.put(new Attached(sandbox, networkNamespace));
          nameSandbox(sandbox);
          return null;
        });
  }

  private void letGo(List<WantedLink> stale, Path networkNamespace) {
    links.delete(stale.stream().map(WantedLink::hostName).toList());
    List<String> shared =
        stale.stream().filter(link -> link.uplink() != null).map(WantedLink::name).toList();
    if (!shared.isEmpty()) {
      links.deleteInside(shared, networkNamespace);
    }
  }

  /** Those that it does not have any more, or has on other terms: they are made anew. */
  private List<WantedLink> stale(@Nullable Attached before, SandboxSpec sandbox) {
    if (before == null) {
      return List.of();
    }
    Set<WantedLink> wanted = new HashSet<>(WantedLink.of(names, sandbox, bridges.specs()));
    return WantedLink.of(names, before.sandbox(), bridges.specs()).stream()
        .filter(link -> !wanted.contains(link))
        .toList();
  }

  /**
   * The kernel takes some 20 ms to delete a link, nearly all of it waiting after it has let go of
   * its own lock: so outside of ours too, that many at once take no longer than one.
   */
  @Override
  public void detach(String sandboxId) {
    String what = "detach sandbox " + sandboxId;
    List<String> own =
        locked(
            what,
            () -> {
              seen.forget(sandboxId);
              table.remove(sandboxId);
              Attached known = sandboxes.remove(sandboxId);
              return known == null
                  ? links.ownedBy(sandboxId)
                  : sandboxes.hostNames(known.sandbox());
            });
    try (RouteSocket alone = host.run(RouteSocket::new)) {
      new SandboxLinks(names, alone).delete(own);
    } catch (KernelException e) {
      throw new RuntimeFailure(Reason.KERNEL, what + ": " + e.getMessage(), e);
    }
  }

  @Override
  public List<Observed.Attachment> attachments(SandboxSpec sandbox, Path networkNamespace) {
    if (sandbox.networks().isEmpty() || sandbox.hostNamespaces().contains(HostNamespace.NETWORK)) {
      return List.of();
    }
    return locked(
        "look at the interfaces of sandbox " + sandbox.id(),
        () -> {
          if (!Files.exists(networkNamespace)) {
            return absent(sandbox.networks(), "network namespace missing");
          }
          return seen.of(sandbox.id()).orElseGet(() -> look(sandbox, networkNamespace));
        });
  }

  private List<Observed.Attachment> look(SandboxSpec sandbox, Path networkNamespace) {
    Map<String, NetworkSpec> specs = bridges.specs();
    List<WantedLink> wanted = WantedLink.of(names, sandbox, specs);
    List<Observed.Attachment> all = new ArrayList<>(links.observed(wanted, networkNamespace));
    all.addAll(
        absent(
            sandbox.networks().stream()
                .filter(attachment -> !specs.containsKey(attachment.networkId()))
                .toList(),
            "network missing"));
    if (listener != null) {
      seen.put(sandbox.id(), all);
    }
    return all;
  }

  private static List<Observed.Attachment> absent(List<NetworkAttachment> networks, String why) {
    return networks.stream()
        .map(
            network ->
                new Observed.Attachment(
                    network.networkId(), network.interfaceName(), List.of(), null, List.of(why)))
        .toList();
  }

  @Override
  public void publishPorts(String sandboxId, List<PortSpec> specs) {
    locked(
        "publish ports of sandbox " + sandboxId,
        () -> {
          if (specs.isEmpty() && !wanted.ports().containsKey(sandboxId)) {
            return null;
          }
          Wanted next = wanted.withPorts(sandboxId, specs);
          Wanted others = wanted.withPorts(sandboxId, List.of());
          try {
            Map<HostPort, RuntimeFailure> refused =
                take("publish port", next.claimsOfSandbox(sandboxId), others);
            throwFirst(refused, failure -> true);
            carryOut(next);
            return null;
          } finally {
            releaseUnwanted();
          }
        });
  }

  /** Takes what it can; which it cannot, and why. */
  private Map<HostPort, RuntimeFailure> take(String what, List<Claim> claims, Wanted others) {
    if (claims.isEmpty()) {
      return Map.of();
    }
    Map<HostPort, RuntimeFailure> refused = PortPlanner.conflicts(what, claims, others.claims());
    refused.putAll(
        hostPorts.take(
            what, claims.stream().map(Claim::port).filter(p -> !refused.containsKey(p)).toList()));
    return refused;
  }

  private static void throwFirst(
      Map<HostPort, RuntimeFailure> refused, Predicate<RuntimeFailure> which) {
    Optional<RuntimeFailure> first = refused.values().stream().filter(which).findFirst();
    if (first.isPresent()) {
      throw first.get();
    }
  }

  private void releaseUnwanted() {
    hostPorts.retain(wanted.claims().stream().map(Claim::port).toList());
  }

  private void carryOut(Wanted next) {
    Ruleset before = firewall.wanted();
    firewall.apply(ruleset(next));
    wanted = next;
    forget(StaleFlows.between(before, firewall.wanted()));
  }

  /** The rules are in force all the same when this fails. */
  private void forget(StaleFlows stale) {
    if (stale.perhaps()) {
      tried("forget flows of datagrams", () -> flows.forget(stale.among(flows.datagrams(), own())));
    }
  }

  private Set<String> own() {
    return socket.addresses().stream()
        .map(address -> Cidr.text(address.cidr().address()))
        .collect(Collectors.toSet());
  }

  @Override
  public List<String> ensureService(ServiceSpec service) {
    return locked(
        "service " + service.id(),
        () -> {
          if (service.ports().stream().anyMatch(port -> port.protocol().equals("SCTP"))) {
            HostPorts.needSctp("service " + service.id());
          }
          List<Claim> nodePorts = wanted.with(service).claimsOfService(service.id());
          try {
            Map<HostPort, RuntimeFailure> refused =
                take("node port", nodePorts, wanted.withoutService(service.id()));
            throwFirst(refused, failure -> failure.reason() != Reason.PORT_TAKEN);
            ServiceSpec served = PortPlanner.without(refused.keySet(), service);
            carryOut(wanted.with(served));
            table.services().put(served);
            return refused.values().stream().map(RuntimeFailure::getMessage).toList();
          } finally {
            releaseUnwanted();
          }
        });
  }

  @Override
  public void removeService(String serviceId) {
    locked(
        "remove service " + serviceId,
        () -> {
          table.services().remove(serviceId);
          carryOut(wanted.withoutService(serviceId));
          releaseUnwanted();
          return null;
        });
  }

  @Override
  public List<ServiceSpec> services() {
    return locked(
        "look at services",
        () -> wanted.services().values().stream().map(Wanted.Served::spec).toList());
  }

  @Override
  public void restrict(Restriction restriction) {
    locked(
        "restrict sandbox " + restriction.id(),
        () -> {
          carryOut(wanted.with(restriction));
          return null;
        });
  }

  @Override
  public void unrestrict(String id) {
    locked(
        "unrestrict sandbox " + id,
        () -> {
          carryOut(wanted.withoutRestriction(id));
          return null;
        });
  }

  @Override
  public void repairPorts() {
    locked(
        "repair ports",
        () -> {
          firewall.repair();
          // what others have stays drift
          hostPorts.take("publish port", wanted.publishedPorts());
          return null;
        });
  }

  @Override
  public Observed.Ports ports() {
    return locked(
        "look at ports",
        () -> {
          List<String> drift = new ArrayList<>(firewall.drift());
          for (HostPort port : wanted.publishedPorts()) {
            if (!hostPorts.holds(port)) {
              drift.add("port " + port + " is taken by a process of the host");
            }
          }
          return new Observed.Ports(wanted.allPorts(), drift, firewall.repaired());
        });
  }

  private Ruleset ruleset(Wanted asked) {
    return asked.ruleset(names.table(), bridges.wanted());
  }

  @Override
  public void onDrift(Consumer<RuntimeEvent> consumer) {
    lock.lock();
    try {
      if (listener == null) {
        listener =
            new DriftListener(
                host,
                names.table(),
                link -> names.concern(link) || bridges.parents().contains(link.name()),
                this::events);
      }
      listener.add(consumer);
    } finally {
      lock.unlock();
    }
  }

  /** Only what still differs is worth an event: our own changes are notified too. */
  private List<RuntimeEvent> events(Set<Change> changes) {
    return locked(
        "look at what changed",
        () -> {
          if (changes.isEmpty()) {
            return bridges.settingsDrifted()
                ? List.of(new RuntimeEvent.NetworksChanged())
                : List.of();
          }
          if (changes.contains(new Change.Anything())) {
            seen.forgetAll();
            return List.of(new RuntimeEvent.Resync());
          }
          sandboxes.perhapsConcernedBy(changes).forEach(seen::forget);
          List<RuntimeEvent> events = new ArrayList<>();
          if (networksChanged(changes)) {
            events.add(new RuntimeEvent.NetworksChanged());
          }
          for (Attached sandbox : sandboxes.concernedBy(changes)) {
            seen.forget(sandbox.sandbox().id());
            if (drifted(sandbox)) {
              events.add(new RuntimeEvent.SandboxChanged(sandbox.sandbox().id()));
            }
          }
          return events;
        });
  }

  private boolean networksChanged(Set<Change> changes) {
    boolean here =
        changes.stream()
            .anyMatch(c -> c instanceof Change.Here(String link) && !names.isVeth(link));
    return (changes.contains(new Change.Filters()) && firewallChanged())
        || (here && bridges.observed().stream().anyMatch(n -> !n.changed().isEmpty()))
        || (resolverTouched(changes) && !resolver.drift(bridges.specs().values()).isEmpty());
  }

  private boolean firewallChanged() {
    return !firewall.repaired().isEmpty() || !firewall.drift().isEmpty();
  }

  private boolean resolverTouched(Set<Change> changes) {
    Set<String> ends = new HashSet<>();
    bridges.specs().keySet().forEach(network -> ends.add(resolver.hostName(network)));
    return changes.stream()
        .anyMatch(
            change ->
                switch (change) {
                  case Change.Here here -> ends.contains(here.linkName());
                  case Change.Elsewhere elsewhere ->
                      ResolverLinks.OWNER.equals(sandboxes.owner(elsewhere.namespace()));
                  case Change.Filters filters -> false;
                  case Change.Anything anything -> true;
                });
  }

  private boolean drifted(Attached attached) {
    try {
      return attachments(attached.sandbox(), attached.networkNamespace()).stream()
          .anyMatch(attachment -> !attachment.drift().isEmpty());
    } catch (RuntimeFailure e) {
      return true;
    }
  }

  private <T extends @Nullable Object> T locked(String what, Supplier<T> work) {
    lock.lock();
    try {
      return work.get();
    } catch (KernelException e) {
      Reason reason = e.is(Errno.EOPNOTSUPP) ? Reason.UNSUPPORTED : Reason.KERNEL;
      throw new RuntimeFailure(reason, what + ": " + e.getMessage(), e);
    } catch (NftablesException e) {
      throw new RuntimeFailure(
          e.lacksKernel() ? Reason.UNSUPPORTED : Reason.KERNEL, what + ": " + e.getMessage(), e);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void releaseUnused() {
    locked(
        "release tables",
        () -> {
          if (bridges.specs().isEmpty() && sandboxes.all().isEmpty()) {
            firewall.release();
          }
          return null;
        });
  }

  @Override
  public void close() {
    DriftListener running = listener;
    if (running != null) {
      running.close();
    }
    lock.lock();
    try {
      resolver.close();
      hostPorts.close();
      firewall.close();
      flows.close();
      socket.close();
      host.close();
    } finally {
      lock.unlock();
    }
  }
}
