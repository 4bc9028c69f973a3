package dev.jctl.shim.spec;

import java.util.List;

/**
 * From where a port of the machine is reached. The machine itself always reaches it.
 *
 * @param sources for {@link Scope#SOURCES}: blocks in CIDR form
 */
public record Exposure(Scope scope, List<String> sources) {
  /** How far. */
  public enum Scope {
    /** From the machine itself. */
    LOCALHOST,
    /**
     * From addresses that no router of the Internet passes on (RFC 1918, 3927, 4193, 4291, 6598):
     * so from other containers and from the machine's own network.
     */
    NETWORK,
    /** From anywhere. */
    WORLD,
    /** From certain blocks. */
    SOURCES
  }

  public static final Exposure LOCALHOST = new Exposure(Scope.LOCALHOST, List.of());
  public static final Exposure NETWORK = new Exposure(Scope.NETWORK, List.of());
  public static final Exposure WORLD = new Exposure(Scope.WORLD, List.of());

  public Exposure {
    sources = Lists.copy(sources);
    if (sources.isEmpty() == (scope == Scope.SOURCES)) {
      throw new IllegalArgumentException("exposure " + scope + " with sources " + sources);
    }
  }

  public static Exposure to(List<String> sources) {
    return new Exposure(Scope.SOURCES, sources);
  }
}
