package dev.jctl.controller.network;

import dev.jctl.shim.spec.Exposure;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** From where ports of the machine are reached, as declared. Pure. */
public final class Exposures {
  private Exposures() {}

  /**
   * @param text {@code Localhost}, {@code Network}, {@code World}, or blocks such as 192.0.2.0/24
   *     with commas between; null or empty: Localhost
   * @throws IllegalArgumentException saying what is wrong
   */
  public static Exposure parse(@Nullable String text) {
    if (text == null || text.isBlank()) {
      return Exposure.LOCALHOST;
    }
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "localhost" -> Exposure.LOCALHOST;
      case "network" -> Exposure.NETWORK;
      case "world" -> Exposure.WORLD;
      default -> blocks(text);
    };
  }

  private static Exposure blocks(String text) {
    List<String> blocks = new ArrayList<>();
    for (String block : text.split(",", -1)) {
      try {
        blocks.add(Cidr.parse(block.strip()).toString());
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "\""
                + text
                + "\": expected Localhost, Network, World, or blocks such as 192.0.2.0/24 with"
                + " commas between",
            e);
      }
    }
    return Exposure.to(blocks);
  }

  /**
   * Of a published port: who names an address of the machine that others reach has said that they
   * may.
   *
   * @param hostIp empty for none
   */
  public static Exposure ofPort(@Nullable String declared, String hostIp) {
    if (declared != null && !declared.isBlank()) {
      return parse(declared);
    }
    boolean loopback = hostIp.isEmpty() || InetAddress.ofLiteral(hostIp).isLoopbackAddress();
    return loopback ? Exposure.LOCALHOST : Exposure.WORLD;
  }
}
