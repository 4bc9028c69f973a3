package dev.jctl.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.model.PublishedRange;
import java.util.Optional;
import java.util.stream.Stream;

/** Where the ports of a Container are found on this machine. Pure. */
public final class PublishedAt {
  private PublishedAt() {}

  /** The first, as {@code HOST:PORT}, of {@code ports} and then of {@code publish}. */
  public static Optional<String> first(JsonNode spec) {
    return Stream.concat(
            spec.path("ports")
                .valueStream()
                .filter(port -> port.hasNonNull("hostPort"))
                .map(port -> at(port.path("hostIP").asText(), port.path("hostPort").asInt())),
            spec.path("publish")
                .valueStream()
                .map(line -> PublishedRange.parse(line.asText()))
                .map(range -> at(range.hostIp(), range.hostPort())))
        .findFirst();
  }

  private static String at(String hostIp, int port) {
    return switch (hostIp) {
      case "", "0.0.0.0" -> "127.0.0.1:" + port;
      case "::" -> "[::1]:" + port;
      default -> (hostIp.contains(":") ? "[" + hostIp + "]" : hostIp) + ":" + port;
    };
  }
}
