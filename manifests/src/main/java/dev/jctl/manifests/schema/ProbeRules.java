package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** A probe does one thing, at a port that there is. */
final class ProbeRules {
  private static final List<String> HANDLERS = List.of("exec", "httpGet", "tcpSocket", "grpc");

  private ProbeRules() {}

  static void check(String path, JsonNode container, Findings findings) {
    for (String name : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
      JsonNode probe = container.path(name);
      if (probe.isObject()) {
        String at = FieldPath.child(path, name);
        handler(at, probe, findings);
        command(at, probe.path("exec"), findings);
        port(at + ".httpGet.port", probe.path("httpGet").path("port"), container, findings);
        port(at + ".tcpSocket.port", probe.path("tcpSocket").path("port"), container, findings);
        if (!name.equals("readinessProbe")) {
          once(at, probe.path("successThreshold"), findings);
        }
      }
    }
  }

  private static void handler(String path, JsonNode probe, Findings findings) {
    List<String> handlers = Findings.present(probe, HANDLERS);
    if (handlers.size() != 1) {
      findings.add(
          path,
          handlers.isEmpty() ? FieldError.Type.REQUIRED : FieldError.Type.FORBIDDEN,
          "expected exactly one of exec, httpGet, tcpSocket; found "
              + (handlers.isEmpty() ? "none" : String.join(", ", handlers)));
    } else if (handlers.getFirst().equals("grpc")) {
      findings.add(
          path + ".grpc",
          FieldError.Type.NOT_SUPPORTED,
          "gRPC probes are not supported: use exec, httpGet or tcpSocket");
    }
  }

  private static void command(String path, JsonNode exec, Findings findings) {
    if (exec.isObject() && exec.path("command").isEmpty()) {
      findings.add(
          path + ".exec.command",
          FieldError.Type.REQUIRED,
          "required field is missing; give it a list: program and arguments");
    }
  }

  private static void port(String path, JsonNode port, JsonNode container, Findings findings) {
    if (port.isIntegralNumber() && (port.longValue() < 1 || port.longValue() > 65535)) {
      findings.invalid(path, port.asText(), "1 to 65535");
    }
    if (port.isTextual()) {
      List<String> names =
          container
              .path("ports")
              .valueStream()
              .map(p -> p.path("name").asText())
              .filter(n -> !n.isEmpty())
              .toList();
      if (!names.contains(port.textValue())) {
        String known = names.isEmpty() ? "of which there is none" : String.join(", ", names);
        findings.invalid(
            path,
            port.textValue(),
            "a number, or the name of one of the container's ports: " + known);
      }
    }
  }

  private static void once(String path, JsonNode threshold, Findings findings) {
    if (threshold.isIntegralNumber() && threshold.longValue() != 1) {
      findings.invalid(
          path + ".successThreshold",
          threshold.asText(),
          "1: only a readiness probe can ask for several successes");
    }
  }
}
