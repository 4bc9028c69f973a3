package dev.jctl.images.store;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jctl.images.reference.Digest;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
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

  /** What was signed or says so itself, and the annotations of its descriptor. */
  static final class Signed {
    final String mediaType;
    final byte[] payload;
    final Map<String, String> annotations;

    private Signed(byte[] payload, Map<String, String> annotations) {
      this("application/vnd.dev.cosign.simplesigning.v1+json", payload, annotations);
    }

    private Signed(String mediaType, byte[] payload, Map<String, String> annotations) {
      this.mediaType = mediaType;
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

  // --- bundles: BUNDLE_SPEC.md of cosign

  static final String SIGN = "https://sigstore.dev/cosign/sign/v1";

  private static byte[] statement(Digest manifest, String predicate) {
    return """
        {"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"%s"}}],        "predicateType":"%s","predicate":{}}"""
        .formatted(manifest.hex(), predicate)
        .getBytes(UTF_8);
  }

  /** What is signed of it: DSSE protocol. */
  private static byte[] encoded(byte[] statement) {
    String type = "application/vnd.in-toto+json";
    String head = "DSSEv1 " + type.length() + " " + type + " " + statement.length + " ";
    return (head + new String(statement, UTF_8)).getBytes(UTF_8);
  }

  private static Signed bundle(String material, byte[] statement, byte[] signature) {
    String type = "application/vnd.dev.sigstore.bundle.v0.3+json";
    String text =
        """
        {"mediaType":"%s","verificationMaterial":{%s},"dsseEnvelope":{"payload":"%s",        "payloadType":"application/vnd.in-toto+json","signatures":[{"sig":"%s"}]}}"""
            .formatted(type, material, base64(statement), base64(signature));
    return new Signed(type, text.getBytes(UTF_8), Map.of());
  }

  static Signed bundleByKey(KeyPair key, Digest manifest, String predicate)
      throws GeneralSecurityException {
    byte[] statement = statement(manifest, predicate);
    return bundle("\"publicKey\":{\"hint\":\"\"}", statement, sign(key, encoded(statement)));
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

    /** A bundle whose certificate has a timestamp of that log of certificates. */
    Signed bundle(Digest manifest, String subject, Instant from, KeyPair certificateLog)
        throws Exception {
      KeyPair key = key("EC");
      JcaX509v3CertificateBuilder builder = certificate(key, subject, from);
      byte[] list = timestamps(builder, certificateLog);
      builder.addExtension(
          new ASN1ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2"), false, new DEROctetString(list));
      X509Certificate certificate = signed(builder, rootKey);
      byte[] statement = statement(manifest, SIGN);
      byte[] signature = Cosign.sign(key, encoded(statement));
      String body =
          base64(
              """
              {"apiVersion":"0.0.1","kind":"dsse","spec":{"payloadHash":{"algorithm":"sha256",              "value":"%s"},"signatures":[{"signature":"%s","verifier":"%s"}]}}"""
                  .formatted(
                      Digest.of(statement).hex(),
                      base64(signature),
                      base64(pem(certificate).getBytes(US_ASCII)))
                  .getBytes(UTF_8));
      long at = from.plusSeconds(10).getEpochSecond();
      String entry =
          "{\"body\":\"%s\",\"integratedTime\":%d,\"logID\":\"c0ffee\",\"logIndex\":7}"
              .formatted(body, at);
      String material =
          """
          "certificate":{"rawBytes":"%s"},"tlogEntries":[{"logIndex":"7","logId":{"keyId":"%s"},          "kindVersion":{"kind":"dsse","version":"0.0.1"},"integratedTime":"%d",          "inclusionPromise":{"signedEntryTimestamp":"%s"},"canonicalizedBody":"%s"}]"""
              .formatted(
                  base64(certificate.getEncoded()),
                  base64(HexFormat.of().parseHex("c0ffee")),
                  at,
                  base64(Cosign.sign(log, entry.getBytes(UTF_8))),
                  body);
      return Cosign.bundle(material, statement, signature);
    }

    /** What says when a signature was made. */
    interface Stamps {
      List<byte[]> of(byte[] signature) throws Exception;
    }

    /** The kinds of entries that a bundle may have in Rekor's second version. */
    enum Proved {
      CONTENT,
      ENVELOPE
    }

    /** A bundle with a proof and timestamps for the log's promise. */
    Signed bundle(Digest manifest, Instant from, ProvingLog proving, Proved kind, Stamps stamps)
        throws Exception {
      KeyPair key = key("EC");
      X509Certificate certificate = signed(certificate(key, "ci@example.com", from), rootKey);
      byte[] statement = statement(manifest, SIGN);
      byte[] signature = Cosign.sign(key, encoded(statement));
      String signed =
          """
          {"content":"%s","verifier":{"keyDetails":"PKIX_ECDSA_P256_SHA_256",\
          "x509Certificate":{"rawBytes":"%s"}}}"""
              .formatted(base64(signature), base64(certificate.getEncoded()));
      String hash = "{\"algorithm\":\"SHA2_256\",\"digest\":\"%s\"}";
      String body =
          switch (kind) {
            case CONTENT ->
                """
                {"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":{"data":%s,\
                "signature":%s}}}"""
                    .formatted(hash.formatted(base64(sha256(encoded(statement)))), signed);
            case ENVELOPE ->
                """
                {"apiVersion":"0.0.2","kind":"dsse","spec":{"dsseV002":{"payloadHash":%s,\
                "signatures":[%s]}}}"""
                    .formatted(hash.formatted(base64(sha256(statement))), signed);
          };
      String stamped =
          stamps.of(signature).stream()
              .map(stamp -> "{\"signedTimestamp\":\"" + base64(stamp) + "\"}")
              .collect(Collectors.joining(","));
      String material =
          """
          "certificate":{"rawBytes":"%s"},"tlogEntries":[%s],\
          "timestampVerificationData":{"rfc3161Timestamps":[%s]}"""
              .formatted(base64(certificate.getEncoded()), proving.entry(body), stamped);
      return Cosign.bundle(material, statement, signature);
    }

    /** RFC 6962, 3.2 and 3.3. */
    private byte[] timestamps(JcaX509v3CertificateBuilder builder, KeyPair certificateLog)
        throws Exception {
      byte[] precertificate =
          builder
              .build(new JcaContentSignerBuilder("SHA256withECDSA").build(rootKey.getPrivate()))
              .toASN1Structure()
              .getTBSCertificate()
              .getEncoded();
      ByteArrayOutputStream promised = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(promised);
      out.writeShort(0);
      out.writeLong(1234);
      out.writeShort(1);
      out.write(sha256(root.getPublicKey().getEncoded()));
      out.writeByte(precertificate.length >> 16);
      out.writeShort(precertificate.length);
      out.write(precertificate);
      out.writeShort(0);
      byte[] signature = Cosign.sign(certificateLog, promised.toByteArray());
      ByteArrayOutputStream list = new ByteArrayOutputStream();
      out = new DataOutputStream(list);
      int size = 1 + 32 + 8 + 2 + 2 + 2 + signature.length;
      out.writeShort(size + 2);
      out.writeShort(size);
      out.writeByte(0);
      out.write(sha256(certificateLog.getPublic().getEncoded()));
      out.writeLong(1234);
      out.writeShort(0);
      out.writeShort(0x0403);
      out.writeShort(signature.length);
      out.write(signature);
      return list.toByteArray();
    }

    private static byte[] sha256(byte[] content) {
      return HexFormat.of().parseHex(Digest.of(content).hex());
    }

    private static JcaX509v3CertificateBuilder certificate(
        KeyPair key, String subject, Instant from) throws Exception {
      JcaX509v3CertificateBuilder builder = builder("CN=fulcio", "", key, from, 600);
      builder.addExtension(
          Extension.subjectAlternativeName,
          true,
          new GeneralNames(new GeneralName(GeneralName.rfc822Name, subject)));
      builder.addExtension(
          Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_codeSigning));
      builder.addExtension(
          new ASN1ObjectIdentifier("1.3.6.1.4.1.57264.1.8"), false, new DERUTF8String(ISSUER));
      return builder;
    }

    /** Signed at that time with a certificate that lives for ten minutes from {@code from} on. */
    Signed sign(byte[] payload, String subject, Instant from, Instant at) throws Exception {
      KeyPair key = key("EC");
      JcaX509v3CertificateBuilder builder = certificate(key, subject, from);
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

  static JcaX509v3CertificateBuilder builder(
      String issuer, String subject, KeyPair key, Instant from, long seconds) {
    return new JcaX509v3CertificateBuilder(
        new X500Principal(issuer),
        BigInteger.valueOf(from.getEpochSecond()),
        Date.from(from),
        Date.from(from.plusSeconds(seconds)),
        new X500Principal(subject),
        key.getPublic());
  }

  static X509Certificate signed(JcaX509v3CertificateBuilder builder, KeyPair by) throws Exception {
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(by.getPrivate())));
  }
}
