package dev.jctl.shim.local;

import dev.jctl.shim.dns.ResolvConf;
import dev.jctl.shim.spec.NameService;
import dev.jctl.shim.spec.SandboxSpec;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Pure: content of the files that all containers of a sandbox see. */
final class SandboxFiles {
  private SandboxFiles() {}

  static String hosts(SandboxSpec sandbox) {
    StringBuilder text =
        new StringBuilder(
            """
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            """);
    sandbox.networks().stream()
        .flatMap(network -> network.addresses().stream())
        .map(address -> address.replaceFirst("/.*", ""))
        .filter(address -> !sandbox.hosts().containsKey(address))
        .forEach(address -> line(text, address, sandbox.hostname()));
    for (Map.Entry<String, List<String>> entry : new TreeMap<>(sandbox.hosts()).entrySet()) {
      line(text, entry.getKey(), String.join(" ", entry.getValue()));
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String address, String names) {
    text.append(address).append('\t').append(names).append('\n');
  }

  static String hostname(SandboxSpec sandbox) {
    return sandbox.hostname() + "\n";
  }

  /**
   * @param host of the machine
   */
  static String resolvConf(SandboxSpec sandbox, ResolvConf host) {
    boolean privateNetwork = !sandbox.hostNamespaces().contains(SandboxSpec.HostNamespace.NETWORK);
    List<String> neighbour =
        sandbox.networks().stream()
            .limit(1)
            .flatMap(n -> NameService.reachedFrom(n).stream())
            .toList();
    return ResolvConf.of(sandbox.dns(), host, privateNetwork, neighbour).text();
  }
}
