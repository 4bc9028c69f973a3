package dev.jctl.controller.access;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/** A private key and the certificate of its public half. */
public record KeyPairAndCertificate(PrivateKey key, X509Certificate certificate) {
  /** PKCS 8 in PEM. */
  String keyPem() {
    return Pem.encode("PRIVATE KEY", key.getEncoded());
  }

  /**
   * SEC 1 in PEM, with the name of the curve and the public half (RFC 5915): the form that all
   * clients can read. The official one for Java wants what there is optional.
   */
  String clientKeyPem() {
    ECPrivateKey ec = (ECPrivateKey) key;
    ASN1BitString publicHalf =
        SubjectPublicKeyInfo.getInstance(certificate.getPublicKey().getEncoded())
            .getPublicKeyData();
    try {
      return Pem.encode(
          "EC PRIVATE KEY",
          new org.bouncycastle.asn1.sec.ECPrivateKey(
                  ec.getParams().getOrder().bitLength(),
                  ec.getS(),
                  publicHalf,
                  SECObjectIdentifiers.secp256r1)
              .getEncoded());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String certificatePem() {
    try {
      return Pem.encode("CERTIFICATE", certificate.getEncoded());
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException(e);
    }
  }
}
