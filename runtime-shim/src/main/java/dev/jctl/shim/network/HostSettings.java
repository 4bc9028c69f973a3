package dev.jctl.shim.network;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.nftables.Ruleset.Reach;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Kernel parameters that networks need, and of which the kernel tells nobody when they change.
 * Those of the whole machine are only ever switched on: others may need them too.
 */
final class HostSettings {
  private static final Path NET = Path.of("/proc/sys/net");
  private static final String ON = "1";

  private final HostThread host;

  HostSettings(HostThread host) {
    this.host = host;
  }

  /**
   * What comes from an internal network goes back into it, by a Service, and needs no more than the
   * bridge's own setting; of IPv6 since kernel 6.17, before that once another network has switched
   * it on. From 127.0.0.1 published ports are reached by a route out of the loopback.
   */
  private static List<Path> of(WantedBridge bridge) {
    if (bridge.reach() == Reach.NAMES) {
      return List.of();
    }
    boolean internal = bridge.reach() == Reach.INTERNAL;
    Path own4 = NET.resolve("ipv4/conf").resolve(bridge.device());
    Path own6 = NET.resolve("ipv6/conf").resolve(bridge.device());
    List<Path> settings = new ArrayList<>();
    settings.add(internal ? own4.resolve("forwarding") : NET.resolve("ipv4/ip_forward"));
    settings.add(own4.resolve("route_localnet"));
    if (bridge.subnets().stream().anyMatch(subnet -> !subnet.ipv4())) {
      settings.add(
          internal ? own6.resolve("force_forwarding") : NET.resolve("ipv6/conf/all/forwarding"));
    }
    return settings;
  }

  /** In words. */
  List<String> drift(WantedBridge bridge) {
    return host.run(
        () -> {
          List<String> drift = new ArrayList<>();
          for (Path setting : of(bridge)) {
            if (isOff(setting)) {
              drift.add(name(setting) + " is off");
            }
          }
          return drift;
        });
  }

  void ensure(WantedBridge bridge) {
    host.run(
        () -> {
          for (Path setting : of(bridge)) {
            if (isOff(setting)) {
              switchOn(setting);
            }
          }
          return true;
        });
  }

  private static void switchOn(Path setting) {
    try {
      Files.writeString(setting, ON);
    } catch (IOException e) {
      throw new RuntimeFailure(
          RuntimeFailure.Reason.KERNEL, "switch on " + name(setting) + ": " + e.getMessage(), e);
    }
  }

  /** What this kernel does not have is not off, nor is what goes with its bridge meanwhile. */
  private static boolean isOff(Path setting) {
    try {
      return !Files.readString(setting).strip().equals(ON);
    } catch (IOException e) {
      return false;
    }
  }

  /** As sysctl(8) calls it. */
  private static String name(Path setting) {
    return "net." + NET.relativize(setting).toString().replace('/', '.');
  }
}
