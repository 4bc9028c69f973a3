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
      throw new NftablesException("nftables: " + errors + advice(errors));
    }
  }

  private static String advice(String errors) {
    return errors.contains("not supported")
        ? "; this kernel lacks a part of nftables: load it (modprobe -a nf_tables nft_nat nft_masq"
            + " nft_fib_inet nft_reject_inet nft_numgen), or use a kernel built with it"
        : "";
  }

  /** Empty when there is no such table in family inet; with what is in family bridge. */
  public Optional<Listing> list(String table) {
    Optional<Listing> inet = list(Family.INET, table);
    return inet.map(found -> list(Family.BRIDGE, table).map(found::with).orElse(found));
  }

  /** Whether family bridge has such a table. */
  public boolean hasBridgeTable(String table) {
    return list(Family.BRIDGE, table).isPresent();
  }

  private Optional<Listing> list(Family family, String table) {
    String command = "list table " + family.word() + " " + table;
    return switch (context.list(command)) {
      case Outcome.Done(String json) -> Optional.of(Listing.parse(json));
      case Outcome.Refused(String errors) -> {
        // a kernel without the family has no table in it either
        if (errors.contains("No such file or directory") || errors.contains("not supported")) {
          yield Optional.empty();
        }
        throw new NftablesException(command + ": " + errors);
      }
    };
  }

  @Override
  public void close() {
    context.close();
  }
}
