package dev.jctl.shim.spec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which new connections a sandbox takes and makes. The machine itself always reaches it, and it
 * always reaches the resolver.
 *
 * @param id the sandbox's, which need not be there yet
 * @param addresses the sandbox's own, without prefix length
 * @param ingress what it takes, or null for everything
 * @param egress what it makes, or null for everything
 */
public record Restriction(
    String id,
    List<String> addresses,
    @Nullable List<Allowed> ingress,
    @Nullable List<Allowed> egress) {
  public Restriction {
    addresses = Lists.copy(addresses);
    ingress = ingress == null ? null : List.copyOf(ingress);
    egress = egress == null ? null : List.copyOf(egress);
  }

  /**
   * @param first the first address of a range
   * @param last the last one, of the same family
   * @param protocol {@code TCP}, {@code UDP} or {@code SCTP}; null for all there are, with all
   *     ports
   * @param firstPort of the one that is connected to
   */
  public record Allowed(
      String first, String last, @Nullable String protocol, int firstPort, int lastPort) {}
}
