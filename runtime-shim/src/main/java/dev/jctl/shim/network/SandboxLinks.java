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
      return made.host().values().stream()
          .map(Link::peerNamespace)
          .filter(number -> number >= 0)
          .findFirst();
    } catch (KernelException e) {
      undo(steps, e);
      throw e;
    }
  }

  private void undo(List<RouteRequest> steps, KernelException failure) {
    for (RouteRequest step : steps) {
      if (step instanceof RouteRequest.CreateVeth made) {
        try {
          delete(List.of(made.name()));
        } catch (KernelException e) {
          failure.addSuppressed(e);
        }
      }
    }
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
    for (String name : host.links(hostNames).keySet()) {
      try {
        host.perform(List.of(new RouteRequest.DeleteLink(name)));
      } catch (KernelException e) {
        if (!e.is(Errno.ENODEV)) {
          throw e;
        }
      }
    }
  }
}
