package dev.jctl.controller.network;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What listens on the machine, from proc(5), {@code /proc/net/tcp} and the like. */
public final class HostSockets {
  /** States in hexadecimal: TCP_LISTEN, and that of UDP sockets that are not connected. */
  private static final Set<String> LISTENING = Set.of("0A", "07");

  private HostSockets() {}

  /**
   * Numbers of ports. Empty where there is nothing to read: then nothing is avoided.
   *
   * @param protocol {@code tcp} or {@code udp}
   */
  public static Set<Integer> listening(String protocol) {
    Set<Integer> ports = new HashSet<>();
    for (String table : List.of(protocol, protocol + "6")) {
      HostRoutes.lines(Path.of("/proc/net", table)).stream()
          .skip(1)
          .flatMap(line -> port(line).stream())
          .forEach(ports::add);
    }
    return ports;
  }

  /** The second field is the address and port, the fourth the state. */
  static Optional<Integer> port(String line) {
    String[] fields = line.trim().split("\\s+", -1);
    return fields.length > 3 && LISTENING.contains(fields[3])
        ? Optional.of(Integer.parseInt(fields[1].substring(fields[1].indexOf(':') + 1), 16))
        : Optional.empty();
  }
}
