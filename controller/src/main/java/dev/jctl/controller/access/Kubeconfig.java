package dev.jctl.controller.access;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;

/**
 * The file with which a Kubernetes client reaches this controller as an administrator
 * (kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig). Made when absent,
 * and anew when the address or the authority has changed; what a user adds to it otherwise stays.
 */
public final class Kubeconfig {
  private static final String ADMIN = "jctl-admin";

  private Kubeconfig() {}

  /**
   * @param address host:port
   */
  public static void ensure(Path file, String address, CertificateAuthority authority, Instant now)
      throws IOException {
    String server = "server: https://" + address;
    String trust = "certificate-authority-data: " + base64(authority.certificatePem());
    if (Files.exists(file)) {
      String present = Files.readString(file);
      if (present.lines().anyMatch(l -> l.strip().equals(server)) && present.contains(trust)) {
        return;
      }
    }
    KeyPairAndCertificate admin = authority.issueClient(ADMIN, List.of(Identity.MASTERS), now);
    PrivateFiles.write(file, text(server, trust, admin));
  }

  private static String text(String server, String trust, KeyPairAndCertificate admin) {
    return """
        apiVersion: v1
        kind: Config
        current-context: jctl
        clusters:
        - name: jctl
          cluster:
            %s
            %s
        contexts:
        - name: jctl
          context:
            cluster: jctl
            user: jctl-admin
        users:
        - name: jctl-admin
          user:
            client-certificate-data: %s
            client-key-data: %s
        """
        .formatted(server, trust, base64(admin.certificatePem()), base64(admin.clientKeyPem()));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
