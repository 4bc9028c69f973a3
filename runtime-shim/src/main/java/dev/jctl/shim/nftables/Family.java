package dev.jctl.shim.nftables;

import java.util.Locale;

/** Where a table's chains are passed (nft(8), ADDRESS FAMILIES). */
enum Family {
  INET,
  BRIDGE;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
