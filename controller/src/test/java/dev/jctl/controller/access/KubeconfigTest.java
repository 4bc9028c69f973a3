package dev.jctl.controller.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Instant;
import java.util.Base64;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KubeconfigTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir Path directory;

  /** The official client for Java fails at a key without its public half. */
  @Test
  void itsKeyIsReadByBouncyCastleAsAPair() throws IOException, CertificateException {
    CertificateAuthority authority = CertificateAuthority.open(directory.resolve("pki"), NOW);
    Path file = directory.resolve("kubeconfig");
    Kubeconfig.ensure(file, "127.0.0.1:7443", authority, NOW);
    KeyPair keys;
    try (PEMParser key = new PEMParser(new StringReader(data(file, "client-key-data")))) {
      keys = new JcaPEMKeyConverter().getKeyPair((PEMKeyPair) key.readObject());
    }
    assertThat(keys.getPublic())
        .isEqualTo(certificate(data(file, "client-certificate-data")).getPublicKey());
  }

  private static Certificate certificate(String pem) throws CertificateException {
    return CertificateFactory.getInstance("X.509")
        .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
  }

  private static String data(Path file, String name) throws IOException {
    String line =
        Files.readAllLines(file).stream()
            .filter(l -> l.strip().startsWith(name + ": "))
            .findFirst()
            .orElseThrow();
    byte[] text = Base64.getDecoder().decode(line.substring(line.indexOf(": ") + 2));
    return new String(text, StandardCharsets.UTF_8);
  }
}
