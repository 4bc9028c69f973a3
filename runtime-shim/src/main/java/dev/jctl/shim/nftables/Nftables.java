package dev.jctl.shim.nftables;

import dev.jctl.shim.kernel.NftablesContext;
import dev.jctl.shim.kernel.NftablesContext.Outcome;
import java.util.Optional;

/**
 * Runs transactions through libnftables in the network namespace of the thread that made it; for
 * one thread at a time.
 */
public final class Nftables implements AutoCloseable {
  private final NftablesContext context;

  /** Loads the library. */
  public Nftables() {
    try {
      context = new NftablesContext();
    } catch (UnsatisfiedLinkError e) {
      throw new NftablesException(
          "networks need libnftables.so.1, which is not installed (Debian: apt install"
              + " libnftables1)",
          e);
    }
  }

  /** All or nothing. */
  public void run(String transaction) {
    if (context.run(transaction) instanceof Outcome.Refused(String errors)) {
      throw new NftablesException("nftables: " + errors);
    }
  }

  /** Empty when there is no such table. */
  public Optional<Listing> list(String table) {
    return switch (context.list("list table inet " + table)) {
      case Outcome.Done(String json) -> Optional.of(Listing.parse(json));
      case Outcome.Refused(String errors) -> {
        if (errors.contains("No such file or directory")) {
          yield Optional.empty();
        }
        throw new NftablesException("list table inet " + table + ": " + errors);
      }
    };
  }

  @Override
  public void close() {
    context.close();
  }
}
