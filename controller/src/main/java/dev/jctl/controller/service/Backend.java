package dev.jctl.controller.service;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One address behind a Service.
 *
 * @param label its name below the Service's domain
 * @param ports numbers that it listens on, by name of the Service's port; empty for an unnamed one
 * @param pod null for one that users declare
 */
record Backend(
    String ip, State state, String label, Map<String, Integer> ports, @Nullable PodRef pod) {
  Backend {
    ports = Map.copyOf(ports);
  }

  /** The Pod that it is. */
  record PodRef(
      String name, String namespace, String uid, String nodeName, @Nullable String hostname) {}

  /** Whether it gets connections. */
  enum State {
    READY,
    NOT_READY,
    TERMINATING
  }

  boolean ipv6() {
    return ip.indexOf(':') >= 0;
  }

  /** In order: backends that listen on the same ports are listed together. */
  SortedMap<String, Integer> orderedPorts() {
    return new TreeMap<>(ports);
  }
}
