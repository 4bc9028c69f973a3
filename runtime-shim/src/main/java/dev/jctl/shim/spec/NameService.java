package dev.jctl.shim.spec;

import dev.jctl.shim.spec.SandboxSpec.NetworkAttachment;
import java.util.List;
import java.util.Optional;

/**
 * Where sandboxes ask for names. The addresses are the same on every network: whoever is on one has
 * a route to them, without a gateway and also where there is no way out.
 */
public final class NameService {
  public static final String ADDRESS = "169.254.53.53";

  /** For sandboxes without an IPv4 address. */
  public static final String ADDRESS6 = "fd6a:6374:6c35::53";

  /** What the full names of containers and services end with, as in Kubernetes. */
  public static final String DOMAIN = "cluster.local";

  private NameService() {}

  /** Where it is reached from that network; empty without addresses. */
  public static Optional<String> reachedFrom(NetworkAttachment attachment) {
    List<String> addresses = attachment.addresses();
    boolean ipv4 = addresses.stream().anyMatch(address -> address.indexOf(':') < 0);
    return addresses.isEmpty() ? Optional.empty() : Optional.of(ipv4 ? ADDRESS : ADDRESS6);
  }
}
