package dev.jctl.images.store;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jctl.images.reference.Digest;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Signs as cosign does, with keys that are made here. SIGNATURE_SPEC.md of cosign. */
final class Cosign {
  static final String ISSUER = "https://accounts.example";

  /** What was signed, and the annotations of its descriptor. */
  static final class Signed {
    final byte[] payload;
    final Map<String, String> annotations;

    private Signed(byte[] payload, Map<String, String> annotations) {
      this.payload = payload;
      this.annotations = annotations;
    }
  }

  private Cosign() {}

  static KeyPair key(String algorithm) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    if (!algorithm.equals("Ed25519")) {
      generator.initialize(algorithm.equals("EC") ? 256 : 2048);
    }
    return generator.generateKeyPair();
  }

  static String pem(KeyPair key) {
    return pem("PUBLIC KEY", key.getPublic().getEncoded());
  }

  static String pem(X509Certificate certificate) throws GeneralSecurityException {
    return pem("CERTIFICATE", certificate.getEncoded());
  }

  private static String pem(String type, byte[] content) {
    return "-----BEGIN %s-----\n%s\n-----END %1$s-----\n"
        .formatted(type, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content));
  }

  static byte[] payload(String repository, Digest manifest) {
    return """
        {"critical":{"identity":{"docker-reference":"%s"},"image":{"docker-manifest-digest":"%s"},\
        "type":"cosign container image signature"},"optional":null}"""
        .formatted(repository, manifest)
        .getBytes(UTF_8);
  }

  static byte[] sign(KeyPair key, byte[] content) throws GeneralSecurityException {
    String algorithm =
        switch (key.getPrivate().getAlgorithm()) {
          case "EC" -> "SHA256withECDSA";
          case "RSA" -> "SHA256withRSA";
          default -> "Ed25519";
        };
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(key.getPrivate());
    signature.update(content);
    return signature.sign();
  }

  static String base64(byte[] content) {
    return Base64.getEncoder().encodeToString(content);
  }

  static Signed byKey(KeyPair key, byte[] payload) throws GeneralSecurityException {
    return new Signed(
        payload, Map.of("dev.cosignproject.cosign/signature", base64(sign(key, payload))));
  }

  /** What a keyless signature is made with: Fulcio's root, Rekor's key. */
  record Authorities(KeyPair rootKey, X509Certificate root, KeyPair log) {
    static Authorities make() throws Exception {
      KeyPair rootKey = key("EC");
      Instant now = Instant.now();
      JcaX509v3CertificateBuilder builder =
          builder("CN=fulcio", "CN=fulcio", rootKey, now.minusSeconds(1000), 100_000);
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
      return new Authorities(rootKey, signed(builder, rootKey), key("EC"));
    }

    /** Signed at that time with a certificate that lives for ten minutes from {@code from} on. */
    Signed sign(byte[] payload, String subject, Instant from, Instant at) throws Exception {
      KeyPair key = key("EC");
      JcaX509v3CertificateBuilder builder = builder("CN=fulcio", "", key, from, 600);
      builder.addExtension(
          Extension.subjectAlternativeName,
          true,
          new GeneralNames(new GeneralName(GeneralName.rfc822Name, subject)));
      builder.addExtension(
          Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_codeSigning));
      builder.addExtension(
          new ASN1ObjectIdentifier("1.3.6.1.4.1.57264.1.8"), false, new DERUTF8String(ISSUER));
      String certificate = pem(signed(builder, rootKey));
      byte[] signature = Cosign.sign(key, payload);
      Map<String, String> annotations = new LinkedHashMap<>();
      annotations.put("dev.cosignproject.cosign/signature", base64(signature));
      annotations.put("dev.sigstore.cosign/certificate", certificate);
      annotations.put("dev.sigstore.cosign/chain", pem(root));
      annotations.put("dev.sigstore.cosign/bundle", bundle(payload, signature, certificate, at));
      return new Signed(payload, annotations);
    }

    private String bundle(byte[] payload, byte[] signature, String certificate, Instant at)
        throws GeneralSecurityException {
      String body =
          base64(
              """
              {"apiVersion":"0.0.1","kind":"hashedrekord","spec":{"data":{"hash":{"algorithm":\
              "sha256","value":"%s"}},"signature":{"content":"%s","publicKey":{"content":"%s"}}}}"""
                  .formatted(
                      Digest.of(payload).hex(),
                      base64(signature),
                      base64(certificate.getBytes(US_ASCII)))
                  .getBytes(UTF_8));
      String entry =
          "{\"body\":\"%s\",\"integratedTime\":%d,\"logID\":\"c0ffee\",\"logIndex\":7}"
              .formatted(body, at.getEpochSecond());
      return "{\"SignedEntryTimestamp\":\"%s\",\"Payload\":%s}"
          .formatted(base64(Cosign.sign(log, entry.getBytes(UTF_8))), entry);
    }
  }

  private static JcaX509v3CertificateBuilder builder(
      String issuer, String subject, KeyPair key, Instant from, long seconds) {
    return new JcaX509v3CertificateBuilder(
        new X500Principal(issuer),
        BigInteger.valueOf(from.getEpochSecond()),
        Date.from(from),
        Date.from(from.plusSeconds(seconds)),
        new X500Principal(subject),
        key.getPublic());
  }

  private static X509Certificate signed(JcaX509v3CertificateBuilder builder, KeyPair by)
      throws Exception {
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(by.getPrivate())));
  }
}
