package dev.jctl.images.trust;

import dev.jctl.images.oci.JsonCursor;
import dev.jctl.images.reference.Digest;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * What a log has of a signature: what it is of, by hash, itself, and the certificate of its key.
 *
 * @see <a href="https://github.com/sigstore/rekor/tree/main/pkg/types">types of Rekor</a>, and <a
 *     href="https://github.com/sigstore/rekor-tiles/tree/main/api/proto/rekor/v2">of its second
 *     version</a>
 */
record LogBody(JsonCursor root) {
  private static final String OF_CONTENT = "hashedrekord 0.0.1";
  private static final String OF_ENVELOPE = "dsse 0.0.1";
  private static final String OF_CONTENT_2 = "hashedrekord 0.0.2";
  private static final String OF_ENVELOPE_2 = "dsse 0.0.2";

  static LogBody parse(byte[] json) {
    return new LogBody(JsonCursor.parse("log entry", json));
  }

  /** Whether it is of that signature. */
  void isOf(byte[] content, byte[] signature, X509Certificate certificate) throws Refused {
    Logged logged =
        switch (kind()) {
          case OF_CONTENT -> ofContent();
          case OF_CONTENT_2 -> ofContent2();
          default -> throw new Refused("its log entry is of the kind " + kind());
        };
    logged.same(content, signature, certificate);
  }

  /**
   * Whether it is of the signature of a DSSE envelope.
   *
   * @param payload of it
   * @param encoded the same as it is signed
   */
  void isOfEnvelope(byte[] payload, byte[] encoded, byte[] signature, X509Certificate certificate)
      throws Refused {
    switch (kind()) {
      case OF_ENVELOPE -> ofEnvelope().same(payload, signature, certificate);
      case OF_ENVELOPE_2 -> ofEnvelope2().same(payload, signature, certificate);
      default -> isOf(encoded, signature, certificate);
    }
  }

  private String kind() {
    return root.required("kind").text() + " " + root.required("apiVersion").text();
  }

  private Logged ofContent() throws Refused {
    JsonCursor signature = root.required("spec").required("signature");
    return new Logged(
        root.required("spec").required("data").required("hash").required("value").text(),
        signature.required("content").text(),
        signature.required("publicKey").required("content").text());
  }

  private Logged ofEnvelope() throws Refused {
    JsonCursor signature = first(root.required("spec").required("signatures"));
    return new Logged(
        root.required("spec").required("payloadHash").required("value").text(),
        signature.required("signature").text(),
        signature.required("verifier").text());
  }

  private Logged ofContent2() throws Refused {
    JsonCursor spec = root.required("spec").required("hashedRekordV002");
    return ofVersion2(spec.required("data"), spec.required("signature"));
  }

  private Logged ofEnvelope2() throws Refused {
    JsonCursor spec = root.required("spec").required("dsseV002");
    return ofVersion2(spec.required("payloadHash"), first(spec.required("signatures")));
  }

  private static Logged ofVersion2(JsonCursor hash, JsonCursor signature) throws Refused {
    String algorithm = hash.required("algorithm").text();
    if (!algorithm.equals("SHA2_256")) {
      throw new Refused("its log entry has a hash of " + algorithm + ", not of SHA2_256");
    }
    JsonCursor certificate = signature.required("verifier").required("x509Certificate");
    return new Logged(
        HexFormat.of().formatHex(base64(hash.required("digest").text())),
        signature.required("content").text(),
        certificate.required("rawBytes").text());
  }

  private static JsonCursor first(JsonCursor signatures) throws Refused {
    List<JsonCursor> all = signatures.elements();
    if (all.isEmpty()) {
      throw new Refused("its log entry has no signature");
    }
    return all.getFirst();
  }

  private static byte[] base64(String text) {
    return Base64.getDecoder().decode(text);
  }

  /**
   * @param sha256 in hex
   * @param signature in base64
   * @param certificate DER or PEM, in base64
   */
  private record Logged(String sha256, String signature, String certificate) {
    void same(byte[] content, byte[] made, X509Certificate by) throws Refused {
      try {
        var logged =
            CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(base64(certificate)));
        if (!sha256.equals(Digest.of(content).hex())
            || !Arrays.equals(base64(signature), made)
            || !by.equals(logged)) {
          throw new Refused("its log entry is another signature's");
        }
      } catch (CertificateException e) {
        throw new Refused("the certificate in its log entry cannot be read: " + e.getMessage());
      }
    }
  }
}
