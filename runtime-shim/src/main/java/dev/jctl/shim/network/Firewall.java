package dev.jctl.shim.network;

import dev.jctl.shim.netlink.RulesetGeneration;
import dev.jctl.shim.nftables.Listing;
import dev.jctl.shim.nftables.Nftables;
import dev.jctl.shim.nftables.NftablesException;
import dev.jctl.shim.nftables.Ruleset;
import dev.jctl.shim.nftables.RulesetText;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Keeps the instance's table as it ought to be. For one thread at a time. */
final class Firewall implements AutoCloseable {
  private final HostThread host;
  private final RulesetGeneration generation;
  private @Nullable Nftables nftables;
  private Ruleset wanted;
  private int comparedAt;
  private @Nullable List<String> drift;
  private List<String> repaired = List.of();

  Firewall(HostThread host, String table) {
    this.host = host;
    generation = host.run(RulesetGeneration::new);
    nftables = host.run(Firewall::opened);
    wanted = Ruleset.empty(table);
  }

  /**
   * Before much else is open: the library waits by select(2), which ends a process that has it wait
   * for a descriptor above 1,023. Where it is not installed that is said when it is needed.
   */
  private static @Nullable Nftables opened() {
    try {
      return new Nftables();
    } catch (NftablesException e) {
      return null;
    }
  }

  Ruleset wanted() {
    return wanted;
  }

  /**
   * After a start: makes it so. That others had taken the rules away is told of as {@link
   * #repaired}; a smaller difference is mostly a change of ours that was cut short.
   */
  void takeOver(Ruleset ruleset) {
    want(ruleset);
    Optional<Listing> present = wanted.isEmpty() ? Optional.empty() : listed();
    boolean taken = present.filter(Listing::hasRules).isEmpty();
    List<String> found = compared(present);
    repair();
    repaired = taken ? found : List.of();
  }

  private void want(Ruleset ruleset) {
    if (!ruleset.restricts() && nftables().hasBridgeTable(ruleset.table())) {
      nftables().run("delete table bridge " + ruleset.table());
    }
    wanted = ruleset;
    drift = null;
  }

  /** All or nothing: {@link #wanted} is what it was when this fails. */
  void apply(Ruleset next) {
    boolean known = drift != null && drift.isEmpty() && generation.current() == comparedAt;
    carryOut(next);
    wanted = next;
    int now = generation.current();
    // at most one transaction, ours: what was as wanted before is so now
    drift = known && now - comparedAt <= 1 ? List.of() : null;
    comparedAt = now;
  }

  private void carryOut(Ruleset next) {
    if (next.isEmpty()) {
      nftables().run(RulesetText.delete(wanted));
    } else if (wanted.isEmpty() || wanted.restricts() != next.restricts()) {
      replace(next);
    } else {
      change(next);
    }
  }

  /** What others changed is not there to be found any more: it is told of later. */
  private void replace(Ruleset next) {
    List<String> found = drift();
    nftables().run(RulesetText.replace(wanted, next));
    if (!found.isEmpty()) {
      repaired = found;
    }
  }

  /** By what differs; when that does not fit because others changed the table, as a whole. */
  private void change(Ruleset next) {
    String change = RulesetText.change(wanted, next);
    if (change.isEmpty()) {
      return;
    }
    try {
      nftables().run(change);
    } catch (NftablesException e) {
      try {
        replace(next);
      } catch (NftablesException whole) {
        whole.addSuppressed(e);
        throw whole;
      }
    }
  }

  void repair() {
    repaired = List.of();
    if (wanted.isEmpty()) {
      nftables().run(RulesetText.delete(wanted));
    } else if (!drift().isEmpty()) {
      nftables().run(RulesetText.replace(wanted, wanted));
      drift = null;
    }
  }

  /** Takes the tables away; {@link #repair} makes them again. */
  void release() {
    nftables().run(RulesetText.delete(wanted));
    drift = null;
  }

  /** In words; looks into the kernel only when its tables have changed since the last time. */
  List<String> drift() {
    if (wanted.isEmpty()) {
      return List.of();
    }
    int now = generation.current();
    List<String> known = drift;
    return known == null || now != comparedAt ? compared(listed()) : known;
  }

  private Optional<Listing> listed() {
    drift = null;
    comparedAt = generation.current();
    return nftables().list(wanted.table());
  }

  private List<String> compared(Optional<Listing> present) {
    List<String> found =
        wanted.isEmpty()
            ? List.of()
            : present
                .map(listing -> listing.differenceFrom(wanted))
                .orElseGet(() -> List.of("table inet " + wanted.table() + " missing"));
    drift = found;
    return found;
  }

  /** What differed when it was put back by something else than {@link #repair}, in words. */
  List<String> repaired() {
    return repaired;
  }

  void forgetRepaired() {
    repaired = List.of();
  }

  private Nftables nftables() {
    Nftables loaded = nftables;
    if (loaded == null) {
      loaded = host.run(Nftables::new);
      nftables = loaded;
    }
    return loaded;
  }

  @Override
  public void close() {
    generation.close();
    if (nftables != null) {
      nftables.close();
    }
  }
}
