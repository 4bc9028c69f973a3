package dev.jctl.shim.network;

import dev.jctl.shim.kernel.NativeSha256;
import dev.jctl.shim.netlink.Cidr;
import dev.jctl.shim.netlink.Link;
import dev.jctl.shim.spec.MacText;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;

/**
 * What an instance's kernel objects are called. Device names hold 15 characters, so they carry four
 * digits of the instance and a hash of the owner; the link's alias carries both in full and proves
 * whose it is.
 *
 * @param instance eight hexadecimal digits
 */
record Names(String instance) {
  private static final int HASH_CHARACTERS = 9;

  /** Whose link it is; {@code networkId} is empty for a bridge's own. */
  sealed interface Owner {
    record Network(String networkId) implements Owner {}

    record Sandbox(String sandboxId, String networkId) implements Owner {}
  }

  String table() {
    return "jctl_" + instance;
  }

  String bridge(String networkId) {
    return "jb" + tag() + hash("net:" + networkId);
  }

  /** The host's end of a sandbox's interface. */
  String veth(String sandboxId, String interfaceName) {
    return "jv" + tag() + hash("veth:" + sandboxId + ":" + interfaceName);
  }

  boolean isVeth(String linkName) {
    return linkName.startsWith("jv" + tag());
  }

  /** In the table, of a service's port. */
  static String chain(String serviceId, String protocol, int port) {
    byte[] digest = digest(serviceId + ":" + protocol + ":" + port);
    return "service_" + HexFormat.of().formatHex(digest, 0, 8);
  }

  String bridgeAlias(String networkId) {
    return prefix() + "net:" + networkId;
  }

  String vethAlias(String sandboxId, String networkId) {
    return prefix() + "veth:" + sandboxId + ":" + networkId;
  }

  /** Read from the alias; empty when another made the link. */
  Optional<Owner> owner(Link link) {
    if (!link.alias().startsWith(prefix())) {
      return Optional.empty();
    }
    String[] parts = link.alias().substring(prefix().length()).split(":", 3);
    if (parts.length == 2 && parts[0].equals("net")) {
      return Optional.of(new Owner.Network(parts[1]));
    }
    return parts.length == 3 && parts[0].equals("veth")
        ? Optional.of(new Owner.Sandbox(parts[1], parts[2]))
        : Optional.empty();
  }

  /** By its name or, where that was changed, by its alias. */
  boolean concern(Link link) {
    return named(link) || link.alias().startsWith(prefix());
  }

  private boolean named(Link link) {
    return link.name().startsWith("jb" + tag()) || isVeth(link.name());
  }

  /** Named as ours but without any alias: we were killed between making and marking it. */
  boolean unfinished(Link link) {
    return link.alias().isEmpty() && link.name().length() == 2 + 4 + HASH_CHARACTERS && named(link);
  }

  /** Locally administered; its last four bytes are an IPv4 address's own, or a hash. */
  static String mac(Cidr address) {
    return MacText.of(address.address())
        .orElseGet(() -> MacText.ofBytes(digest(address.toString())));
  }

  /**
   * Fixed, or the kernel would give a bridge that of one of its ports, a different one each time.
   */
  String bridgeMac(String networkId) {
    byte[] tail = digest(bridgeAlias(networkId));
    return String.format("02:6a:%02x:%02x:%02x:%02x", tail[0], tail[1], tail[2], tail[3]);
  }

  private String prefix() {
    return "jctl:" + instance + ":";
  }

  private String tag() {
    return instance.substring(0, 4);
  }

  private String hash(String owner) {
    long number = ByteBuffer.wrap(digest(prefix() + owner)).getLong();
    String digits = Long.toUnsignedString(number, Character.MAX_RADIX);
    return "0".repeat(HASH_CHARACTERS).concat(digits).substring(digits.length());
  }

  private static byte[] digest(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return NativeSha256.of(bytes.length).digest(bytes);
  }
}
