package dev.jctl.controller.access;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Where containers reach the API.
 *
 * @param service address of the Service {@code kubernetes}, which leads there
 * @param host literal address of the machine on which it listens
 */
public record ApiAddress(String service, String host, int port) {
  /** Of the Service, as with Kubernetes. */
  public static final int SERVICE_PORT = 443;

  private static final List<String> NAMES =
      List.of(
          "kubernetes",
          "kubernetes.default",
          "kubernetes.default.svc",
          "kubernetes.default.svc.cluster.local");

  /** What clients in containers know the server by, whose Service has that address. */
  public static List<CertificateAuthority.Host> hosts(String service) {
    return Stream.concat(
            Stream.of(new CertificateAuthority.Host(service, true)),
            NAMES.stream().map(name -> new CertificateAuthority.Host(name, false)))
        .toList();
  }

  /** By what client libraries find it from a network of containers. */
  public Map<String, String> variables() {
    return variables(service, SERVICE_PORT);
  }

  /** The same from the machine's own network. */
  public Map<String, String> variablesOfMachine() {
    return variables(host, port);
  }

  private static Map<String, String> variables(String host, int port) {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("KUBERNETES_SERVICE_HOST", host);
    variables.put("KUBERNETES_SERVICE_PORT", Integer.toString(port));
    variables.put("KUBERNETES_SERVICE_PORT_HTTPS", Integer.toString(port));
    return variables;
  }
}
