package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.model.Annotations;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What Kubernetes' validation of a Service says, and what is not served. */
final class ServiceRules {
  /** kube-apiserver's --service-node-port-range. */
  private static final int FIRST_NODE_PORT = 30_000;

  private static final int LAST_NODE_PORT = 32_767;
  private static final String HEADLESS = "None";

  /** Of which Services get their addresses; one outside would take that of somebody else. */
  private static final List<String> RANGES = List.of("10.96.0.0/12", "fd6a:6374:6c36::/112");

  private static final String EXTERNAL_NAME = "ExternalName";

  /** Fields that would have to do something, which nothing here does. */
  private static final List<String> NOT_SERVED = List.of("loadBalancerSourceRanges");

  private ServiceRules() {}

  static void check(JsonNode metadata, JsonNode spec, Findings findings) {
    PortRules.exposure(
        metadata.path("annotations"),
        Annotations.EXPOSE,
        FieldPath.child("metadata.annotations", Annotations.EXPOSE),
        findings);
    String type = spec.path("type").asText("ClusterIP");
    for (String field : NOT_SERVED) {
      if (spec.path(field).size() > 0) {
        findings.add(
            "spec." + field,
            FieldError.Type.FORBIDDEN,
            "is not served; remove it, and open a NodePort instead");
      }
    }
    MetadataRules.labels("spec.selector", spec.path("selector"), findings);
    clusterIp(spec, type, findings);
    externalIps(spec, type, findings);
    if (type.equals(EXTERNAL_NAME)) {
      externalName(spec, findings);
    } else {
      ports(spec, type, findings);
    }
  }

  private static void externalName(JsonNode spec, Findings findings) {
    String name = spec.path("externalName").asText("");
    String host = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    if (name.isEmpty()) {
      findings.add(
          "spec.externalName",
          FieldError.Type.REQUIRED,
          "required field is missing; give the name that this Service stands for");
    } else if (!Names.isSubdomain(host)) {
      findings.invalid("spec.externalName", name, "a host name such as db.example.com");
    }
  }

  private static void clusterIp(JsonNode spec, String type, Findings findings) {
    String first = spec.path("clusterIP").asText("");
    clusterIp("spec.clusterIP", first, type, findings);
    List<Findings.Item> all = Findings.items("spec", spec, "clusterIPs");
    all.forEach(item -> clusterIp(item.path(), item.node().asText(""), type, findings));
    if (!first.isEmpty() && !all.isEmpty() && !all.getFirst().node().asText("").equals(first)) {
      findings.invalid(all.getFirst().path(), all.getFirst().node().asText(""), "spec.clusterIP");
    }
  }

  private static void clusterIp(String path, String ip, String type, Findings findings) {
    if (ip.isEmpty()) {
      return;
    }
    if (type.equals(EXTERNAL_NAME)) {
      findings.add(
          path, FieldError.Type.FORBIDDEN, "an ExternalName has no address; remove this field");
    } else if (ip.equals(HEADLESS) ? !type.equals("ClusterIP") : !isServed(ip)) {
      findings.invalid(
          path,
          ip,
          "nothing (one is chosen), an address of %s, or None with type ClusterIP"
              .formatted(String.join(" or ", RANGES)));
    }
  }

  private static void externalIps(JsonNode spec, String type, Findings findings) {
    boolean isName =
        type.equals(EXTERNAL_NAME) || spec.path("clusterIP").asText("").equals(HEADLESS);
    for (Findings.Item item : Findings.items("spec", spec, "externalIPs")) {
      String ip = item.node().asText("");
      if (isName) {
        findings.add(
            item.path(),
            FieldError.Type.FORBIDDEN,
            "this Service is only a name, to which no address leads; remove this field");
      } else if (Cidr.address(ip).isEmpty() || isServed(ip) || !canArrive(ip)) {
        findings.invalid(
            item.path(),
            ip,
            "an address of the machine or one that is routed to it: not of the loopback, link-local,"
                + " multicast, nor of those of Services (%s)".formatted(String.join(", ", RANGES)));
      }
    }
  }

  /** From elsewhere, as that of one. */
  private static boolean canArrive(String ip) {
    InetAddress address = InetAddress.ofLiteral(ip);
    return !address.isAnyLocalAddress()
        && !address.isLoopbackAddress()
        && !address.isLinkLocalAddress()
        && !address.isMulticastAddress();
  }

  private static boolean isServed(String ip) {
    return Cidr.address(ip)
        .flatMap(address -> Cidr.parse(ip + "/" + address.length * 8))
        .filter(own -> RANGES.stream().flatMap(r -> Cidr.parse(r).stream()).anyMatch(own::overlaps))
        .isPresent();
  }

  private static void ports(JsonNode spec, String type, Findings findings) {
    List<Findings.Item> ports = Findings.items("spec", spec, "ports");
    boolean headless = spec.path("clusterIP").asText("").equals(HEADLESS);
    if (ports.isEmpty() && !headless) {
      findings.add(
          "spec.ports",
          FieldError.Type.REQUIRED,
          "required field is missing; give it at least one port");
    }
    Map<String, String> names = new HashMap<>();
    Map<String, String> nodePorts = new HashMap<>();
    for (Findings.Item port : ports) {
      name(port, ports.size() > 1, names, findings);
      target(port, findings);
      nodePort(port, type, nodePorts, findings);
    }
  }

  private static void name(
      Findings.Item port, boolean required, Map<String, String> names, Findings findings) {
    String name = port.node().path("name").asText("");
    if (name.isEmpty()) {
      if (required) {
        findings.add(
            port.path("name"),
            FieldError.Type.REQUIRED,
            "required field is missing; of several ports each needs a name");
      }
      return;
    }
    if (!Names.isLabel(name)) {
      findings.invalid(port.path("name"), name, Names.LABEL);
    }
    findings.unique(port.path("name"), "name \"" + name + "\"", name, names);
  }

  private static void target(Findings.Item port, Findings findings) {
    JsonNode target = port.node().path("targetPort");
    if (target.isTextual() && !Names.isPortName(target.textValue())) {
      findings.invalid(
          port.path("targetPort"), target.textValue(), "a number, or the name of a container port");
    } else if (target.isInt() && (target.intValue() < 1 || target.intValue() > 65_535)) {
      findings.invalid(port.path("targetPort"), target.asText(), "a number from 1 to 65535");
    }
  }

  private static void nodePort(
      Findings.Item port, String type, Map<String, String> seen, Findings findings) {
    int nodePort = port.node().path("nodePort").asInt();
    if (nodePort == 0) {
      return;
    }
    if (type.equals("ClusterIP")) {
      findings.add(
          port.path("nodePort"),
          FieldError.Type.FORBIDDEN,
          "type ClusterIP opens no port of the machine; remove it or use type NodePort");
    }
    if (nodePort < FIRST_NODE_PORT || nodePort > LAST_NODE_PORT) {
      findings.invalid(
          port.path("nodePort"),
          String.valueOf(nodePort),
          "a number from " + FIRST_NODE_PORT + " to " + LAST_NODE_PORT);
    }
    String key = port.node().path("protocol").asText("TCP") + " " + nodePort;
    findings.unique(port.path("nodePort"), "node port " + nodePort, key, seen);
  }
}
