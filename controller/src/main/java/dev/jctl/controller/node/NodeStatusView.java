package dev.jctl.controller.node;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ServerVersion;
import dev.jctl.controller.status.Times;
import dev.jctl.images.Platforms;
import dev.jctl.shim.spec.Observed;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What is known of the machine → the Node's status. Pure. */
final class NodeStatusView {
  /** Nothing here counts Pods; clients divide by it. */
  private static final int PODS = 1000;

  private NodeStatusView() {}

  /**
   * @param host empty when the runtime does not answer
   */
  static ObjectNode of(
      JsonNode before,
      String name,
      String hostIp,
      Machine machine,
      Optional<Observed.Host> host,
      Instant now) {
    ObjectNode status = JsonNodeFactory.instance.objectNode();
    for (String part : List.of("capacity", "allocatable")) {
      ObjectNode resources = status.putObject(part);
      resources.put("cpu", Integer.toString(machine.processors()));
      resources.put("memory", (machine.memoryBytes() >> 10) + "Ki");
      resources.put("pods", Integer.toString(PODS));
    }
    condition(status.putArray("conditions"), before, host.isPresent(), now);
    ArrayNode addresses = status.putArray("addresses");
    addresses.addObject().put("type", "InternalIP").put("address", hostIp);
    addresses.addObject().put("type", "Hostname").put("address", name);
    status.set("nodeInfo", info(before.path("nodeInfo"), machine, host));
    return status;
  }

  private static void condition(ArrayNode conditions, JsonNode before, boolean ready, Instant now) {
    String status = ready ? "True" : "False";
    JsonNode was = before.path("conditions").path(0);
    boolean same = was.path("status").asText("").equals(status);
    conditions
        .addObject()
        .put("type", "Ready")
        .put("status", status)
        .put("reason", ready ? "RuntimeReady" : "RuntimeUnavailable")
        .put("message", ready ? "the runtime answers" : "the runtime does not answer")
        .put(
            "lastTransitionTime", same ? was.path("lastTransitionTime").asText() : Times.text(now));
  }

  /** Of the kernel, the runtime knows; while it does not answer, what it said before. */
  private static ObjectNode info(JsonNode before, Machine machine, Optional<Observed.Host> host) {
    ObjectNode info = JsonNodeFactory.instance.objectNode();
    info.put("architecture", Platforms.hostArchitecture());
    info.put("bootID", host.map(Observed.Host::bootId).orElse(before.path("bootID").asText("")));
    info.put("containerRuntimeVersion", "jctl://1");
    info.put(
        "kernelVersion",
        host.map(Observed.Host::kernel).orElse(before.path("kernelVersion").asText("")));
    info.put("kubeProxyVersion", "");
    info.put("kubeletVersion", ServerVersion.GIT);
    info.put("machineID", machine.machineId());
    info.put("operatingSystem", "linux");
    info.put("osImage", machine.osImage());
    info.put("systemUUID", "");
    return info;
  }
}
