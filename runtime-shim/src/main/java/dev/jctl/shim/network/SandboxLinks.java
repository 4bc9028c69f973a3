package dev.jctl.shim.network;

import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.NetworkNamespace;
import dev.jctl.shim.netlink.Link;
import dev.jctl.shim.netlink.RouteRequest;
import dev.jctl.shim.netlink.RouteSocket;
import dev.jctl.shim.network.Names.Owner;
import dev.jctl.shim.spec.Observed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The sandboxes' interfaces. For one thread at a time. */
final class SandboxLinks {
  private final Names names;
  private final RouteSocket host;

  SandboxLinks(Names names, RouteSocket host) {
    this.names = names;
    this.host = host;
  }

  /**
   * Makes what is missing; pairs made by a call that fails are gone afterwards.
   *
   * @param isNew nothing was made in the namespace yet, so nobody needs to look
   * @return the kernel's number for the namespace, when it has one
   */
  Optional<Integer> attach(List<WantedLink> wanted, Path namespace, boolean isNew) {
    return NetworkNamespace.enter(
        namespace,
        fd -> {
          try (RouteSocket inside = new RouteSocket()) {
            return attach(wanted, inside, fd, isNew);
          }
        });
  }

  private Optional<Integer> attach(
      List<WantedLink> wanted, RouteSocket inside, int netnsFd, boolean isNew) {
    SeenLinks seen =
        isNew
            ? new SeenLinks(onHost(wanted), List.of(), List.of(), List.of())
            : look(wanted, inside);
    inside.perform(LinkPlanner.impostors(wanted, seen));
    List<RouteRequest> steps = LinkPlanner.onHost(wanted, seen, netnsFd);
    try {
      host.perform(steps);
      SeenLinks made = steps.isEmpty() ? seen : lookAgain(wanted, inside, isNew);
      inside.perform(LinkPlanner.inside(wanted, made));
      return number(wanted, made, netnsFd);
    } catch (KernelException e) {
      undo(steps, inside, e);
      throw e;
    }
  }

  /** A namespace into which no pair leads has no number on the host unless it is given one. */
  private Optional<Integer> number(List<WantedLink> wanted, SeenLinks made, int netnsFd) {
    if (wanted.stream().anyMatch(link -> link.uplink() != null)) {
      return Optional.of(host.namespaceNumber(netnsFd));
    }
    return wanted.stream()
        .flatMap(link -> made.onHost(link.hostName()).stream())
        .map(Link::peerNamespace)
        .filter(number -> number >= 0)
        .findFirst();
  }

  /** The kernel's number for a namespace, for one into which no pair leads. */
  int number(Path namespace) {
    return NetworkNamespace.enter(namespace, host::namespaceNumber);
  }

  private void undo(List<RouteRequest> steps, RouteSocket inside, KernelException failure) {
    for (RouteRequest step : steps) {
      try {
        if (step instanceof RouteRequest.CreateVeth made) {
          delete(List.of(made.name()));
        } else if (step instanceof RouteRequest.CreateShared made) {
          delete(inside, List.of(made.name()));
        }
      } catch (KernelException e) {
        failure.addSuppressed(e);
      }
    }
  }

  /** Those that share an uplink have no end on the host. */
  void deleteInside(List<String> linkNames, Path namespace) {
    NetworkNamespace.enter(
        namespace,
        fd -> {
          try (RouteSocket inside = new RouteSocket()) {
            delete(inside, linkNames);
          }
          return true;
        });
  }

  List<Observed.Attachment> observed(List<WantedLink> wanted, Path namespace) {
    SeenLinks seen =
        NetworkNamespace.enter(
            namespace,
            fd -> {
              try (RouteSocket inside = new RouteSocket()) {
                return look(wanted, inside);
              }
            });
    return wanted.stream().map(link -> LinkPlanner.observed(link, seen)).toList();
  }

  private SeenLinks lookAgain(List<WantedLink> wanted, RouteSocket inside, boolean isNew) {
    return isNew
        ? new SeenLinks(onHost(wanted), inside.links(), List.of(), List.of())
        : look(wanted, inside);
  }

  private SeenLinks look(List<WantedLink> wanted, RouteSocket inside) {
    return new SeenLinks(onHost(wanted), inside.links(), inside.addresses(), inside.routes());
  }

  private Map<String, Link> onHost(List<WantedLink> wanted) {
    List<String> names = new ArrayList<>();
    for (WantedLink link : wanted) {
      names.add(link.hostName());
      names.add(link.bridge());
    }
    return host.links(names);
  }

  /** Those of a sandbox that nobody remembers, by their alias. */
  List<String> ownedBy(String sandboxId) {
    return host.links().stream()
        .filter(
            link ->
                names.owner(link).orElse(null) instanceof Owner.Sandbox owner
                    && owner.sandboxId().equals(sandboxId))
        .map(Link::name)
        .toList();
  }

  /** Of all sandboxes with interfaces: the kernel's number for the namespace. */
  Map<Integer, String> sandboxesByNamespace() {
    Map<Integer, String> sandboxes = new HashMap<>();
    for (Link link : host.links()) {
      if (link.peerNamespace() >= 0
          && names.owner(link).orElse(null) instanceof Owner.Sandbox owner) {
        sandboxes.put(link.peerNamespace(), owner.sandboxId());
      }
    }
    return sandboxes;
  }

  /** Deletes those that exist; that one vanishes meanwhile, with its namespace, is as good. */
  void delete(List<String> hostNames) {
    delete(host, hostNames);
  }

  private static void delete(RouteSocket socket, List<String> linkNames) {
    for (String name : socket.links(linkNames).keySet()) {
      try {
        socket.perform(List.of(new RouteRequest.DeleteLink(name)));
      } catch (KernelException e) {
        if (!e.is(Errno.ENODEV)) {
          throw e;
        }
      }
    }
  }
}
