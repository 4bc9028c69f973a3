package dev.jctl.controller.access;

import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;

/** A private key and the certificate of its public half. */
public record KeyPairAndCertificate(PrivateKey key, X509Certificate certificate) {
  /** PKCS 8 in PEM. */
  String keyPem() {
    return Pem.encode("PRIVATE KEY", key.getEncoded());
  }

  String certificatePem() {
    try {
      return Pem.encode("CERTIFICATE", certificate.getEncoded());
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException(e);
    }
  }
}
