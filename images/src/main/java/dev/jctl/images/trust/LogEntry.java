package dev.jctl.images.trust;

import dev.jctl.images.oci.JsonCursor;
import dev.jctl.images.reference.Digest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * What a transparency log has promised to keep: that a signature was there at a time.
 *
 * @see <a href="https://docs.sigstore.dev/logging/overview/">Rekor, signed entry timestamps</a>
 */
record LogEntry(JsonCursor body, Instant time) {
  /**
   * @param bundle as cosign annotates it
   */
  static LogEntry parse(String bundle, PublicKey log) throws Refused {
    JsonCursor root = JsonCursor.parse("bundle", bundle.getBytes(StandardCharsets.UTF_8));
    JsonCursor payload = root.required("Payload");
    return promised(
        payload.required("body").text(),
        payload.required("integratedTime").size(),
        payload.required("logID").text(),
        payload.required("logIndex").size(),
        root.required("SignedEntryTimestamp").text(),
        log);
  }

  /**
   * @param entry of a Sigstore bundle, whose numbers are texts
   */
  static LogEntry ofBundle(JsonCursor entry, PublicKey log) throws Refused {
    JsonCursor promise =
        entry
            .field("inclusionPromise")
            .orElseThrow(
                () -> new Refused("its log entry has no signed entry timestamp, only a proof"));
    return promised(
        entry.required("canonicalizedBody").text(),
        Long.parseLong(entry.required("integratedTime").text()),
        HexFormat.of()
            .formatHex(
                Base64.getDecoder().decode(entry.required("logId").required("keyId").text())),
        Long.parseLong(entry.required("logIndex").text()),
        promise.required("signedEntryTimestamp").text(),
        log);
  }

  private static LogEntry promised(
      String body, long seconds, String logId, long logIndex, String promise, PublicKey log)
      throws Refused {
    // RFC 8785: names in order, no space; neither base64 nor hex needs an escape
    String canonical =
        "{\"body\":\"%s\",\"integratedTime\":%d,\"logID\":\"%s\",\"logIndex\":%d}"
            .formatted(body, seconds, logId, logIndex);
    if (!SignatureForm.verifies(
        log, canonical.getBytes(StandardCharsets.UTF_8), Base64.getDecoder().decode(promise))) {
      throw new Refused("the policy's log has not promised to keep it");
    }
    return new LogEntry(
        JsonCursor.parse("log entry", Base64.getDecoder().decode(body)),
        Instant.ofEpochSecond(seconds));
  }

  /** Of kind hashedrekord. */
  void isOf(byte[] content, byte[] signature, X509Certificate certificate) throws Refused {
    JsonCursor spec = body.required("spec");
    JsonCursor signed = spec.required("signature");
    same(
        spec.required("data").required("hash").required("value").text(),
        content,
        signed.required("content").text(),
        signature,
        signed.required("publicKey").required("content").text(),
        certificate);
  }

  /**
   * Of kind dsse.
   *
   * @param payload of the envelope
   */
  void isOfEnvelope(byte[] payload, byte[] signature, X509Certificate certificate) throws Refused {
    JsonCursor spec = body.required("spec");
    JsonCursor signed =
        spec.required("signatures").elements().stream()
            .findFirst()
            .orElseThrow(() -> new Refused("its log entry has no signature"));
    same(
        spec.required("payloadHash").required("value").text(),
        payload,
        signed.required("signature").text(),
        signature,
        signed.required("verifier").text(),
        certificate);
  }

  private static void same(
      String hash,
      byte[] content,
      String logged,
      byte[] signature,
      String pem,
      X509Certificate certificate)
      throws Refused {
    String key = new String(Base64.getDecoder().decode(pem), StandardCharsets.US_ASCII);
    try {
      if (!hash.equals(Digest.of(content).hex())
          || !Arrays.equals(Base64.getDecoder().decode(logged), signature)
          || !Pem.certificates(key).contains(certificate)) {
        throw new Refused("its log entry is another signature's");
      }
    } catch (GeneralSecurityException e) {
      throw new Refused("the certificate in its log entry cannot be read: " + e.getMessage());
    }
  }
}
