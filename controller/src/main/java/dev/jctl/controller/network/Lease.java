package dev.jctl.controller.network;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.shim.spec.MacText;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The addresses that a Pod has on one network. They are kept in an annotation of the Pod, which is
 * on disk before they are used; so no address is ever given out twice, whatever dies.
 *
 * @param network name, in the Pod's namespace
 * @param addresses in CIDR form, one for each subnet
 * @param mac the one that it asked for, in lower case; else that follows from the first address
 */
public record Lease(
    String network,
    List<String> addresses,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String mac) {
  public static final String ANNOTATION = "jctl.dev/ips";

  private static final TypeReference<List<Lease>> LIST = new TypeReference<>() {};

  public Lease {
    addresses = List.copyOf(addresses);
  }

  /** Without one of its own choice. */
  public Lease(String network, List<String> addresses) {
    this(network, addresses, null);
  }

  /** What nobody else on the network may have. */
  Stream<String> held() {
    return Stream.concat(addresses.stream().map(Lease::ip).map(Cidr::plain), hardware().stream());
  }

  /** The MAC address that its interface has, as far as it is known here. */
  private Optional<String> hardware() {
    return mac == null
        ? addresses.stream().findFirst().map(Lease::ip).flatMap(Lease::macOf)
        : Optional.of(mac);
  }

  /** That of an interface with this address that asked for none. */
  static Optional<String> macOf(String ip) {
    return MacText.of(InetAddress.ofLiteral(ip));
  }

  /** Without the prefix length. */
  public static String ip(String address) {
    int slash = address.indexOf('/');
    return slash < 0 ? address : address.substring(0, slash);
  }

  /** Empty when there is none, or it is not ours. */
  public static List<Lease> of(JsonNode pod) {
    String text = pod.path("metadata").path("annotations").path(ANNOTATION).asText();
    if (text.isEmpty()) {
      return List.of();
    }
    try {
      return ResourceCodec.MAPPER.readValue(text, LIST);
    } catch (JsonProcessingException e) {
      return List.of();
    }
  }

  public static String text(List<Lease> leases) {
    try {
      return ResourceCodec.MAPPER.writeValueAsString(leases);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot encode leases", e);
    }
  }
}
