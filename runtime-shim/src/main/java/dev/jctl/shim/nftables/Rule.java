package dev.jctl.shim.nftables;

/** A rule in nft(8)'s language. */
record Rule(Family family, String chain, String text) {
  static Rule inet(String chain, String text) {
    return new Rule(Family.INET, chain, text);
  }

  /** Changes with the text, so that rules of another version of this program are seen as drift. */
  String mark() {
    return String.format("jctl %08x", (chain + ' ' + text).hashCode());
  }

  String withMark() {
    return text + " comment \"" + mark() + "\"";
  }
}
